"""What the reading list says: kinds, how far a case was opened, and refusals."""

from flask_babel import lazy_gettext as _

from mdt.rules.reading import Opened, ReadingKind

WORDS = {
    "reading_over": _("诊疗意见书已签署，不能再写复阅意见。需要更正时请由主席建立补充修订。"),
    "reading_too_long": _("复阅意见最多1800字，请精简。"),
}

#: What is read, and what an opinion on it is called.
KINDS = {
    ReadingKind.IMAGING: _("影像复阅意见"),
    ReadingKind.PATHOLOGY: _("病理复阅意见"),
}
#: Words and tone.
OPENED = {
    Opened.NOT: (_("未打开"), "stop"),
    Opened.CASE: (_("看过病例，未阅片"), "wait"),
    Opened.READ: (_("已阅"), "ok"),
}
