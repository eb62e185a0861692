"""One row of the register file: read, refused or warned about.

A row is refused only for what the contract names; everything else is a warning, and the row
counts. So a hospital's figures never depend on how tidy its optional columns are.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date

from mdt.rules.icd10 import Icd10, is_metastasis, is_neoplasm, parse_icd10
from mdt.rules.identity import (
    RESIDENT_CARD,
    IdNumber,
    IdProblem,
    check_id_number,
    normalise_id_number,
)
from mdt.rules.registry.shown import shown_value
from mdt.rules.registry.values import (
    cell_text,
    plain_text,
    read_code,
    read_date,
    read_edition,
    read_staging_system,
)

DATE_COLUMNS = (
    "birth_date",
    "diagnosis_date",
    "stage_date",
    "first_treatment_date",
    "pathology_date",
    "external_mdt_date",
    "death_date",
)

#: Warnings that compare a day with that of the diagnosis.
_BEFORE_DIAGNOSIS = frozenset({"death_before_diagnosis", "treatment_before_diagnosis"})

_NAME_DOTS = str.maketrans(dict.fromkeys("•‧・･∙⋅.．", "·"))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell; who it is about stands here masked (`shown_value`)."""

    column: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One primary tumour as the register has it.

    Text that is absent is ``""``, a date ``None``. Coded columns hold codes of
    ``mdt.rules.registry.values.CODED``; T, N, M and group stay as written, ``staging_system`` and
    ``stage_basis`` too where the word is in no list.
    """

    hospital_code: str
    name: str
    id_type: str
    id_number: str
    sex: str
    birth_date: date | None
    residence_code: str
    mrn: str
    icd10: str
    morphology: str
    laterality: str
    case_type: str
    diagnosis_date: date
    diagnosis_basis: str
    staging_system: str
    staging_edition: str
    stage_basis: str
    t: str
    n: str
    m: str
    stage_group: str
    stage_date: date | None
    first_treatment_date: date | None
    first_treatment_type: str
    emergency: bool | None
    pathology_date: date | None
    gene_test: bool | None
    gene_lab: str
    referral: str
    external_mdt_date: date | None
    death_date: date | None


class RowReader:
    """Reads the cells of one row and gathers what is wrong with them."""

    def __init__(self, raw: Mapping[str, object], today: date) -> None:
        self.raw = raw
        self.today = today
        self.refusals: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self, column: str, code: str) -> None:
        """Keep the row out, for this reason."""
        self.refusals.append(Problem(column, self._shown(column), code))

    def warn(self, column: str, code: str) -> None:
        """Let the row count and say what looks wrong; of two days in the wrong order, both."""
        shown = self._shown(column)
        if code in _BEFORE_DIAGNOSIS:
            shown = f"{shown} < {self._shown('diagnosis_date')}"
        self.warnings.append(Problem(column, shown, code))

    def _shown(self, column: str) -> str:
        return shown_value(column, cell_text(self.raw.get(column)))

    def text(self, column: str) -> str:
        """Return the words of a cell, as written."""
        value = self.raw.get(column)
        return "" if value is None else cell_text(value)

    def plain(self, column: str) -> str:
        """Return the code in a cell, half-width."""
        value = self.raw.get(column)
        return "" if value is None else plain_text(value)

    def date(self, column: str) -> date | None:
        """Read the day in a cell; one that cannot be read refuses the row."""
        value = self.raw.get(column)
        if value is None:
            return None
        try:
            return read_date(value)
        except ValueError:
            self.refuse(column, "date_unreadable")
            return None

    def coded(self, column: str) -> str:
        """Read a coded cell; an unknown word is warned about and left out."""
        value = self.raw.get(column)
        if value is None:
            return ""
        code = read_code(column, value)
        if code is None:
            self.warn(column, f"{column}_unknown")
        return code or ""

    def yes_no(self, column: str) -> bool | None:
        """Read a cell that says yes, no or nothing."""
        code = self.coded(column)
        return code == "yes" if code else None


def read_row(reader: RowReader, known_hospitals: Container[str]) -> RegisterRow | None:
    """Read the row; ``None`` when the reader then holds refusals."""
    hospital = _hospital(reader, known_hospitals)
    icd10 = _icd10(reader)
    case_type = _case_type(reader)
    if not reader.text("diagnosis_date"):
        reader.refuse("diagnosis_date", "diagnosis_date_missing")
    days = {column: reader.date(column) for column in DATE_COLUMNS}
    identity = _identity(reader)
    diagnosis_date = days["diagnosis_date"]
    if reader.refusals or icd10 is None or diagnosis_date is None:
        return None
    sex, birth_date = _sex_and_birth(reader, identity, days["birth_date"])
    system, edition = _system_and_edition(reader)
    return RegisterRow(
        hospital_code=hospital,
        name=reader.text("name").translate(_NAME_DOTS),
        id_type=reader.coded("id_type"),
        id_number=normalise_id_number(reader.plain("id_number")),
        sex=sex,
        birth_date=birth_date,
        residence_code=reader.plain("residence_code"),
        mrn=reader.plain("mrn"),
        icd10=icd10.code,
        morphology=reader.plain("morphology").upper().removeprefix("M").lstrip("- "),
        laterality=reader.coded("laterality"),
        case_type=case_type,
        diagnosis_date=diagnosis_date,
        diagnosis_basis=reader.coded("diagnosis_basis"),
        staging_system=system,
        staging_edition=edition,
        stage_basis=_stage_basis(reader),
        t=reader.text("t"),
        n=reader.text("n"),
        m=reader.text("m"),
        stage_group=reader.text("stage_group"),
        stage_date=days["stage_date"],
        first_treatment_date=days["first_treatment_date"],
        first_treatment_type=reader.coded("first_treatment_type"),
        emergency=reader.yes_no("emergency"),
        pathology_date=days["pathology_date"],
        gene_test=reader.yes_no("gene_test"),
        gene_lab=reader.coded("gene_lab"),
        referral=reader.coded("referral"),
        external_mdt_date=days["external_mdt_date"],
        death_date=days["death_date"],
    )


def _hospital(reader: RowReader, known: Container[str]) -> str:
    code = reader.plain("hospital_code")
    if not code:
        reader.refuse("hospital_code", "hospital_code_missing")
    elif code not in known:
        reader.refuse("hospital_code", "hospital_code_unknown")
    return code


def _icd10(reader: RowReader) -> Icd10 | None:
    text = reader.plain("icd10")
    code = parse_icd10(text)
    if not text:
        reader.refuse("icd10", "icd10_missing")
    elif code is None:
        reader.refuse("icd10", "icd10_unreadable")
    elif not is_neoplasm(code.code):
        reader.refuse("icd10", "icd10_not_neoplasm")
    elif is_metastasis(code.code):
        reader.refuse("icd10", "icd10_metastasis")
    return code


def _case_type(reader: RowReader) -> str:
    code = read_code("case_type", reader.raw.get("case_type"))
    if not code:
        reader.refuse("case_type", "case_type_missing" if code == "" else "case_type_unknown")
    return code or ""


def _identity(reader: RowReader) -> IdNumber | None:
    """Check a resident's number; a document of another kind has no check digit to judge."""
    number = reader.plain("id_number")
    kind = read_code("id_type", reader.raw.get("id_type")) or RESIDENT_CARD
    if not number or kind != RESIDENT_CARD:
        return None
    checked = check_id_number(number, reader.today)
    if isinstance(checked, IdNumber):
        return checked
    if checked is IdProblem.CHECK_DIGIT:
        reader.refuse("id_number", checked.value)
    else:
        reader.warn("id_number", checked.value)
    return None


def _sex_and_birth(
    reader: RowReader, identity: IdNumber | None, birth_date: date | None
) -> tuple[str, date | None]:
    """Take what the row says, else the number; where they differ the row's word stands."""
    sex = reader.coded("sex")
    if identity is None:
        return sex, birth_date
    if sex in {"1", "2"} and sex != identity.sex:
        reader.warn("sex", "sex_differs_from_id")
    if birth_date and birth_date != identity.birth_date:
        reader.warn("birth_date", "birth_date_differs_from_id")
    return sex or identity.sex, birth_date or identity.birth_date


def _system_and_edition(reader: RowReader) -> tuple[str, str]:
    system, edition = read_staging_system(reader.raw.get("staging_system"))
    if system is None:
        reader.warn("staging_system", "staging_system_unknown")
        system = reader.plain("staging_system").upper()
    return system, read_edition(reader.raw.get("staging_edition")) or edition


def _stage_basis(reader: RowReader) -> str:
    """Keep an unknown word: read as empty it would pass for a clinical stage."""
    basis = read_code("stage_basis", reader.raw.get("stage_basis"))
    if basis is None:
        reader.warn("stage_basis", "stage_basis_unknown")
        return reader.plain("stage_basis")
    return basis
