"""Where a register file stands, in words: how far it has come, why it was given up."""

from flask_babel import format_datetime, gettext
from flask_babel import lazy_gettext as _

from mdt.queries.register_imports import ImportView
from mdt.rules.errors import Refused
from mdt.rules.registry.importing import ImportState
from mdt.web.messages import message_for

IMPORT_STATES = {
    ImportState.QUARANTINE: _("等待病毒检查"),
    ImportState.COLUMNS: _("待核对列"),
    ImportState.CHECKING: _("试读中"),
    ImportState.CHECKED: _("待确认导入"),
    ImportState.IMPORTING: _("导入中"),
    ImportState.DONE: _("已导入"),
    ImportState.CANCELLED: _("已取消"),
    ImportState.FAILED: _("未完成"),
}


def progress(view: ImportView) -> str:
    """How far the worker has come, or that none has begun."""
    if not view.at_work:
        return ""
    if view.waiting is not None:
        return _waiting(view)
    record = view.record
    if view.state is ImportState.CHECKING:
        return gettext(
            "已试读 %(handled)s 行，其中不能接收 %(refused)s 行。",
            handled=f"{record.handled:,}",
            refused=f"{record.refused:,}",
        )
    return gettext(
        "已写入 %(handled)s / %(total)s 行：接收 %(accepted)s 行，未变 %(unchanged)s 行，"
        "未接收 %(refused)s 行。",
        handled=f"{record.handled:,}",
        total=f"{record.total:,}",
        accepted=f"{record.accepted:,}",
        unchanged=f"{record.unchanged:,}",
        refused=f"{record.refused:,}",
    )


def _waiting(view: ImportView) -> str:
    waiting = view.waiting
    if waiting is None:
        return ""
    since = format_datetime(waiting.since, "HH:mm")
    if view.interrupted:
        return gettext(
            "导入在 %(since)s 中断。请重新发送这个文件，已写入的行不会重复。", since=since
        )
    if waiting.missing:
        return gettext(
            "自 %(since)s 起没有后台程序处理。文件已安全保存，后台程序启动后会自动继续；"
            "请联系系统管理员检查 mdt 的后台程序（worker）是否在运行。",
            since=since,
        )
    return gettext("自 %(since)s 起等待后台程序处理，请稍候。", since=since)


def failure(view: ImportView) -> str:
    """Why a file was given up, and what to do."""
    record = view.record
    if view.state is not ImportState.FAILED:
        return ""
    return message_for(Refused(record.error, **(record.error_details or {})))
