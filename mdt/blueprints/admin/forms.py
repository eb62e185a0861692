from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    widgets,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mdt.blueprints.admin import choices
from mdt.queries import places
from mdt.rules.access import Membership, Role
from mdt.rules.content import HospitalAttribute, hospital_terms, tumour_types
from mdt.rules.people import (
    GIVEN_ROLES,
    TEAM_ROLES,
    AgreementTerm,
    HospitalDraft,
    TeamDraft,
    UserDraft,
)
from mdt.services.places import AllianceDraft, HospitalSettings
from mdt.web.forms import BaseForm

#: So many regions are named where a name fits several.
_REGIONS_SHOWN = 5


def _needed(message: Any = None) -> InputRequired:
    return InputRequired(message=message or _("请填写此项。"))


def _most(count: int) -> Length:
    return Length(max=count, message=_("最多%(max)d个字。"))


def _region(form: BaseForm, field: StringField) -> None:
    """Take a region's name for its code where it names one; else say which are near."""
    text = field.data or ""
    if not text or text.isdigit():
        return
    found = choices.matching_regions(text)
    if len(found) == 1:
        field.data = found[0][0]
        return
    shown = (found or choices.nearest_regions(text))[:_REGIONS_SHOWN]
    near = gettext("；").join(f"{code} {path}" for code, path in shown)
    hint = gettext("相近的有：%(names)s。", names=near) if near else ""
    raise ValidationError(gettext("请从列表中选择地区。") + hint)


class CheckboxesField(SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class HospitalForm(BaseForm):
    name_zh = StringField(_("中文名称"), validators=[_needed(), _most(120)])
    name_en = StringField(_("英文名称"), validators=[_most(200)])
    code = StringField(_("机构代码"), validators=[_needed(), _most(40)])
    region_code = StringField(_("所在地区"), validators=[_needed(), _most(60), _region])
    level = SelectField(_("级别"), default="level_2")
    grade = SelectField(_("等次"), default="grade_a")
    kind = SelectField(_("类型"), default="general")
    social_credit_code = StringField(_("统一社会信用代码"), validators=[_most(18)])
    tier = RadioField(_("层级"), default="county")
    disciplines = CheckboxesField(_("学科"))
    own_approval = BooleanField(_("提交前须经本院医务科审核"))
    active = BooleanField(_("启用"), default=True)

    def offer(self) -> None:
        """Fill in the choices."""
        self.tier.choices = [
            ("county", gettext("县级医院")),
            ("tertiary", gettext("三级医院（受邀方）")),
        ]
        for field, attribute in (
            (self.level, HospitalAttribute.LEVEL),
            (self.grade, HospitalAttribute.GRADE),
            (self.kind, HospitalAttribute.TYPE),
        ):
            field.choices = choices.of_terms(hospital_terms(attribute))
        self.disciplines.choices = choices.discipline_choices()

    def settings(self) -> HospitalSettings:
        """What was filled in."""
        draft = HospitalDraft(
            code=self.code.data,
            name_zh=self.name_zh.data,
            region_code=self.region_code.data,
            tier=self.tier.data,
            level=self.level.data,
            grade=self.grade.data,
            kind=self.kind.data,
            name_en=self.name_en.data or "",
            social_credit_code=(self.social_credit_code.data or "").upper(),
            disciplines=tuple(self.disciplines.data or ()),
        )
        return HospitalSettings(draft, self.own_approval.data, self.active.data)


class AllianceForm(BaseForm):
    name_zh = StringField(_("中文名称"), validators=[_needed(), _most(120)])
    name_en = StringField(_("英文名称"), validators=[_most(200)])
    lead_hospital_id = SelectField(_("牵头医院"), validators=[_needed()])
    member_ids = CheckboxesField(_("成员医院"))

    def offer(self) -> None:
        """Fill in the choices."""
        hospitals = choices.hospitals()
        self.lead_hospital_id.choices = choices.with_none(hospitals)
        self.member_ids.choices = hospitals

    def draft(self) -> AllianceDraft:
        """What was filled in."""
        return AllianceDraft(
            self.name_zh.data,
            self.name_en.data or "",
            int(self.lead_hospital_id.data),
            tuple(int(number) for number in self.member_ids.data or ()),
        )


class AgreementForm(BaseForm):
    number = StringField(_("协议编号"), validators=[_needed(), _most(60)])
    requesting_hospital_id = SelectField(_("邀请方"), validators=[_needed()])
    consulting_hospital_id = SelectField(_("受邀方"), validators=[_needed()])
    alliance_id = SelectField(_("所属联盟"), default="")
    signed_on = DateField(_("签订日期"), validators=[Optional()])
    valid_from = DateField(_("生效日期"), validators=[_needed()])
    valid_to = DateField(_("终止日期"), validators=[_needed()])

    def offer(self) -> None:
        """Fill in the choices."""
        hospitals = choices.with_none(choices.hospitals())
        self.requesting_hospital_id.choices = self.consulting_hospital_id.choices = hospitals
        alliances = choices.of_things(places.list_alliances())
        self.alliance_id.choices = choices.with_none(alliances, gettext("无"))

    def term(self) -> AgreementTerm:
        """What was filled in."""
        return AgreementTerm(
            int(self.requesting_hospital_id.data),
            int(self.consulting_hospital_id.data),
            self.valid_from.data,
            self.valid_to.data,
            self.number.data,
        )


class TeamForm(BaseForm):
    name_zh = StringField(_("中文名称"), validators=[_needed(), _most(120)])
    name_en = StringField(_("英文名称"), validators=[_most(200)])
    hospital_id = SelectField(_("所属医院"), validators=[_needed()])
    min_disciplines = IntegerField(
        _("最少到场学科数"),
        default=4,
        validators=[InputRequired(message=_("请填写数字。"))],
    )
    tumour_types = CheckboxesField(_("受理的瘤种"), validators=[_needed(_("至少选一个瘤种。"))])
    core_disciplines = CheckboxesField(_("核心学科"), validators=[_needed(_("请选择核心学科。"))])
    active = BooleanField(_("启用"), default=True)

    def offer(self) -> None:
        """Fill in the choices."""
        self.hospital_id.choices = choices.with_none(choices.hospitals())
        self.tumour_types.choices = choices.of_terms(tumour_types())
        self.core_disciplines.choices = choices.discipline_choices()

    def draft(self) -> TeamDraft:
        """What was filled in."""
        return TeamDraft(
            self.name_zh.data,
            tuple(self.tumour_types.data),
            tuple(self.core_disciplines.data),
            self.min_disciplines.data,
            self.name_en.data or "",
        )


class SeatForm(BaseForm):
    username = StringField(_("账号"), validators=[_needed(), _most(60)])
    role = SelectField(_("角色"), validators=[_needed()])
    discipline = SelectField(_("学科"), default="")

    def offer(self) -> None:
        """Fill in the choices."""
        seats = [role for role in Role if role in TEAM_ROLES]
        self.role.choices = choices.with_none(choices.roles(seats))
        self.discipline.choices = choices.with_none(choices.discipline_choices(), gettext("无"))


class PersonForm(BaseForm):
    username = StringField(_("账号"), validators=[_needed(), _most(60)])
    name = StringField(_("姓名"), validators=[_needed(), _most(60)])
    hospital_id = SelectField(_("所属医院"), default="")
    title = SelectField(_("职称"), default="")
    discipline = SelectField(_("学科"), default="")
    licence_number = StringField(_("医师执业证书编码"), validators=[_most(40)])
    practice_since = DateField(_("独立执业开始日期"), validators=[Optional()])

    def offer(self) -> None:
        """Fill in the choices."""
        self.hospital_id.choices = choices.with_none(choices.hospitals(), gettext("不属于任何医院"))
        self.title.choices = choices.with_none(choices.title_choices(), gettext("无"))
        self.discipline.choices = choices.with_none(choices.discipline_choices(), gettext("无"))

    def draft(self) -> UserDraft:
        """What was filled in."""
        return UserDraft(
            self.username.data,
            self.name.data,
            self.title.data or "",
            self.discipline.data or "",
            self.licence_number.data or "",
            self.practice_since.data,
        )


class RoleForm(BaseForm):
    role = SelectField(_("角色"), validators=[_needed()])
    hospital_id = SelectField(_("医院"), default="")
    region_code = StringField(_("地区（仅质控）"), validators=[_most(60), _region])

    def offer(self) -> None:
        """Fill in the choices."""
        self.role.choices = choices.with_none(choices.roles(GIVEN_ROLES))
        self.hospital_id.choices = choices.with_none(choices.hospitals(), gettext("无"))

    def membership(self) -> Membership:
        """What was filled in."""
        return Membership(
            Role(self.role.data),
            choices.number_or_none(self.hospital_id.data or ""),
            self.region_code.data or None,
        )


class PeopleFilterForm(BaseForm):
    class Meta(BaseForm.Meta):  # noqa: D106 -- a filter changes nothing, so it needs no token
        csrf = False

    text = StringField(_("账号或姓名"), validators=[_most(60)])
    hospital_id = SelectField(_("医院"), default="")
    role = SelectField(_("角色"), default="")

    def offer(self) -> None:
        """Fill in the choices."""
        self.hospital_id.choices = choices.with_none(choices.hospitals(), gettext("全部"))
        self.role.choices = choices.with_none(choices.roles(Role), gettext("全部"))


class RegionFileForm(BaseForm):
    file = FileField(_("文件"), validators=[FileRequired(message=_("请选择文件。"))])


class RegionTextForm(BaseForm):
    file = HiddenField(_("文件"))


class ButtonForm(BaseForm):
    """A button: nothing but its token."""
