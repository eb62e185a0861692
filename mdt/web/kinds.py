"""How documents are filed: the types that every form offers, and what a request says."""

from datetime import date

from flask import request
from flask_babel import lazy_gettext as _

from mdt.rules.content import document_types
from mdt.rules.document_kinds import offered_kinds
from mdt.rules.errors import Invalid
from mdt.services.file_intake import Description
from mdt.web.templating import label_of

_GROUPS = {
    "pathology": _("病理"),
    "imaging": _("影像"),
    "endoscopy": _("内镜"),
    "laboratory": _("检验"),
    "function": _("功能检查"),
    "treatment": _("治疗记录"),
    "consent": _("同意书"),
    "record": _("病历文书"),
}


def kind_choices() -> dict[str, list[tuple[str, str]]]:
    """Document types under the names of their groups."""
    offered = set(offered_kinds())
    found: dict[str, list[tuple[str, str]]] = {}
    for group, words in _GROUPS.items():
        rows = [one for one in document_types() if one.group == group and one.code in offered]
        found[str(words)] = [(one.code, label_of(one)) for one in rows]
    return found


def sent_description() -> Description:
    """What the request's form says of its documents; raise `Invalid` for no date."""
    day = request.form.get("dated_on", "")
    try:
        return Description(
            request.form.get("kind", ""),
            date.fromisoformat(day) if day else None,
            stain=request.form.get("stain", ""),
            block=request.form.get("block", ""),
        )
    except ValueError as error:
        raise Invalid({"dated_on": "unreadable_request"}) from error
