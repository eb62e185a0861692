from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from mdt.rules.registry.matches import LONGEST_TEXT, REASONS, MatchVerdict
from mdt.web.forms import BaseForm
from mdt.web.templating import language


class MatchForm(BaseForm):
    number = StringField(_("病例号"), validators=[InputRequired(), Length(max=40)])
    verdict = HiddenField(validators=[AnyOf([one.value for one in MatchVerdict])])
    reason = RadioField(_("原因"), choices=[], validate_choice=False)
    text = TextAreaField(_("说明"), validators=[Length(max=LONGEST_TEXT)])

    def offer(self, verdict: MatchVerdict) -> None:
        """Offer the reasons for this verdict."""
        self.verdict.data = verdict.value
        self.reason.choices = [
            (code.value, label.in_language(language())) for code, label in REASONS[verdict].items()
        ]
