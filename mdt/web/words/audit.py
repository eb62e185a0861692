"""What the audit page calls actions, objects and details."""

from flask_babel import lazy_gettext as _

WORDS = {
    "audit_days": _("结束日期早于开始日期。"),
    "audit_too_many": _("符合条件的记录超过%(most)s条，请缩小日期范围后再导出。"),
}
