"""What the codes of adoption and follow-up say."""

from flask_babel import lazy_gettext as _

WORDS = {
    "adopt_first": _("请先确认是否采纳意见书，再填写随访；已结案的病例不再填写。"),
    "after_report": _("死亡日期晚于随访日期，请核对。"),
    "already_adopted": _("对这一版意见书已经作出决定，不能重复。"),
    "before_opinion": _("随访日期早于意见书签署日期，请核对。"),
    "in_future": _("日期晚于今天，请核对。"),
    "not_after_report": _("下次随访日期应晚于本次随访日期。"),
    "not_expected": _("与其他所填内容不符，请清空此项。"),
    "step_reason_owed": _("有步骤未做或只做了一部分，请逐条选择原因。"),
    "out_of_range": _("超出范围，请核对。"),
}
