"""Words of reports: in which order their lines stand."""

from flask_babel import lazy_gettext as _

SORTS = {
    "code": _("按代码"),
    "-code": _("按代码，从后往前"),
    "rate": _("按讨论率，从低到高"),
    "-rate": _("按讨论率，从高到低"),
}
