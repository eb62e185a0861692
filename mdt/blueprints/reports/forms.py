from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired, Optional

from mdt.rules.coverage import EXCLUSION_LABELS, Definition, Exclusion
from mdt.rules.coverage.definition_fields import SYSTEMS, DefinitionFields, StageRule
from mdt.rules.coverage.definition_text import percent
from mdt.web.forms import BaseForm
from mdt.web.templating import label_of
from mdt.web.words.definitions import FIELDS, STAGE_RULES, system_word


class CheckboxesField(SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class DraftForm(BaseForm):
    based_on = StringField(validators=[InputRequired()])
    province = StringField()


class PublishForm(BaseForm):
    seen = HiddenField(validators=[InputRequired()])


def _number(label: Any) -> IntegerField:
    return IntegerField(label, validators=[InputRequired(message=_("请填写数字。"))])


class DefinitionForm(BaseForm):
    valid_from = DateField(_("自何日起的期间"), validators=[InputRequired()])
    stage_rule = RadioField(FIELDS["stage_rule"])
    all_systems = BooleanField(_("采用所有分期系统"))
    systems = CheckboxesField(FIELDS["systems"])
    grace_days = IntegerField(FIELDS["grace_days"], validators=[Optional()])
    outside_boards = BooleanField(_("本系统以外的讨论（院内MDT日期）计入"))
    opinions_alone = BooleanField(_("未开会而签署的意见计入"))
    min_disciplines = _number(FIELDS["min_disciplines"])
    exclusions = CheckboxesField(FIELDS["exclusions"])
    early_death_days = _number(FIELDS["early_death_days"])
    pending_days = _number(FIELDS["pending_days"])
    target = DecimalField(FIELDS["target"], places=None, validators=[InputRequired()])

    def offer(self) -> None:
        """Fill in the choices."""
        self.stage_rule.choices = [(one.value, STAGE_RULES[one]) for one in StageRule]
        self.systems.choices = [(code, system_word(code)) for code in SYSTEMS]
        self.exclusions.choices = [
            (reason.value, label_of(label)) for reason, label in EXCLUSION_LABELS.items()
        ]

    def fields(self) -> DefinitionFields:
        """What was filled in."""
        return DefinitionFields(
            stage_rule=StageRule(self.stage_rule.data),
            systems=None if self.all_systems.data else frozenset(self.systems.data or ()),
            grace_days=self.grace_days.data,
            outside_boards=self.outside_boards.data,
            opinions_alone=self.opinions_alone.data,
            min_disciplines=self.min_disciplines.data,
            exclusions=frozenset(Exclusion(one) for one in self.exclusions.data or ()),
            early_death_days=self.early_death_days.data,
            pending_days=self.pending_days.data,
            target=Fraction(self.target.data) / 100,
        )


def stored(definition: Definition) -> dict[str, Any]:
    """A definition as the form's fields have it."""
    return {
        "valid_from": definition.valid_from,
        "stage_rule": definition.stage_rule.value,
        "all_systems": definition.systems is None,
        "systems": sorted(definition.systems or ()),
        "grace_days": definition.grace_days,
        "outside_boards": definition.outside_boards,
        "opinions_alone": definition.opinions_alone,
        "min_disciplines": definition.min_disciplines,
        "exclusions": [reason.value for reason in definition.reasons],
        "early_death_days": definition.early_death_days,
        "pending_days": definition.pending_days,
        "target": Decimal(percent(definition.target)),
    }


class CloseForm(BaseForm):
    scope = HiddenField()
    period = HiddenField()
    definition = HiddenField()
    after_revision = IntegerField(default=0, widget=widgets.HiddenInput())
    seen = HiddenField()
    reason = TextAreaField(_("重新关账的原因"))
    password = PasswordField(_("登录密码"), validators=[InputRequired(_("请输入登录密码。"))])
