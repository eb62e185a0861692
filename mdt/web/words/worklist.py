"""What each kind of task says: what is to be done, the one next action, and where."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from mdt.rules.worklist import Band, Task, TaskKind

#: Headings of the worklist.
BANDS = {
    Band.LIVE: _("会议进行中或即将开始"),
    Band.OVERDUE: _("已逾期"),
    Band.NOW: _("现在"),
    Band.TODAY: _("今天"),
    Band.WEEK: _("一周内"),
    Band.LATER: _("以后"),
}


@dataclass(frozen=True)
class Line:
    """Words of one kind of task; ``{case}`` and ``{conference}`` in the address are numbers."""

    what: Any
    action: Any
    url: str


LINES: dict[TaskKind, Line] = {
    TaskKind.ADOPT: Line(_("意见已签署，请确认是否采纳"), _("确认采纳"), "/cases/{case}/plan"),
    TaskKind.ANSWER: Line(_("会议邀请待答复"), _("答复"), "/conferences/{conference}#answer"),
    TaskKind.APPROVE: Line(_("待院内审核"), _("审核"), "/cases/{case}"),
    TaskKind.ARRANGE: Line(_("会议尚未备齐"), _("查看议程"), "/conferences/{conference}"),
    TaskKind.ATTEND: Line(_("将参加的会议"), _("会前阅片"), "/conferences/{conference}"),
    TaskKind.COMPLETE_DRAFT: Line(_("草稿未提交"), _("继续填写"), "/cases/{case}/edit"),
    TaskKind.CONSENT_OWED: Line(_("同意书待补交"), _("补交"), "/cases/{case}/edit#consent"),
    TaskKind.CONTINUE_IMPORT: Line(
        _("上传的台账文件待核对或待确认导入"), _("继续"), "/registry/import"
    ),
    TaskKind.FOLLOW_UP: Line(_("随访待填报"), _("填写随访"), "/cases/{case}/follow-up"),
    TaskKind.IMPORT_REGISTER: Line(_("登记数据超过35天未更新"), _("导入登记"), "/registry/import"),
    TaskKind.IMPORT_RUNNING: Line(_("台账文件正在处理"), _("查看进度"), "/registry/import"),
    TaskKind.JOIN_LIVE: Line(_("会议进行中"), _("进入会议"), "/conferences/{conference}/live"),
    TaskKind.MANAGE_ACCOUNTS: Line(_("账号与登录"), _("打开"), "/admin/accounts"),
    TaskKind.MANAGE_PLACES: Line(_("机构、协议与团队"), _("打开"), "/admin"),
    TaskKind.NOT_DISCUSSED: Line(
        _("III期及以上、尚未讨论的患者"), _("查看名单"), "/registry/not-discussed"
    ),
    TaskKind.PRESENT: Line(_("将由您汇报的会议"), _("查看议程"), "/conferences/{conference}"),
    TaskKind.READ_CASES: Line(_("待复阅的病例"), _("阅片"), "/reading#conference-{conference}"),
    TaskKind.READ_AUDIT: Line(_("审计记录"), _("打开"), "/audit"),
    TaskKind.READ_REPORT: Line(_("MDT覆盖率报表"), _("查看报表"), "/reports/coverage"),
    TaskKind.RECONSIDER: Line(_("缓议病例到期，请复核"), _("复核"), "/triage/{case}"),
    TaskKind.RETURNED: Line(_("被退回补正"), _("补正"), "/cases/{case}/edit"),
    TaskKind.SCHEDULE: Line(_("已受理，待排期"), _("排期"), "/triage/{case}"),
    TaskKind.SIGN: Line(_("意见待您签署"), _("核对并签署"), "/cases/{case}/plan"),
    TaskKind.START_CONFERENCE: Line(
        _("会议时间已到，请开会"), _("去开会"), "/conferences/{conference}"
    ),
    TaskKind.TRIAGE: Line(_("新提交，待受理"), _("受理"), "/triage/{case}"),
    TaskKind.WRITE_PLAN: Line(_("已讨论，意见待整理"), _("写意见"), "/cases/{case}/plan"),
}


def url_of(task: Task) -> str:
    """Where the next action of a task is done."""
    return LINES[task.kind].url.format(case=task.case_id, conference=task.conference_id)
