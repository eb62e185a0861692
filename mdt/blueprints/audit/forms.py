from datetime import date, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from mdt.queries.audit import AuditFilter
from mdt.web.forms import BaseForm
from mdt.web.messages import sentence
from mdt.web.words.audit import ACTIONS

DAYS = 7


class AuditFilterForm(BaseForm):
    class Meta(BaseForm.Meta):  # noqa: D106 -- a filter changes nothing, so it needs no token
        csrf = False

    first = DateField(_("从"), validators=[Optional()])
    last = DateField(_("到"), validators=[Optional()])
    person = StringField(_("人员"), validators=[Length(max=60)])
    action = SelectField(_("操作"), validate_choice=False)
    thing = StringField(_("病例号或对象"), validators=[Length(max=60)])
    refused = BooleanField(_("只看被拒绝的"))

    def offer_actions(self) -> None:
        words = sorted((str(text), action.value) for action, text in ACTIONS.items())
        self.action.choices = [("", gettext("全部")), *((code, text) for text, code in words)]

    def wanted(self, today: date) -> AuditFilter:
        """What is asked for; what can't be read counts as not said."""
        self.validate()
        last = self.last.data or today
        first = self.first.data or last - timedelta(days=DAYS - 1)
        if first > last:
            self.last.errors = [*self.last.errors, sentence("audit_days")]
        self.first.data, self.last.data = first, last
        return AuditFilter(
            first,
            last,
            person=self.person.data or "",
            action=self.action.data or "",
            thing=self.thing.data or "",
            refused_only=bool(self.refused.data),
        )
