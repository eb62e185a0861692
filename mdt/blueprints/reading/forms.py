from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField

from mdt.rules.errors import Invalid
from mdt.web.forms import BaseForm


class ReadingForm(BaseForm):
    """What a reader says of a case."""

    text = TextAreaField(_("复阅意见"))


def read_typed(body: Any) -> tuple[str, int]:
    """Text and version of an autosave."""
    fields = body.get("fields") if isinstance(body, dict) else None
    text = fields.get("text") if isinstance(fields, dict) else None
    if not isinstance(text, str):
        raise Invalid({"text": "text_expected"})
    version = body.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 2**31:
        raise Invalid({"version": "text_expected"})
    return text, version
