"""One tumour of the register with everything that explains how it counts."""

from dataclasses import dataclass, replace
from datetime import date

from mdt.models.cases import Case
from mdt.models.tumours import Tumour
from mdt.queries import registry
from mdt.queries.coverage import Place, coverage_rows, visible_places
from mdt.queries.coverage_definitions import known_definitions
from mdt.queries.duplicates import find_possible_duplicates
from mdt.queries.patients import open_identity
from mdt.rules.access import Viewer
from mdt.rules.coverage import (
    Board,
    BoardUse,
    CoverageRow,
    Definition,
    Judgement,
    StageUse,
    board_use,
    judge,
    stage_use,
)
from mdt.rules.coverage.request import quarter_of
from mdt.rules.identity import age_on
from mdt.rules.staging import RegisterStage, judge_register_stage


@dataclass(frozen=True)
class CountedBoard:
    """A board of the tumour, and what it is under each definition."""

    board: Board
    strict: BoardUse
    lenient: BoardUse


@dataclass(frozen=True)
class TumourView:
    """A register row as its viewer may see it.

    Names are masked, and empty above the own hospital. ``cases`` are those that the viewer may
    open; ``other_cases`` counts the rest, sent by other hospitals.
    """

    tumour: Tumour
    place: Place
    own: bool
    masked_name: str
    masked_id_number: str
    mrn: str
    birth_year: int | None
    age: int | None
    row: CoverageRow
    strict: Judgement
    lenient: Judgement
    definitions: tuple[Definition, Definition]
    stage: RegisterStage
    stage_use: StageUse
    boards: tuple[CountedBoard, ...]
    cases: tuple[Case, ...]
    other_cases: int
    possible_duplicates: int


def show_tumour(viewer: Viewer, tumour_id: int, *, today: date) -> TumourView:
    """A register row that the viewer may see, judged on a day; else `NotFound`.

    By the definitions in force for the quarter of its diagnosis.
    """
    tumour = registry.get_tumour(viewer, tumour_id)
    places = visible_places(viewer)
    row = replace(
        coverage_rows(viewer, tumour_ids=[tumour_id], places=places)[0],
        **{name: getattr(tumour, name) for name in ("t", "n", "m", "stage_group")},
    )
    who = open_identity(tumour.patient)
    own = registry.shows_names(viewer, tumour.hospital_id)
    age = age_on(who.birth_date, tumour.diagnosis_date) if who.birth_date else None
    stage = _stage(tumour, age)
    first = quarter_of(tumour.diagnosis_date).first
    known = known_definitions(viewer)
    strict, lenient = (known.in_force(code, first) for code in ("strict", "lenient"))
    cases, others = registry.cases_of_tumour(viewer, tumour_id)
    return TumourView(
        tumour=tumour,
        place=places[tumour.hospital_id],
        own=own,
        masked_name=who.masked_name if own else "",
        masked_id_number=who.masked_id_number if own else "",
        mrn=who.mrn if own else "",
        birth_year=who.birth_date.year if who.birth_date else None,
        age=age,
        row=row,
        strict=judge(row, definition=strict, on=today),
        lenient=judge(row, definition=lenient, on=today),
        stage=stage,
        definitions=(strict, lenient),
        stage_use=stage_use(row, stage, strict),
        boards=tuple(
            CountedBoard(one, board_use(one, row, strict), board_use(one, row, lenient))
            for one in row.boards
        ),
        cases=tuple(cases),
        other_cases=others,
        possible_duplicates=len(find_possible_duplicates(tumour_id)),
    )


def _stage(tumour: Tumour, age: int | None) -> RegisterStage:
    return judge_register_stage(
        icd10=tumour.icd10,
        morphology=tumour.morphology,
        system=tumour.staging_system,
        edition=tumour.staging_edition,
        basis=tumour.stage_basis,
        t=tumour.t,
        n=tumour.n,
        m=tumour.m,
        group=tumour.stage_group,
        age=age,
    )
