"""One tumour by hand: entered, or a row of the own hospital corrected, by the file's own rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mdt.extensions import sealing
from mdt.models.tumours import Tumour
from mdt.queries import registry as queries
from mdt.queries.patients import open_identity
from mdt.queries.register_alike import rows_alike
from mdt.queries.register_history import IDENTITY_COLUMNS, cells_of, person_cells
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.errors import Invalid, NotFound, Refused, Stale
from mdt.rules.icd10 import looks_like_code
from mdt.rules.registry import ParsedRow, Problem, parse_row
from mdt.rules.registry.entry import Cells, Preview, preview, site_of
from mdt.services.register_drafts import end_draft
from mdt.services.register_edits import has_case, rewrite_row
from mdt.services.register_prepared import PreparedRow, prepare_row
from mdt.services.register_rows import queue_behind_other_imports, write_rows
from mdt.services.unit_of_work import Work, unit_of_work


class RowDoubtful(Refused):
    """Something looks wrong that the person has not been shown yet: look, then send again.

    ``warnings`` are those of a row of the file; ``alike`` the own hospital's rows of this person
    at this site, for who may see names there.
    """

    def __init__(self, warnings: Iterable[Problem], alike: Iterable[int]) -> None:
        super().__init__("row_doubtful")
        self.warnings = tuple(warnings)
        self.alike = tuple(alike)

    @property
    def seen(self) -> str:
        """What the next answer says that it has seen."""
        return " ".join(_marks(self.warnings, self.alike))


def _marks(warnings: Iterable[Problem], alike: Iterable[int]) -> list[str]:
    return [*(f"{one.column}:{one.code}" for one in warnings), *(f"row:{id_}" for id_ in alike)]


@dataclass(frozen=True, slots=True)
class Entered:
    """The tumour of a row, whether it says anything new, and what to look at all the same."""

    tumour_id: int
    changed: bool
    warnings: tuple[Problem, ...] = ()


def enter_row(
    viewer: Viewer, cells: Cells, *, seen: str, draft: str = "", now: datetime
) -> Entered:
    """Add a row to a register that the viewer keeps.

    ``seen`` holds what the person was shown (`RowDoubtful.seen`), ``draft`` the number under which
    it was kept while it was typed. Raises `Invalid` for what a row
    of the file is refused for, `RowDoubtful` for what nobody looked at yet. Side effects: patient,
    tumour, links to cases, an audit row; the draft is forgotten.
    """
    hospitals = queries.managed_hospitals(viewer)
    parsed = _read(cells, hospitals, now)
    prepared = _prepared(parsed, hospitals, now)
    with unit_of_work(viewer, AuditAction.REGISTRY_ENTER, now=now) as work:
        alike = rows_alike(work.session, prepared.hospital_id, prepared.identity, prepared.row)
        # Above the own hospital a register is de-identified: whoever types a name and a number
        # there learns nothing of a row that has them. The queue of duplicates takes it up.
        named = queries.shows_names(viewer, prepared.hospital_id)
        _ask_about(parsed.warnings, alike if named else (), seen)
        # Whoever was shown a row alike and goes on says that this is another tumour.
        [written] = write_rows(work, [prepared], set(alike), None)
        remarks = [Problem(column, "", code) for column, code in written.remarks]
        if draft:
            end_draft(work, viewer, draft)
        work.about(queries.get_tumour(viewer, written.tumour_id), alike=len(alike))
        return Entered(written.tumour_id, written.changed, (*parsed.warnings, *remarks))


def _read(cells: Cells, hospitals: Mapping[str, int], now: datetime) -> ParsedRow:
    """Read the cells as a row of the file; raises `Invalid` with the codes of its refusals."""
    site = cells.get("icd10", "")
    parsed = parse_row(
        {**cells, "icd10": site_of(site)},
        row_number=1,
        today=local_date(now),
        known_hospitals=hospitals,
        known_regions=queries.region_codes(),
    )
    if parsed.refusals:
        raise Invalid({one.column: _refusal(one, site) for one in reversed(parsed.refusals)})
    return parsed


def _refusal(problem: Problem, site: str) -> str:
    words = problem.code == "icd10_unreadable" and not looks_like_code(site)
    return "icd10_name_unknown" if words else problem.code


def _prepared(parsed: ParsedRow, hospitals: Mapping[str, int], now: datetime) -> PreparedRow:
    row = parsed.row
    if row is None:
        raise ValueError("a row without refusals is whole")
    return prepare_row(row, parsed.row_number, hospitals[row.hospital_code])


def _ask_about(warnings: Iterable[Problem], alike: Iterable[int], seen: str) -> None:
    doubts = RowDoubtful(warnings, alike)
    if not set(doubts.seen.split()) <= set(seen.split()):
        raise doubts


@dataclass(frozen=True, slots=True)
class RowToEdit:
    """A row of the own hospital as its form shows it.

    ``cells`` are codes by column; those of the person are left out for who may not see names in
    full. ``version`` changes with every cell.
    """

    tumour: Tumour
    cells: dict[str, str]
    version: str
    named: bool


def open_row(viewer: Viewer, tumour_id: int) -> RowToEdit:
    """A row that the viewer may correct: of a register that they keep, inside the own hospital.

    Raises `NotFound` for any other.
    """
    tumour = queries.get_tumour(viewer, tumour_id)
    own = queries.shows_names(viewer, tumour.hospital_id)
    if not own or tumour.hospital.code not in queries.managed_hospitals(viewer):
        raise NotFound
    cells = _whole(tumour)
    named = may(viewer, Permission.PATIENT_UNMASK)
    shown = {name: cell for name, cell in cells.items() if named or name not in IDENTITY_COLUMNS}
    return RowToEdit(tumour, shown, _version(cells), named)


def _whole(tumour: Tumour) -> dict[str, str]:
    cells = cells_of(tumour, open_identity(tumour.patient))
    return {"hospital_code": tumour.hospital.code, **cells}


def _version(cells: Mapping[str, str]) -> str:
    """A keyed hash, as the cells say who the patient is."""
    return sealing.keyring.blind_index("register_version", repr(sorted(cells.items())))[:16]


def edit_row(
    viewer: Viewer, tumour_id: int, cells: Cells, *, version: str, seen: str, now: datetime
) -> Entered:
    """Correct a row of the own hospital; what it said before is kept.

    Raises `NotFound`, `Invalid` and `RowDoubtful` as above, and `Stale` with the cells that stand
    there now (``current``) where the row is another than the ``version`` that was shown. Side
    effects: patient, tumour, its former state, links to cases, an audit row.
    """
    hospitals = queries.managed_hospitals(viewer)
    with unit_of_work(viewer, AuditAction.REGISTRY_EDIT, now=now) as work:
        found = _hold_row(work, viewer, tumour_id)
        before = _whole(found.tumour)
        kept = {} if found.named else {name: before[name] for name in IDENTITY_COLUMNS}
        parsed = _read({**cells, **kept, "hospital_code": before["hospital_code"]}, hospitals, now)
        if found.version != version:
            raise Stale("row_stale", current=found)
        _ask_about(parsed.warnings, (), seen)
        prepared = _prepared(parsed, hospitals, now)
        changed = rewrite_row(work, found.tumour, prepared)
        after = _whole(found.tumour)
        fields = [name for name, cell in after.items() if cell != before[name]]
        work.about(found.tumour, fields=fields)
        code = "identity_of_case" if has_case(work, found.tumour.patient) else "identity_of_patient"
        unmoved = tuple(Problem(name, "", code) for name in _unmoved(prepared, after))
        return Entered(tumour_id, changed, parsed.warnings + unmoved)


def _hold_row(work: Work, viewer: Viewer, tumour_id: int) -> RowToEdit:
    """The row as it stands once nobody else writes rows of its hospital."""
    hospital_id = open_row(viewer, tumour_id).tumour.hospital_id
    queue_behind_other_imports(work.session, [hospital_id])
    # What was loaded before the wait may have been replaced meanwhile.
    work.session.expire_all()
    return open_row(viewer, tumour_id)


def _unmoved(row: PreparedRow, after: Mapping[str, str]) -> list[str]:
    """Columns of the person that the row says and the patient does not.

    What a case calls a person, or a patient whom the row was moved to is called, goes before it.
    """
    said = person_cells(row.identity, row.person.sex)
    return [name for name, cell in said.items() if cell and cell != after[name]]


@dataclass(frozen=True, slots=True)
class Looked:
    """What follows from cells that are being typed, and what looks wrong in a whole row."""

    preview: Preview
    warnings: tuple[Problem, ...]


def look_at(viewer: Viewer, cells: Cells, *, now: datetime) -> Looked:
    """Say what follows from the cells so far. Nothing is read of the register, nor written."""
    parsed = parse_row(
        {**cells, "icd10": site_of(cells.get("icd10", ""))},
        row_number=1,
        today=local_date(now),
        known_hospitals=queries.managed_hospitals(viewer),
        known_regions=queries.region_codes(),
    )
    return Looked(preview(cells, local_date(now)), parsed.warnings if parsed.row else ())
