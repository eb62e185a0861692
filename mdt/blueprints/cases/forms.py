from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    Field,
    FloatField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from mdt.queries.case_standing import CaseStanding
from mdt.rules.body_systems import body_system, by_system
from mdt.rules.case_draft import draft_fields
from mdt.rules.case_stage import offered_tables
from mdt.rules.codes import diagnosis_bases, id_types, lateralities
from mdt.rules.content import (
    comorbidities,
    intents,
    reasons,
    symptoms,
    tumour_types,
    urgencies,
)
from mdt.rules.content.reasons import LONGEST_REASON
from mdt.rules.errors import Invalid
from mdt.rules.intake import Signer
from mdt.rules.staging import labels
from mdt.services.cases import ItemMark
from mdt.web.forms import BaseForm
from mdt.web.messages import sentence
from mdt.web.templating import label_of, language
from mdt.web.words.codes import stage_word

FACTOR = "factor."
_LONG = 20_000


class MeasureField(FloatField):
    def _value(self) -> str:
        return f"{self.data:g}" if self.data is not None else super()._value()


class CheckboxesField(SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


def _text(label: str, most: int) -> StringField:
    return StringField(label, validators=[Length(max=most, message=_("最多%(max)d个字。"))])


def _area(label: str) -> TextAreaField:
    return TextAreaField(label, validators=[Length(max=_LONG, message=_("最多%(max)d个字。"))])


def _date(label: str) -> DateField:
    return DateField(label, validators=[Optional()])


def _select(label: str, **options: Any) -> SelectField:
    return SelectField(label, choices=[], validators=[Optional()], **options)


def _number(low: float, high: float) -> list[Any]:
    return [
        Optional(),
        NumberRange(low, high, message=_("请填写 %(min)d 到 %(max)d 之间的数字。")),
    ]


def whole_number(value: object) -> int | None:
    text = "" if value is None else str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class CaseForm(BaseForm):
    """The whole case. Field names are those of `CaseDraft`; factors of a table come beside them."""

    name = _text(_("姓名"), 60)
    id_type = _select(_("证件类型"))
    id_number = _text(_("证件号码"), 40)
    sex = RadioField(_("性别"), choices=[], validators=[Optional()])
    birth_date = _date(_("出生日期"))
    phone = _text(_("联系电话"), 30)
    mrn = _text(_("病案号（住院号/门诊号）"), 40)

    tumour_type = _select(_("瘤种"))
    icd10 = _text(_("ICD-10 编码"), 60)
    diagnosis_text = _area(_("诊断（文字）"))
    morphology = _text(_("病理形态学编码"), 10)
    laterality = RadioField(_("侧别"), choices=[], validators=[Optional()])
    case_type = RadioField(_("初诊或复诊"), choices=[], validators=[Optional()])
    diagnosis_date = _date(_("确诊日期"))
    diagnosis_basis = _select(_("诊断依据"))

    staging_table = _select(_("分期标准"), validate_choice=False)
    stage_basis = RadioField(_("分期依据"), choices=[], validators=[Optional()])
    t = _select("T", validate_choice=False)
    n = _select("N", validate_choice=False)
    m = _select("M", validate_choice=False)
    stage_group = _select(_("分期组"), validate_choice=False)
    stage_text = _text(_("分期原文"), 60)
    stage_date = _date(_("分期日期"))
    stage_deviation_reason = _select(_("与推导不同的原因"))
    stage_deviation_text = _text(_("说明"), 200)

    ecog = SelectField("ECOG", choices=[], coerce=whole_number, validators=[Optional()])
    kps = SelectField("KPS", choices=[], coerce=whole_number, validators=[Optional()])
    height_cm = MeasureField(_("身高"), validators=_number(30, 250))
    weight_kg = MeasureField(_("体重"), validators=_number(1, 400))
    symptoms = CheckboxesField(_("症状"), choices=[])
    comorbidities = CheckboxesField(_("合并症与既往情况"), choices=[])
    comorbidity_text = _area(_("合并症说明"))
    chief_complaint = _area(_("主诉"))
    history = _area(_("现病史与既往史"))
    examination = _area(_("体格检查"))
    labs = _area(_("检验结果"))
    molecular = _area(_("病理、免疫组化与分子结果"))

    treatment_so_far = _area(_("既往抗肿瘤治疗"))
    first_treatment_date = _date(_("首次治疗日期"))
    planned_treatment_date = _date(_("拟开始治疗日期"))
    patient_preference = _area(_("患者与家属意愿"))
    own_plan = _area(_("本院拟定方案"))
    intent = _select(_("治疗目的"))

    question = _area(_("请会诊的问题"))
    urgency = RadioField(_("紧急程度"), choices=[], validators=[Optional()])
    team_id = SelectField(
        _("会诊团队"),
        choices=[],
        coerce=whole_number,
        validate_choice=False,
        validators=[Optional()],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = [("", _("未选"))]
        self.id_type.choices = terms_in_words(id_types().values(), "code")
        self.sex.choices = [("1", gettext("男")), ("2", gettext("女")), ("9", gettext("未说明"))]
        self.tumour_type.choices = [SelectChoice("", _("未选")), *_tumour_choices()]
        self.laterality.choices = _in_words(lateralities())
        self.case_type.choices = case_types()
        self.diagnosis_basis.choices = none + _in_words(diagnosis_bases())
        self.stage_basis.choices = [
            (one.value, label_of(one)) for one in labels()["classification"] if one.value != "any"
        ]
        self.stage_deviation_reason.choices = none + terms_in_words(
            reasons("stage_deviation_reasons")
        )
        self.ecog.choices = [("", _("未评")), *ecog_grades()]
        self.kps.choices = [("", _("未评"))] + [(n, str(n)) for n in range(100, 0, -10)]
        self.symptoms.choices = terms_in_words(symptoms())
        self.comorbidities.choices = terms_in_words(comorbidities())
        self.intent.choices = none + terms_in_words(intents())
        self.urgency.choices = terms_in_words(urgencies())
        for field in self:
            field.warning = ""
            if isinstance(field, StringField | TextAreaField):
                field.data = field.data or ""


def terms_in_words(terms: Iterable[Any], key: str = "code") -> list[tuple[str, str]]:
    return [(getattr(term, key), _word(term)) for term in terms]


def _word(term: Any) -> str:
    label = getattr(term, "label", None)
    in_language = getattr(label, "in_language", None)
    return in_language(language()) if in_language else label_of(term)


def _in_words(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(code, label.in_language(language())) for code, label in terms.items()]


def case_types() -> list[tuple[str, str]]:
    return [
        ("new", gettext("初诊")),
        ("recurrence", gettext("复发")),
        ("retreatment", gettext("复治")),
    ]


def ecog_grades() -> list[tuple[int, str]]:
    return [
        (0, gettext("0 活动正常")),
        (1, gettext("1 能从事轻体力活动")),
        (2, gettext("2 能自理，不能工作，卧床不足半天")),
        (3, gettext("3 仅能部分自理，卧床超过半天")),
        (4, gettext("4 不能自理，完全卧床")),
    ]


def form_of(standing: CaseStanding, teams: Iterable[Any]) -> CaseForm:
    """The form as the case stands, with the choices that depend on it."""
    draft = standing.draft
    values = {name: getattr(draft, name) for name in draft_fields()}
    form = CaseForm(formdata=None, data=values)
    found = standing.stage.table
    offers = offered_tables(draft.tumour_type, draft.icd10, draft.morphology)
    form.staging_table.choices = [("", gettext("未选"))] + [
        (offer.table.key, _offer_words(offer)) for offer in offers
    ]
    for axis in ("t", "n", "m"):
        categories = found.categories(axis) if found else ()
        form[axis].choices = _kept(categories, getattr(draft, axis))
    form.stage_group.choices = _kept(found.stages if found else (), draft.stage_group)
    form.team_id.choices = [("", gettext("未选")), *team_choices(teams)]
    for one in standing.warnings:
        form[one.field].warning += sentence(one.code)
    return form


def _offer_words(offer: Any) -> str:
    when = offer.use_when_zh if language() == "zh" else ""
    return f"{label_of(offer.table)} · {when}" if when else label_of(offer.table)


def _kept(known: Iterable[str], current: str) -> list[tuple[str, str]]:
    """Choices with the value that stands there, though the table may not list it."""
    codes = list(known)
    if current and current not in codes:
        codes.append(current)
    return [("", gettext("未选")), *((code, stage_word(code)) for code in codes)]


def team_choices(teams: Iterable[Any]) -> list[tuple[int, str]]:
    return [(team.id, f"{label_of(team.hospital)} · {label_of(team)}") for team in teams]


def _tumour_choices() -> list[SelectChoice]:
    return [
        SelectChoice(one.code, label_of(one), optgroup=label_of(body_system(one.code)))
        for one in sorted(tumour_types(), key=lambda one: by_system(one.code))
    ]


class ConsentForm(BaseForm):
    kind = HiddenField()
    signer = RadioField(_("签署人"), validators=[InputRequired(message=_("请选择签署人。"))])
    relation = StringField(_("与患者关系"))
    signed_on = DateField(_("签署日期"), validators=[InputRequired(message=_("请填写签署日期。"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signer.choices = [
            (Signer.PATIENT.value, gettext("患者本人")),
            (Signer.GUARDIAN.value, gettext("监护人")),
            (Signer.RELATIVE.value, gettext("近亲属")),
        ]


class SubmitForm(BaseForm):
    version = IntegerField()
    use_exception = StringField()
    exception_reason = SelectField(_("原因"), validators=[Optional()])
    exception_text = TextAreaField(_("说明"), validators=[Length(max=LONGEST_REASON)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exception_reason.choices = [
            ("", _("请选择")),
            *terms_in_words(reasons("override_reasons")),
        ]

    def refuse(self, fields: dict[str, str]) -> None:
        """What blocks stands in a list of its own on the page; here only what the form asked."""
        self.form_errors = [*self.form_errors, sentence("case_blocked")]
        own = {"urgent_exception": "exception_reason", "urgency": "exception_reason"}
        if self.use_exception.data:
            super().refuse({own[name]: code for name, code in fields.items() if name in own})


class ReturnForm(BaseForm):
    reason = SelectField(_("退回原因"), validators=[InputRequired(message=_("请选择原因。"))])
    text = TextAreaField(_("说明"), validators=[Length(max=LONGEST_REASON)])
    due_on = DateField(_("请于此日前补齐"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [("", _("请选择")), *terms_in_words(reasons("return_reasons"))]


class WithdrawForm(BaseForm):
    text = TextAreaField(_("撤回原因"), validators=[Length(max=LONGEST_REASON)])


class SearchForm(BaseForm):
    text = StringField(_("病例号、姓名、证件号码或病案号"), validators=[Length(max=60)])


def read_changes(body: Any) -> tuple[dict[str, Any], dict[str, str], int, int]:
    """What an autosave sends: typed values, errors by field, the page's version, names left out.

    Only fields of the form are taken, whatever else was sent.
    """
    if not isinstance(body, dict) or not isinstance(body.get("fields"), dict):
        raise Invalid({}, code="unreadable_request")
    sent = {str(name): value for name, value in body["fields"].items()}
    form = CaseForm(formdata=MultiDict(), meta={"csrf": False})
    known = {name: value for name, value in sent.items() if name in form and name != "csrf_token"}
    factors = {
        name.removeprefix(FACTOR): str(value)[:40]
        for name, value in sent.items()
        if name.startswith(FACTOR) and len(name) <= 60
    }
    values, errors = _typed(form, known)
    if factors:
        values["stage_factors"] = factors
    left_out = len(sent) - len(known) - len(factors)
    return values, errors, whole_number(body.get("version")) or 0, left_out


def _typed(form: CaseForm, sent: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, raw in sent.items():
        field = form[name]
        texts = [_as_text(one) for one in raw] if isinstance(raw, list) else [_as_text(raw)]
        field.process(MultiDict([(name, text) for text in texts]))
        if field.validate(form):
            values[name] = _value(field)
        else:
            errors[name] = str(field.errors[0])
    return values, errors


def _as_text(raw: Any) -> str:
    """Text that every database takes: no NUL, no half of a surrogate pair."""
    text = "" if raw is None else str(raw)
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _value(field: Field) -> Any:
    if isinstance(field, SelectMultipleField):
        return tuple(field.data or ())
    if isinstance(field, DateField | FloatField) or field.name in {"ecog", "kps", "team_id"}:
        return field.data
    return field.data or ""


def read_marks(body: Any) -> dict[str, ItemMark]:
    """What is said of checklist items: fields ``mark.<base>`` with ``not_available:<reason>``."""
    if not isinstance(body, dict) or not isinstance(body.get("fields"), dict):
        raise Invalid({}, code="unreadable_request")
    marks = {}
    for name, value in body["fields"].items():
        said, _, reason = str(value).partition(":")
        marks[str(name).removeprefix("mark.")] = ItemMark(said, reason)
    return marks
