"""A case as it stands in the form, and the sections of its task list."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from mdt.rules.codes import paired_sites
from mdt.rules.content import tumour_types
from mdt.rules.identity import age_on

NO_DOCUMENT = "98"
_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case as it stands in the form; the names are those of the table.

    ``sex`` is ``0 1 2 9``, ``laterality`` ``1 2 3 9``; ``question`` has one question a line;
    ``stage_text`` is the stage as it was typed and ``stage_group`` the derived one; ``intent``,
    ``planned_modalities``, ``symptoms`` and ``answers`` (fact to answer) sharpen the checklist and
    may stay empty.
    """

    name: str = ""
    id_type: str = "01"
    id_number: str = ""
    sex: str = "0"
    birth_date: date | None = None
    phone: str = ""
    mrn: str = ""
    residence_code: str = ""

    tumour_type: str = ""
    icd10: str = ""
    diagnosis_text: str = ""
    morphology: str = ""
    laterality: str = ""
    case_type: str = "new"
    diagnosis_date: date | None = None
    diagnosis_basis: str = ""

    staging_table: str = ""
    stage_basis: str = "c"
    t: str = ""
    n: str = ""
    m: str = ""
    stage_factors: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    stage_group: str = ""
    stage_text: str = ""
    stage_date: date | None = None
    stage_deviation_reason: str = ""
    stage_deviation_text: str = ""
    iii_plus: str = "unknown"

    ecog: int | None = None
    kps: int | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    symptoms: tuple[str, ...] = ()
    comorbidities: tuple[str, ...] = ()
    comorbidity_text: str = ""
    chief_complaint: str = ""
    history: str = ""
    examination: str = ""
    labs: str = ""
    molecular: str = ""

    treatment_so_far: str = ""
    first_treatment_date: date | None = None
    planned_treatment_date: date | None = None
    patient_preference: str = ""
    own_plan: str = ""
    intent: str = ""
    planned_modalities: tuple[str, ...] = ()

    question: str = ""
    urgency: str = "routine"
    team_id: int | None = None

    answers: Mapping[str, object] = field(default_factory=lambda: _EMPTY)

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions to the board, one for each line that is not blank."""
        return tuple(line.strip() for line in self.question.splitlines() if line.strip())


class SectionCode(StrEnum):
    """Sections of the task list, in their order."""

    PATIENT = "patient"
    DIAGNOSIS = "diagnosis"
    STAGE = "stage"
    CONDITION = "condition"
    TREATMENT = "treatment"
    QUESTION = "question"
    FILES = "files"
    CONSENT = "consent"


def _always(_: CaseDraft) -> bool:
    return True


def _never(_: CaseDraft) -> bool:
    return False


def is_stageable(draft: CaseDraft) -> bool:
    """A stage is asked for; not of brain tumours, nor before the tumour type is chosen."""
    return any(one.code == draft.tumour_type and one.stageable for one in tumour_types())


def side_is_asked(icd10: str) -> bool:
    """The site has two sides and its side must be said."""
    return any(
        site.always and icd10.upper().startswith(site.icd10_prefix) for site in paired_sites()
    )


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a section; ``core`` ones must be there before a case can be submitted at all."""

    code: str
    required: Callable[[CaseDraft], bool] = _never
    core: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the task list."""

    code: SectionCode
    fields: tuple[Field, ...] = ()


def _core(*codes: str) -> tuple[Field, ...]:
    return tuple(Field(code, _always, core=True) for code in codes)


def _required(*codes: str) -> tuple[Field, ...]:
    return tuple(Field(code, _always) for code in codes)


def _optional(*codes: str) -> tuple[Field, ...]:
    return tuple(Field(code) for code in codes)


def _staged(*codes: str) -> tuple[Field, ...]:
    return tuple(Field(code, is_stageable) for code in codes)


_SECTIONS = (
    Section(
        SectionCode.PATIENT,
        (
            *_core("name"),
            *_optional("id_type"),
            Field("id_number", lambda draft: draft.id_type != NO_DOCUMENT, core=True),
            *_core("sex", "birth_date"),
            *_optional("phone", "mrn", "residence_code"),
        ),
    ),
    Section(
        SectionCode.DIAGNOSIS,
        (
            *_core("tumour_type", "icd10"),
            *_required("diagnosis_text"),
            *_optional("morphology"),
            Field("laterality", lambda draft: side_is_asked(draft.icd10)),
            *_core("case_type"),
            *_required("diagnosis_date", "diagnosis_basis"),
        ),
    ),
    Section(
        SectionCode.STAGE,
        (
            *_staged("staging_table", "stage_basis"),
            *_optional("t", "n", "m", "stage_factors"),
            # Derived from the categories or typed by the doctor: one of both.
            Field("stage_group", lambda draft: is_stageable(draft) and not draft.stage_text),
            *_optional("stage_text"),
            *_staged("stage_date"),
            *_optional("stage_deviation_reason", "stage_deviation_text"),
        ),
    ),
    Section(
        SectionCode.CONDITION,
        (
            Field("ecog", lambda draft: draft.kps is None),
            *_optional("kps", "height_cm", "weight_kg", "symptoms"),
            Field("comorbidities", lambda draft: not draft.comorbidity_text),
            *_optional("comorbidity_text"),
            *_required("chief_complaint", "history", "examination"),
            *_optional("labs", "molecular"),
        ),
    ),
    Section(
        SectionCode.TREATMENT,
        (
            Field("treatment_so_far", lambda draft: draft.case_type != "new"),
            *_optional("first_treatment_date", "planned_treatment_date"),
            *_required("patient_preference", "own_plan"),
            *_optional("intent", "planned_modalities"),
        ),
    ),
    Section(SectionCode.QUESTION, (*_core("question", "urgency", "team_id"),)),
    Section(SectionCode.FILES),
    Section(SectionCode.CONSENT),
)


def sections() -> tuple[Section, ...]:
    """The sections of the task list with their fields."""
    return _SECTIONS


def section_of(field_code: str) -> SectionCode:
    """The section in which a field stands."""
    return next(
        section.code
        for section in _SECTIONS
        if any(one.code == field_code for one in section.fields)
    )


def is_filled(draft: CaseDraft, code: str) -> bool:
    """The field says something; an unknown sex does not."""
    value = getattr(draft, code)
    if code == "sex":
        return value in {"1", "2", "9"}
    if isinstance(value, str):
        return bool(value.strip())
    return bool(value) if isinstance(value, Collection) else value is not None


def age_of(draft: CaseDraft, day: date) -> int | None:
    """Completed years on a day; ``None`` without a birth date."""
    return None if draft.birth_date is None else age_on(draft.birth_date, day)


def draft_fields() -> tuple[str, ...]:
    """The names of all fields of a draft."""
    return tuple(one.name for one in fields(CaseDraft))
