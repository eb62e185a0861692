from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, TextAreaField
from wtforms.validators import Optional

from mdt.rules.content import reasons
from mdt.services.case_moves import Reason
from mdt.web.forms import BaseForm
from mdt.web.templating import label_of

#: What the day of a decision is called.
_DAYS = {"defer": _("复核日期"), "return": _("补正期限")}


class DecisionForm(BaseForm):
    """A coded reason with its words and a day; accepting asks for none of them."""

    reason = RadioField(_("原因"), choices=[], validators=[Optional()], validate_choice=False)
    text = TextAreaField(_("说明（申请医师会看到）"))
    due_on = DateField(_("期限"), validators=[Optional()])

    def offer(self, action: str, reason_list: str) -> "DecisionForm":
        """Fill the choices, and tell this form's fields from those of its neighbours."""
        self.reason.choices = [
            (one.code, label_of(one)) for one in (reasons(reason_list) if reason_list else ())
        ]
        if action in _DAYS:
            self.due_on.label.text = _DAYS[action]
        for field in self:
            if field.name != "csrf_token":
                field.id = f"{action}-{field.name}"
        return self

    def decision(self) -> Reason:
        return Reason(self.reason.data or "", self.text.data or "", self.due_on.data)
