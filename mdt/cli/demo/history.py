"""Boards of the past quarters, so that coverage differs by hospital and by quarter."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mdt.cli.demo.boards import attendance_of
from mdt.cli.demo.demo import COORDINATORS, DOCTORS, Demo
from mdt.cli.demo.past_opinions import PastTumour, case_fields, opinion
from mdt.cli.demo.people import TEAMS, core_disciplines
from mdt.cli.demo.register import first_day
from mdt.queries.coverage import coverage_rows
from mdt.queries.registry import PAGE_SIZE, tumour_lines
from mdt.rules.case_state import CaseState
from mdt.rules.content import tumour_types_for
from mdt.rules.coverage import STRICT, CoverageRow, Judgement, Period, judge
from mdt.rules.staging import printed_group
from mdt.services.demo_history import PastBoard, PastItem, PastSeat, Scans, write_boards

_SEED = 20260202
#: Share of each hospital's denominator that is discussed in time.
_SHARES = {
    "DEMO-JX-P1": 0.64, "DEMO-JX-C1": 0.56, "DEMO-JX-C2": 0.46, "DEMO-JX-C3": 0.30,
    "DEMO-JL-P1": 0.60, "DEMO-JL-C1": 0.48, "DEMO-JL-C2": 0.40, "DEMO-JL-C3": 0.27,
}  # fmt: skip
#: More or less than that, quarter by quarter.
_TREND = (-0.10, -0.08, -0.04, 0.02, 0.14, -0.12)
#: Each team meets every other week; the day, counted from the Monday of the first.
_WEEKDAYS = (1, 3, 2, 4, 7, 9)
_FORTNIGHT = 14
_QUALITY = ("quality", "jl-quality")
_LENIENT = timedelta(days=30)
_SOONEST = timedelta(days=3)
#: Boards after treatment had begun (lenient only), and of early or unstaged tumours.
_TOO_LATE, _EARLY = 8, 10
#: Since the board, in days: the opinion waits to be adopted, is adopted, the case is closed.
_SIGNED, _ADOPTED, _CLOSED = 3, 12, 170
_SPREAD = 45


@dataclass(frozen=True)
class _Meeting:
    """A register row with its team and the day on which that team took it up."""

    row: CoverageRow
    team: str
    day: date
    quorum: bool = True
    deferral: str = ""


def write_history(demo: Demo, scans: Mapping[str, Mapping[str, bytes]]) -> int:
    """Write past boards for register rows that have none; gives the number of cases."""
    chance = random.Random(_SEED)  # noqa: S311 -- invented data
    period = Period(first_day(demo.today), demo.today)
    rows = [row for name in _QUALITY for row in coverage_rows(demo.viewer(name, demo.now), period)]
    meetings = list(_choose(demo, chance, rows))
    tumours: dict[str, PastTumour] = {}
    for name in _QUALITY:
        tumours |= _tumours(demo, name, [meeting.row.id for meeting in meetings])
    by_number: Scans = {demo.places.hospitals[code]: kinds for code, kinds in scans.items()}
    return write_boards(_boards(demo, meetings, tumours), by_number, now=demo.now)


def _choose(demo: Demo, chance: random.Random, rows: Sequence[CoverageRow]) -> Iterator[_Meeting]:
    """As many of each hospital and quarter as its share asks for, then the odd ones."""
    first = _quarter(first_day(demo.today))
    groups: dict[tuple[str, int], list[tuple[CoverageRow, Judgement]]] = defaultdict(list)
    for row in rows:
        judged = judge(row, definition=STRICT, on=demo.today)
        groups[row.hospital_code, _quarter(row.diagnosis_date) - first].append((row, judged))
    left: list[tuple[CoverageRow, Judgement]] = []
    for (hospital, quarter), judged_rows in sorted(groups.items()):
        counted = [(row, one) for row, one in judged_rows if one.in_denominator]
        wanted = round(len(counted) * (_SHARES[hospital] + _TREND[quarter]))
        wanted -= sum(one.board_in_time for _, one in counted)
        chance.shuffle(counted)
        found = [meeting for row, _ in counted if (meeting := _in_time(demo, row))]
        yield from found[: max(wanted, 0)]
        taken = {meeting.row.id for meeting in found[: max(wanted, 0)]}
        left += [(row, one) for row, one in judged_rows if row.id not in taken]
    yield from _odd_ones(demo, chance, left)


def _odd_ones(
    demo: Demo, chance: random.Random, left: list[tuple[CoverageRow, Judgement]]
) -> Iterator[_Meeting]:
    """Too late, too early a stage, without a quorum, put off."""
    chance.shuffle(left)
    counted = [row for row, one in left if one.in_denominator]
    late = [meeting for row in counted if (meeting := _after_treatment(demo, row))]
    yield from late[:_TOO_LATE]
    met = {meeting.row.id for meeting in late[:_TOO_LATE]}
    others = [row for row, one in left if not (one.in_denominator or one.excluded)]
    early = [meeting for row in others if (meeting := _in_time(demo, row))]
    yield from early[:_EARLY]
    spare = [m for row in counted if row.id not in met and (m := _in_time(demo, row))]
    for meeting, quorum, deferral in zip(
        spare, (False, True), ("", "await_molecular"), strict=False
    ):
        yield _Meeting(meeting.row, meeting.team, meeting.day, quorum, deferral)


def _in_time(demo: Demo, row: CoverageRow) -> _Meeting | None:
    """The team's first meeting after the diagnosis, if it was before the treatment."""
    last = min(row.first_treatment_date or demo.today, demo.day(1))
    return _meeting(row, row.diagnosis_date + _SOONEST, last)


def _after_treatment(demo: Demo, row: CoverageRow) -> _Meeting | None:
    """A meeting after the treatment had begun, within thirty days of the diagnosis."""
    if row.first_treatment_date is None:
        return None
    last = min(row.diagnosis_date + _LENIENT, demo.day(1))
    return _meeting(row, row.first_treatment_date + timedelta(days=1), last)


def _meeting(row: CoverageRow, earliest: date, last: date) -> _Meeting | None:
    hospital = f"{row.hospital_code[:7]}-P1"
    types = [one.code for one in tumour_types_for(row.icd10)]
    for (lead, team, _, takes, _), weekday in zip(TEAMS, _WEEKDAYS, strict=True):
        if lead == hospital and types and types[0] in takes and not row.boards:
            day = earliest + timedelta(days=(weekday - earliest.toordinal() + 1) % _FORTNIGHT)
            return _Meeting(row, team, day) if day <= last else None
    return None


def _tumours(demo: Demo, viewer: str, ids: Sequence[str]) -> dict[str, PastTumour]:
    found = {}
    numbers = [int(id_) for id_ in ids]
    for start in range(0, len(numbers), PAGE_SIZE):
        some = numbers[start : start + PAGE_SIZE]
        for line in tumour_lines(demo.viewer(viewer, demo.now), some, today=demo.today):
            tumour = line.tumour
            found[str(tumour.id)] = PastTumour(
                tumour_type=tumour_types_for(tumour.icd10, tumour.morphology)[0].code,
                icd10=tumour.icd10,
                morphology=tumour.morphology,
                edition=tumour.staging_edition,
                t=tumour.t,
                n=tumour.n,
                m=tumour.m,
                stage_group=printed_group(tumour.stage_group, tumour.staging_system),
                late=line.judged.in_denominator,
                treatment=tumour.first_treatment_type,
            )
    return found


def _boards(
    demo: Demo, meetings: Iterable[_Meeting], tumours: Mapping[str, PastTumour]
) -> list[PastBoard]:
    """One conference for each team and day, the oldest first."""
    days: dict[tuple[date, str], list[_Meeting]] = defaultdict(list)
    for meeting in meetings:
        days[meeting.day, meeting.team].append(meeting)
    return [_board(demo, day, team, here, tumours) for (day, team), here in sorted(days.items())]


def _board(
    demo: Demo,
    day: date,
    team: str,
    meetings: Sequence[_Meeting],
    tumours: Mapping[str, PastTumour],
) -> PastBoard:
    users = demo.people.users
    hospital = next(lead for lead, zh, *_ in TEAMS if zh == team)
    panel = _panel(demo, hospital, team)
    return PastBoard(
        team_id=demo.people.teams[team],
        starts_at=demo.at(day, 14, 30),
        chair_id=users[demo.people.chair_of(hospital)],
        coordinator_id=users[COORDINATORS[hospital]],
        panel=panel,
        items=tuple(_item(demo, one, panel, tumours[one.row.id]) for one in meetings),
        title=f"{team}例会",
    )


def _panel(demo: Demo, hospital: str, team: str) -> tuple[PastSeat, ...]:
    number = demo.places.hospitals[hospital]
    people = attendance_of(demo, hospital, core_disciplines(team))
    return tuple(PastSeat(one.user_id, number, one.role, one.discipline) for one in people)


def _item(
    demo: Demo, meeting: _Meeting, panel: tuple[PastSeat, ...], tumour: PastTumour
) -> PastItem:
    ago = (demo.today - meeting.day).days
    number = int(meeting.row.id)
    return PastItem(
        tumour_id=number,
        doctor_id=demo.people.users[DOCTORS[meeting.row.hospital_code]],
        state=CaseState.DEFERRED if meeting.deferral else _state(ago),
        quorum=meeting.quorum,
        came=panel if meeting.quorum else panel[:2],
        plan=opinion(tumour),
        fields=case_fields(tumour),
        deferral_reason=meeting.deferral,
        next_on=demo.today + timedelta(days=2 + number * 7 % _SPREAD),
    )


def _state(ago: int) -> CaseState:
    if ago <= _SIGNED:
        return CaseState.SIGNED
    if ago <= _ADOPTED:
        return CaseState.ADOPTED
    return CaseState.FOLLOWING if ago <= _CLOSED else CaseState.CLOSED


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3
