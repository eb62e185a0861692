"""What the codes of a conference say."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

WORDS = {
    "answer_required": _("请选择：参加、可能参加或不参加。"),
    "chair_is_replaced": _("主席不能直接撤下，请在“修改会议”中改选主席。"),
    "chair_not_of_team": _("请从本团队名单中选择主席。"),
    "conference_minutes": _("会议时长应在10分钟至8小时之间。"),
    "conference_not_open_to_answers": _("会议已开始或已结束，不能再答复。"),
    "conference_not_scheduled": _("会议已开始、结束或取消，议程和时间不能再改。"),
    "conference_over": _("会议已结束或取消，不能再邀请。"),
    "conference_transition": _("会议当前的状态不允许这一步，请刷新页面。"),
    "identity_unconfirmed": _(
        "影像中有 %(count)s 人与病例的患者信息不一致，须由申请医院的医师确认或划除后才能列入。"
    ),
    "link_not_web": _("请填写以 https:// 开头的网址。"),
    "listing_blocked": _("该病例还有 %(count)s 项必备资料缺失。请先补齐，或选择原因后列入。"),
    "not_a_choice": _("所选内容不在列表中，请重新选择。"),
    "not_an_observer": _("请从名单中选择旁听人员。"),
    "not_of_roster": _("所选人员不在本团队名单中。"),
    "not_on_agenda": _("议程已变化，请刷新页面后再排序。"),
    "out_of_range": _("时长应在1至180分钟之间。"),
    "presenter_not_of_hospital": _("汇报人须是病例所在医院的医师。"),
    "starts_in_past": _("开始时间已过，请改为以后的时间。"),
    "pictures_changed": _("病例的影像有变化，请刷新后重新准备。"),
    "too_long": _("文字过长，请精简。"),
}

#: What an invited person has said.
ANSWERS = {
    "accepted": _("参加"),
    "declined": _("不参加"),
    "pending": _("未答复"),
    "tentative": _("可能参加"),
}
ANSWER_TONES = {"accepted": "ok", "declined": "stop", "pending": "wait", "tentative": "info"}

#: Seats at a conference.
SEATS = {
    "chair": _("主席"),
    "coordinator": _("秘书"),
    "expert": _("专家"),
    "observer": _("旁听"),
    "presenter": _("汇报"),
    "recorder": _("记录"),
}

#: The quorum to be expected; the light's colour beside the words.
OUTLOOKS = {
    "met": ("ok", _("法定学科已确认到齐")),
    "possible": ("wait", _("待答复后可到齐")),
    "short": ("stop", _("学科不足")),
}

#: How the discussion of an item went.
ITEM_STATES = {
    "concluded": _("已讨论"),
    "deferred": lazy_pgettext("state", "缓议"),
    "discussing": _("讨论中"),
    "undiscussed": _("未讨论，已退回队列"),
    "waiting": _("待讨论"),
}
ITEM_TONES = {
    "concluded": "ok",
    "deferred": "wait",
    "discussing": "live",
    "undiscussed": "neutral",
    "waiting": "neutral",
}
