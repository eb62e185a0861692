from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from mdt.blueprints.cases.forms import team_choices, terms_in_words, whole_number
from mdt.rules.body_systems import body_system, by_system
from mdt.rules.codes import id_types
from mdt.rules.content import tumour_types
from mdt.web.forms import BaseForm
from mdt.web.templating import label_of


class StartForm(BaseForm):
    """What is asked before anything else."""

    ask = SelectField(
        _("就哪个瘤种、向哪个团队提出"),
        validators=[InputRequired(message=_("请选择瘤种和团队。"))],
    )
    id_type = SelectField(_("证件类型"), choices=[], default="01")
    id_number = StringField(_("证件号码"), validators=[Length(max=40)])
    name = StringField(_("姓名"), validators=[InputRequired(), Length(max=60)])
    sex = RadioField(_("性别"), choices=[], default="0", validators=[Optional()])
    birth_date = DateField(_("出生日期"), validators=[Optional()])

    def __init__(self, teams: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {one.code: label_of(one) for one in tumour_types()}
        asks = [
            SelectChoice(
                f"{team.id}:{code}",
                f"{words.get(code, code)} · {label_of(team)}",
                optgroup=_ask_group(code, team, teams),
            )
            for team, code in _in_groups(teams)
        ]
        first = [SelectChoice("", gettext("请选择"))] if len(asks) > 1 else []
        self.ask.choices = first + asks
        self.id_type.choices = terms_in_words(id_types().values())
        self.sex.choices = [("1", gettext("男")), ("2", gettext("女")), ("9", gettext("未说明"))]

    @property
    def asked(self) -> tuple[int | None, str]:
        """Team and tumour type."""
        team, _, code = (self.ask.data or "").partition(":")
        return whole_number(team), code


class TumourStartForm(BaseForm):
    """From a register row: only whom to ask."""

    team_id = SelectField(_("会诊团队"), coerce=whole_number, validate_choice=False)

    def __init__(self, teams: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team_id.choices = team_choices(teams)


def _in_groups(teams: Iterable[Any]) -> list[tuple[Any, str]]:
    """Teams with their tumour types: by hospital, and there by system, whichever team it is."""
    places = list(dict.fromkeys(team.hospital_id for team in teams))
    pairs = [(team, code) for team in teams for code in team.tumour_types]
    return sorted(pairs, key=lambda pair: (places.index(pair[0].hospital_id), by_system(pair[1])))


def _ask_group(code: str, team: Any, teams: Iterable[Any]) -> str:
    """The system of organs; with several hospitals to ask, each has its own groups."""
    system = label_of(body_system(code))
    if len({one.hospital_id for one in teams}) < 2:
        return system
    return f"{label_of(team.hospital)} · {system}"
