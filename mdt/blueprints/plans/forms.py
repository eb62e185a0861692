from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from mdt.rules.content import reasons
from mdt.rules.content.reasons import LONGEST_REASON, ReasonList
from mdt.rules.errors import Invalid
from mdt.rules.quorum import QUORUM_OVERRIDE_REASONS
from mdt.services.case_moves import Reason
from mdt.web.forms import BaseForm
from mdt.web.templating import label_of

_LONG = Length(max=LONGEST_REASON, message=_("最多%(max)d个字。"))


class RevisionForm(BaseForm):
    """A step on the revision that the page shows."""

    revision = HiddenField()

    @property
    def revision_id(self) -> int:
        text = self.revision.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class SignForm(RevisionForm):
    password = PasswordField(_("登录密码"), validators=[InputRequired(_("请输入登录密码。"))])


class DissentForm(RevisionForm):
    kind = SelectField(_("类型"), id="dissent-kind")
    text = TextAreaField(_("意见"), id="dissent-text")

    def __init__(self) -> None:
        super().__init__()
        kinds = [one for one in reasons(ReasonList.DISSENT) if one.code != "none"]
        known = [SelectChoice(one.code, label_of(one)) for one in kinds]
        self.kind.choices = [SelectChoice("", ""), *known]

    @property
    def said(self) -> Reason:
        return Reason(self.kind.data or "", self.text.data or "")


class AmendForm(BaseForm):
    reason = TextAreaField(_("修订理由"), validators=[_LONG])


class OverrideForm(BaseForm):
    reason = SelectField(_("理由"))
    text = TextAreaField(_("说明"), validators=[_LONG])

    def __init__(self) -> None:
        super().__init__()
        known = {one.code: label_of(one) for one in reasons(ReasonList.OVERRIDE)}
        codes = QUORUM_OVERRIDE_REASONS
        self.reason.choices = [SelectChoice("", ""), *(SelectChoice(c, known[c]) for c in codes)]

    @property
    def chosen(self) -> Reason:
        return Reason(self.reason.data or "", self.text.data or "")


def read_edit(body: Any) -> tuple[dict[str, Any], int, str]:
    """Fields, version and key of an autosave; the key may be missing."""
    if not isinstance(body, dict) or not isinstance(body.get("fields"), dict):
        raise Invalid({"fields": "text_expected"})
    version, key = body.get("version"), body.get("key")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 2**31:
        raise Invalid({"version": "text_expected"})
    return body["fields"], version, key if isinstance(key, str) and 0 < len(key) <= 50 else ""
