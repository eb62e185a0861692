from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length

from mdt.rules.codes import icd10_names
from mdt.rules.icd10 import nearest_icd10
from mdt.rules.registry import COLUMNS, Problem
from mdt.rules.registry.values import CODED
from mdt.web.forms import BaseForm
from mdt.web.messages import sentence
from mdt.web.templating import label_of, language
from mdt.web.words.registry import row_reason

#: Columns that stand on the page at once; the others are folded away.
FIRST = frozenset(
    {
        "hospital_code", "name", "id_number", "icd10", "diagnosis_date", "case_type",
        "stage_basis", "staging_system", "staging_edition", "t", "n", "m", "stage_group",
        "stage_date", "first_treatment_date", "first_treatment_type",
    }
)  # fmt: skip
_MOST = 200


def _text(label: str, **options: Any) -> StringField:
    most = Length(max=_MOST, message=_("最多%(max)d个字。"))
    return StringField(label, validators=[most], **options)


def _choice(label: str) -> SelectField:
    return SelectField(label, choices=[], validate_choice=False)


def _few(label: str) -> RadioField:
    return RadioField(label, choices=[], validate_choice=False)


class TumourForm(BaseForm):
    """A row of the register file: a field for each column, judged by the rules of the file."""

    hospital_code = _choice(_("机构"))
    name = _text(_("姓名"))
    id_type = _choice(_("证件类型"))
    id_number = _text(_("证件号码"))
    sex = _few(_("性别"))
    birth_date = _text(_("出生日期"))
    residence_code = _text(_("现住址区划"))
    mrn = _text(_("病案号"))
    icd10 = _text(_("诊断"))
    morphology = _text(_("病理形态学编码"))
    laterality = _few(_("侧别"))
    case_type = _few(_("初诊或复诊"))
    diagnosis_date = _text(_("确诊日期"))
    diagnosis_basis = _choice(_("诊断依据"))
    staging_system = _choice(_("分期系统"))
    staging_edition = _text(_("分期版本"))
    stage_basis = _choice(_("分期依据"))
    t = _text("T")
    n = _text("N")
    m = _text("M")
    stage_group = _text(_("分期组"))
    stage_date = _text(_("分期日期"))
    first_treatment_date = _text(_("首次治疗日期"))
    first_treatment_type = _choice(_("首次治疗方式"))
    emergency = _choice(_("急诊"))
    pathology_date = _text(_("病理报告日期"))
    gene_test = _choice(_("基因检测"))
    gene_lab = _choice(_("检测地点"))
    referral = _choice(_("转诊去向"))
    external_mdt_date = _text(_("院内MDT日期"))
    death_date = _text(_("死亡日期"))
    seen = HiddenField()
    draft = HiddenField()
    version = HiddenField()

    def __init__(self, hospitals: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hospital_code.choices = [(one.code, label_of(one)) for one in hospitals]
        for column in CODED:
            self[column].choices = _options(column, self[column])
        for column in COLUMNS:
            self[column].warning = ""
            self[column].data = self[column].data or ""
            self[column].flags.required = column in {
                "hospital_code", "icd10", "case_type", "diagnosis_date",
            }  # fmt: skip

    def cells(self) -> dict[str, str]:
        """What was typed, by column."""
        return {column: str(self[column].data or "") for column in COLUMNS}

    def refuse(self, fields: dict[str, str]) -> None:
        """Say in the file's own words why the row is refused; of an unknown site what is near."""
        for name, code in fields.items():
            near = _nearest(str(self[name].data)) if code == "icd10_name_unknown" else ""
            self[name].errors = [*self[name].errors, problem_word(code, name) + near]

    def warn(self, problems: Iterable[Problem]) -> None:
        """Say beside the fields what looks wrong and stops nobody."""
        for column, words in warnings_in_words(problems).items():
            if column in self:
                self[column].warning += words

    @property
    def warned(self) -> list[Field]:
        """The fields that have something to look at."""
        return [self[column] for column in COLUMNS if self[column].warning]

    @property
    def first_doubt(self) -> str:
        """The field to lead to where something looks wrong."""
        return next((one.name for one in self.warned), "")

    @property
    def folded_open(self) -> bool:
        """Whether something among the folded fields is to be seen."""
        return any(
            self[column].errors or self[column].warning for column in COLUMNS if column not in FIRST
        )


def problem_word(code: str, column: str) -> str:
    """The sentence of a cell's problem: the file's own, or that of a code no file brings."""
    said = row_reason(code, column, language())
    return sentence(code) if said == code else said


def warnings_in_words(problems: Iterable[Problem]) -> dict[str, str]:
    """What looks wrong, by column."""
    found: dict[str, str] = {}
    for one in problems:
        found[one.column] = found.get(one.column, "") + problem_word(one.code, one.column)
    return found


def _options(column: str, field: Field) -> list[tuple[str, str]]:
    """The words of a coded column, with what stands there though no list has it."""
    known = {code: label.in_language(language()) for code, label in CODED[column].items()}
    if field.data and field.data not in known:
        known[field.data] = field.data
    none = [] if isinstance(field, RadioField) else [("", gettext("未选"))]
    return none + list(known.items())


def _nearest(text: str) -> str:
    names = icd10_names()
    near = [f"{code} {names[code].in_language(language())}" for code in nearest_icd10(text)]
    return gettext("相近的有：%(names)s。", names=gettext("；").join(near)) if near else ""


def label_in(form: TumourForm, column: str) -> str:
    """What the form calls a column."""
    return str(form[column].label.text)


def words_in(cells: Mapping[str, str], column: str) -> str:
    """What a cell says, a code in its words."""
    cell = cells.get(column, "")
    label = CODED.get(column, {}).get(cell)
    return label.in_language(language()) if label else cell
