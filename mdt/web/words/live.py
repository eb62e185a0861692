"""What the codes of the live room say, and what to do about each."""

from flask_babel import lazy_gettext as _

WORDS = {
    "flag_required": _("请求无法读取，请刷新页面后重试。"),
    "item_already_on": _("这个病例已在讨论中。"),
    "item_transition": _("这个病例现在不能这样处理。页面已显示最新议程，请核对。"),
    "key_required": _("请求无法读取，请刷新页面后重试。"),
    "message_empty": _("请先输入内容。"),
    "message_too_long": _("内容过长，最多4000字，请分几次发送。"),
    "no_item_on": _("现在没有病例在讨论，请等主席开始下一个病例。"),
    "not_in_room": _("对方现在不在会议室，不能演示。"),
    "number_required": _("请求无法读取，请刷新页面后重试。"),
    "outcome_unknown": _("请选择讨论结果。"),
    "payload_unreadable": _("请求无法读取，请刷新页面后重试。"),
    "picture_unknown": _("没有找到这组影像，请刷新页面后重试。"),
    "room_closed": _("会议已结束，内容只能查看。"),
    "room_not_live": _("会议尚未开始或已经结束。"),
    "say_which_case": _("您有多个病例在议程中，请等主席开始其中一个，或在病例的讨论中发言。"),
    "signal_too_large": _("内容过长，未能同步。"),
    "signal_unknown": _("请求无法读取，请刷新页面后重试。"),
    "signal_unreadable": _("请求无法读取，请刷新页面后重试。"),
    "text_required": _("请求无法读取，请刷新页面后重试。"),
    "too_fast": _("操作过快，请稍候。"),
    "vote_unknown": _("请选择赞成、反对或弃权。"),
}
