"""Register rows and cases that are the same tumour of the same person, whichever comes first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.models.tumours import MatchDecision, Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.bulk import on_postgresql, one_of, values_of
from mdt.rules.calendar import local_date
from mdt.rules.registry.assignment import sides_agree
from mdt.rules.registry.matches import Link, MatchVerdict, standing_links
from mdt.services.board_facts import note_boards
from mdt.services.duplicates import note_alike, note_alike_by_number
from mdt.services.unit_of_work import Work

#: A case nobody has sent says nothing yet, one that was withdrawn nothing any more.
_NOT_MATCHED = ("draft", "withdrawn")
_BECAUSE = "a person's tumour is matched across hospitals, by keyed hash alone"

#: Further apart, diagnoses at one site are two tumours: a board on the cancer of five years ago
#: says nothing of a new primary there. Within a year they are taken for one, as hospitals date
#: one diagnosis by its first image, its pathology or its referral.
_SAME_DIAGNOSIS = timedelta(days=365)

_ROWS = scope.unscoped(
    select(
        Tumour.id,
        Tumour.patient_id,
        Patient.id_number_index,
        Tumour.site3,
        Tumour.laterality,
        Tumour.diagnosis_date,
        Tumour.created_at,
    ).join(Patient, Patient.id == Tumour.patient_id),
    because=_BECAUSE,
)


@dataclass(frozen=True, slots=True)
class Lesion:
    """What a row or a case says of whose tumour it is, and where."""

    id: int
    patient_id: str
    number_index: str | None
    site3: str
    laterality: str
    diagnosed_on: date

    def same(self, other: "Lesion") -> bool:
        """One person (by identity number, or the same patient), one site, no opposite sides.

        The diagnoses lie at most a year apart.
        """
        one_number = self.number_index is not None and self.number_index == other.number_index
        return (
            (one_number or self.patient_id == other.patient_id)
            and bool(self.site3)
            and self.site3 == other.site3
            and sides_agree(self.laterality, other.laterality)
            and abs(self.diagnosed_on - other.diagnosed_on) <= _SAME_DIAGNOSIS
        )


def match_case(work: Work, case: Case) -> list[int]:
    """Bring the register rows of a case up to date, inside the running unit of work.

    Called when a case is submitted and when its patient, site, side or diagnosis date changes. Rows
    of every hospital are matched: by identity number, or as the same patient of the same hospital.
    What a person decided about a row and this case stands. Gives the rows' numbers. Side effects:
    links are added, and those that no longer hold removed.
    """
    work.session.flush()
    number = work.session.scalar(
        scope.unscoped(
            select(Patient.id_number_index).where(Patient.id == case.patient_id), because=_BECAUSE
        )
    )
    lesion = Lesion(
        case.id,
        case.patient_id,
        number,
        case.icd10[:3],
        case.laterality,
        _diagnosed_on(case.diagnosis_date, case.created_at),
    )
    rows = _tumours_of([lesion], work.session)
    automatic = {(row.id, case.id) for row in rows if row.same(lesion)}
    wanted = standing_links(automatic, _decided(work, MatchDecision.case_id == case.id))
    links = select(TumourCase.tumour_id, TumourCase.case_id).where(TumourCase.case_id == case.id)
    present = _present(work, links)
    _replace_links(work, wanted, present)
    note_boards(work, {tumour for tumour, _ in wanted | present})
    note_alike_by_number(work, {row.id for row in rows})
    return sorted(tumour for tumour, _ in wanted)


def match_tumours(work: Work, tumours: Sequence[Tumour]) -> None:
    """Bring the cases of register rows up to date, inside the running unit of work.

    Cases that were sent are added; a link to any case that no longer holds is removed. What a
    person decided stands.
    """
    work.session.flush()
    ids = [tumour.id for tumour in tumours]
    rows = _lesions(
        work.session,
        _ROWS.where(Tumour.id.in_(ids)),
    )
    links = select(TumourCase.tumour_id, TumourCase.case_id).where(TumourCase.tumour_id.in_(ids))
    present = _present(work, links)
    sent = _cases_of(rows, work.session, {case for _, case in present})
    automatic = {(row.id, case.id) for row in rows for case in sent if row.same(case)}
    wanted = standing_links(automatic, _decided(work, MatchDecision.tumour_id.in_(ids)))
    _replace_links(work, wanted, present)
    note_boards(work, {tumour for tumour, _ in wanted | present})
    note_alike(work, tumours)


def match_new_tumours(work: Work, rows: Sequence[Lesion]) -> None:
    """The same for rows that were written just now: nothing links them, nobody has decided."""
    cases = _cases_of(rows, work.session, set())
    wanted = {(row.id, case.id) for row in rows for case in cases if row.same(case)}
    _replace_links(work, wanted, set())
    note_boards(work, {tumour for tumour, _ in wanted})
    note_alike_by_number(work, [row.id for row in rows])


def match_people(work: Work, patient_ids: Collection[str]) -> None:
    """Bring all rows and cases of patients up to date whose identity number was changed.

    What arrived with one row says of the others, too, whose they are. Inside the running unit of
    work; side effects: as above.
    """
    if not patient_ids:
        return
    rows = select(Tumour).where(Tumour.patient_id.in_(patient_ids)).order_by(Tumour.id)
    match_tumours(work, work.session.scalars(scope.unscoped(rows, because=_BECAUSE)).all())
    sent = (
        select(Case)
        .where(Case.patient_id.in_(patient_ids), Case.state.not_in(_NOT_MATCHED))
        .order_by(Case.id)
    )
    for case in work.session.scalars(scope.unscoped(sent, because=_BECAUSE)).all():
        match_case(work, case)


def _present(work: Work, links: Select[*tuple[Any, ...]]) -> set[Link]:
    return {(tumour_id, case_id) for tumour_id, case_id in work.session.execute(links)}


def _decided(work: Work, about: ColumnElement[bool]) -> dict[Link, MatchVerdict]:
    """What people decided that nobody has taken back."""
    statement = select(MatchDecision.tumour_id, MatchDecision.case_id, MatchDecision.verdict).where(
        about, MatchDecision.revoked_at.is_(None)
    )
    found = work.session.execute(scope.unscoped(statement, because=_BECAUSE))
    return {(tumour_id, case_id): MatchVerdict(verdict) for tumour_id, case_id, verdict in found}


def _tumours_of(lesions: Iterable[Lesion], session: Session) -> list[Lesion]:
    people, numbers = _people(lesions)
    return _lesions(
        session,
        _ROWS.where(or_(Tumour.patient_id.in_(people), Patient.id_number_index.in_(numbers))),
    )


def _cases_of(lesions: Iterable[Lesion], session: Session, linked: set[int]) -> list[Lesion]:
    people, numbers = _people(lesions)
    postgresql = on_postgresql(session)
    values = (
        values_of("people", people, postgresql=postgresql)
        | values_of("numbers", numbers, postgresql=postgresql)
        | values_of("linked", linked, postgresql=postgresql)
    )
    return _lesions(session, _cases_of_people(postgresql=postgresql), values)


@cache
def _cases_of_people(*, postgresql: bool) -> Select[*tuple[Any, ...]]:
    """Cases of patients with these numbers and of these ``people``; made once for all batches."""
    own = select(Patient.id).where(one_of(Patient.id, "people", postgresql=postgresql))
    same = select(Patient.id).where(
        one_of(Patient.id_number_index, "numbers", postgresql=postgresql)
    )
    statement = (
        select(
            Case.id,
            Case.patient_id,
            Patient.id_number_index,
            Case.icd10,
            Case.laterality,
            Case.diagnosis_date,
            Case.created_at,
        )
        .join(Patient, Patient.id == Case.patient_id)
        .where(
            Case.patient_id.in_(union(own, same)),
            or_(
                Case.state.not_in(_NOT_MATCHED),
                one_of(Case.id, "linked", postgresql=postgresql),
            ),
        )
    )
    return scope.unscoped(statement, because=_BECAUSE)


def _diagnosed_on(day: date | None, created_at: datetime) -> date:
    """The day of the diagnosis; a case that does not say is written soon after it."""
    return day or local_date(created_at)


def _people(lesions: Iterable[Lesion]) -> tuple[set[str], set[str]]:
    listed = list(lesions)
    return (
        {one.patient_id for one in listed},
        {one.number_index for one in listed if one.number_index},
    )


def _lesions(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    values: Mapping[str, object] | None = None,
) -> list[Lesion]:
    return [
        Lesion(id_, patient, number, (code or "")[:3], side, _diagnosed_on(day, created_at))
        for id_, patient, number, code, side, day, created_at in session.execute(
            statement, values or {}
        )
    ]


def _replace_links(work: Work, wanted: set[Link], present: set[Link]) -> None:
    for tumour_id, case_id in sorted(present - wanted):
        work.session.execute(
            delete(TumourCase).where(
                TumourCase.tumour_id == tumour_id, TumourCase.case_id == case_id
            )
        )
    new = [
        {"tumour_id": tumour_id, "case_id": case_id, "matched_at": work.now}
        for tumour_id, case_id in sorted(wanted - present)
    ]
    if new:
        # An import and a submission may find the same pair at the same moment.
        insert = postgresql.insert if on_postgresql(work.session) else sqlite.insert
        work.session.execute(insert(TumourCase).values(new).on_conflict_do_nothing())
