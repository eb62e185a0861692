"""What notices say. Numbers, days and times only; nothing clinical."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from flask_babel import format_datetime, get_locale, gettext
from flask_babel import lazy_gettext as _

#: One sentence for each kind. ``number`` is the case's, ``conference`` the conference's.
NOTICES: dict[str, Any] = {
    "case_accepted": _("病例 %(number)s 已受理，等待排期。"),
    "case_conference_cancelled": _(
        "原定 %(starts_at)s 的会议 %(conference)s 已取消：%(reason)s。"
        "病例 %(number)s 已退回待排期。"
    ),
    "case_declined": _("病例 %(number)s 未被受理，请查看原因。"),
    "case_deferred": _("病例 %(number)s 已缓议，请查看原因。"),
    "case_put_back": _("病例 %(number)s 未在会议 %(conference)s 讨论，已退回待排期。"),
    "case_returned": _("病例 %(number)s 被退回补正，请查看原因和期限。"),
    "case_scheduled": _("病例 %(number)s 已排入 %(starts_at)s 的会议 %(conference)s，请准备汇报。"),
    "case_withdrawn": _("病例 %(number)s 已由申请医院撤回。"),
    "conference_cancelled": _("原定 %(starts_at)s 的会议 %(conference)s 已取消：%(reason)s。"),
    "conference_changed": _("会议 %(conference)s 的地点或链接已更改，时间仍为 %(starts_at)s。"),
    "conference_invited": _("邀请您参加 %(starts_at)s 的会议 %(conference)s。"),
    "conference_moved": _("会议 %(conference)s 已从 %(before)s 改到 %(starts_at)s，请重新答复。"),
    "invitation_withdrawn": _("会议 %(conference)s 不再邀请您参加。"),
    "plan_amended": _("病例 %(number)s 的意见书已有补充修订，请重新确认是否采纳。"),
    "plan_dissented": _(
        "病例 %(number)s 的意见书在签署中有签名人提出不同意见，已退回修改，请处理后重新发出签署。"
    ),
    "plan_signature_owed": _("病例 %(number)s 的意见书待您签名。"),
    "plan_signed": _("病例 %(number)s 的意见书已签署完成。"),
    "plan_taken_back": _(
        "病例 %(number)s 的意见书已退回修改，您的签名随该稿作废，定稿后请重新签名。"
    ),
}
_MOMENTS = ("starts_at", "before")
_DAYS = ("due_on",)


class _Notice(Protocol):
    """The row as far as its sentence asks."""

    id: int
    kind: str
    case_id: int | None
    conference_id: int | None
    details: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class NoticeLine:
    """A notice in words, and the page that it leads to."""

    id: int
    text: str
    url: str
    at: datetime


def notice_line(notice: _Notice) -> NoticeLine:
    """A row as it stands on the worklist."""
    return NoticeLine(notice.id, notice_text(notice.kind, notice.details), _url(notice), notice.at)


def notice_text(kind: str, details: dict[str, Any]) -> str:
    """The sentence of a notice; a general one where words or a detail are missing."""
    found = NOTICES.get(kind)
    if found is None:
        return gettext("有一条与您有关的更新。")
    if kind == "conference_cancelled" and "reason" not in details:
        found = _("原定 %(starts_at)s 的会议 %(conference)s 已取消。")
    try:
        return str(found) % {name: _shown(name, value) for name, value in details.items()}
    except (KeyError, ValueError):
        return gettext("有一条与您有关的更新。")


def _shown(name: str, value: Any) -> str:
    if name in _MOMENTS and value:
        english = str(get_locale()) == "en"
        pattern = "EEE d MMM, HH:mm" if english else "M月d日 EEE HH:mm"
        return format_datetime(datetime.fromisoformat(str(value)), pattern)
    if name in _DAYS and value:
        return date.fromisoformat(str(value)).isoformat()
    return str(value)


def _url(notice: _Notice) -> str:
    if notice.conference_id is not None:
        return f"/conferences/{notice.conference_id}"
    if notice.case_id is None:
        return ""
    plan = "/plan" if notice.kind.startswith("plan_") else ""
    return f"/cases/{notice.case_id}{plan}"
