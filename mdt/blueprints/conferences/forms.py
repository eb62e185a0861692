from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    widgets,
)
from wtforms.validators import InputRequired, Optional, ValidationError

from mdt.queries.roster import RosterSeat
from mdt.rules.access import Role
from mdt.rules.calendar import from_local, local_time
from mdt.rules.content import reasons
from mdt.rules.scheduling import DEFAULT_ITEM_MINUTES, ConferencePlan
from mdt.services.agenda import Listing
from mdt.services.case_moves import Reason
from mdt.web.forms import BaseForm
from mdt.web.templating import label_of
from mdt.web.words.codes import discipline_word
from mdt.web.words.conferences import SEATS

_NEEDED = _("请填写此项。")


class CheckboxesField(SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class ConferenceForm(BaseForm):
    """A conference as it is planned; times are those of China."""

    starts_on = DateField(_("日期"), validators=[InputRequired(_NEEDED)])
    starts_at = TimeField(_("开始时间"), validators=[InputRequired(_NEEDED)])
    minutes = IntegerField(_("时长"), default=60, validators=[InputRequired(_NEEDED)])
    chair_id = SelectField(_("主席"), coerce=int, validate_choice=False)
    title = StringField(_("会议名称"))
    place = StringField(_("地点"))
    media_link = StringField(_("视频会议链接"))
    invited = CheckboxesField(_("邀请"), coerce=int, choices=[])
    version = HiddenField(default="0")

    def offer(self, roster: Sequence[RosterSeat]) -> "ConferenceForm":
        """Fill the choices from the team's roster; at first everybody is ticked."""
        chairs = [one for one in roster if one.role is Role.CHAIR]
        others = [one for one in roster if one.role is not Role.CHAIR]
        self.chair_id.choices = [(one.user.id, one.user.name) for one in chairs]
        self.invited.choices = [(one.user.id, _named(one)) for one in others]
        if not self.is_submitted() and self.invited.data is None:
            self.invited.data = [one.user.id for one in others]
        return self

    def plan(self, team_id: int) -> ConferencePlan:
        return ConferencePlan(
            team_id=team_id,
            starts_at=from_local(datetime.combine(self.starts_on.data, self.starts_at.data)),
            minutes=self.minutes.data or 0,
            chair_id=self.chair_id.data or 0,
            title=self.title.data or "",
            place=self.place.data or "",
            media_link=self.media_link.data or "",
        )

    def show(self, plan: ConferencePlan, version: int) -> "ConferenceForm":
        """Fill the fields with a plan as it stands."""
        begin = local_time(plan.starts_at)
        self.starts_on.data, self.starts_at.data = begin.date(), begin.time()
        for name in ("minutes", "chair_id", "title", "place", "media_link"):
            getattr(self, name).data = getattr(plan, name)
        self.version.data = str(version)
        return self

    @property
    def known_version(self) -> int:
        """The version that the page had; one that cannot be read is stale."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class NewConferenceForm(ConferenceForm):
    """A conference of a team that is chosen with it."""

    team = SelectField(_("团队"), coerce=int, validate_choice=False)
    #: The team whose chair and roster the page showed.
    roster_of = HiddenField()

    @property
    def changes_team(self) -> bool:
        """Another team than the page's was chosen: its roster is to be looked at first."""
        shown = self.roster_of.data or ""
        return self.is_submitted() and bool(shown) and shown != str(self.team.data)

    def offer_teams(self, teams: Sequence[Any]) -> "NewConferenceForm":
        """Fill the teams whose conferences the viewer plans."""
        self.team.choices = [
            (one.id, f"{label_of(one)} · {label_of(one.hospital)}") for one in teams
        ]
        return self

    def ask_roster(self) -> None:
        """Another team was chosen: its own chair and everybody on its roster; the rest stays."""
        self.chair_id.data = self.chair_id.choices[0][0] if self.chair_id.choices else 0
        self.invited.data = [number for number, _name in self.invited.choices]


def _named(seat: RosterSeat) -> str:
    what = discipline_word(seat.discipline) if seat.role is Role.EXPERT else str(SEATS[seat.role])
    return f"{what} · {seat.user.name}" if what else seat.user.name


class ListingForm(BaseForm):
    """A case to put on the agenda, with a reason where its checklist has red lights."""

    case_id = IntegerField(_("病例"), validators=[InputRequired(_NEEDED)])
    minutes = IntegerField(_("时长"), default=DEFAULT_ITEM_MINUTES, validators=[Optional()])
    reason = SelectField(_("特批原因"), choices=[], validate_choice=False)
    text = StringField(_("说明"))
    #: Set where the desk lists a case in spite of its checklist.
    excepted = HiddenField()

    def validate_reason(self, field: Field) -> None:
        """An exception is never made by leaving a list as it was."""
        if self.excepted.data and not field.data:
            raise ValidationError(_("请选择特批原因。"))

    def validate_text(self, field: Field) -> None:
        """What was weighed is said in words."""
        if self.excepted.data and not (field.data or "").strip():
            raise ValidationError(_("请写明为什么资料不全也要列入。"))

    def listing(self) -> Listing:
        reason = Reason(self.reason.data or "", self.text.data or "")
        return Listing(self.case_id.data or 0, self.minutes.data or DEFAULT_ITEM_MINUTES, reason)


def override_choices() -> list[tuple[str, str]]:
    return [(one.code, label_of(one)) for one in reasons("override_reasons")]


class ItemForm(BaseForm):
    minutes = IntegerField(_("时长"), validators=[InputRequired(_NEEDED)])
    presenter_id = IntegerField(_("汇报人"), validators=[Optional()])


class StepForm(BaseForm):
    step = RadioField(_("移动"), choices=["up", "down"])


class AnswerForm(BaseForm):
    answer = RadioField(
        _("答复"), choices=["accepted", "tentative", "declined"], validate_choice=False
    )


class PeopleForm(BaseForm):
    people = CheckboxesField(_("邀请"), coerce=int, choices=[], validate_choice=False)


class ObserverForm(BaseForm):
    observer = IntegerField(_("旁听人员"), validators=[InputRequired(_NEEDED)])


class CancelForm(BaseForm):
    reason = TextAreaField(_("取消原因（所有受邀人可见，请勿写病情）"))


class EmptyForm(BaseForm):
    """A button: nothing but the forgery token."""
