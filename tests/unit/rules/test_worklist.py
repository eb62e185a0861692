"""Which tasks follow from the facts, and which comes first."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mdt.rules.case_state import CaseState
from mdt.rules.conference import ConferenceState, InvitationAnswer
from mdt.rules.worklist import (
    Band,
    CaseFact,
    ConferenceFact,
    PlanFact,
    Task,
    TaskKind,
    approver_tasks,
    band_of,
    clinician_tasks,
    conference_tasks,
    coordinator_tasks,
    end_of_day,
    ordered,
    plan_tasks,
    quality_tasks,
)

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # ten in the morning in China
TODAY = date(2026, 11, 20)
HOUR = timedelta(hours=1)


def case(state: str, **facts: object) -> CaseFact:
    return CaseFact(**{"id": 7, "state": CaseState(state), "since": NOW - HOUR, **facts})


def conference(**facts: object) -> ConferenceFact:
    values = {"id": 3, "state": ConferenceState.SCHEDULED, "starts_at": NOW + timedelta(days=3)}
    return ConferenceFact(**{**values, **facts})


def kinds(tasks: tuple[Task, ...]) -> list[tuple[TaskKind, Band]]:
    return [(task.kind, task.band) for task in tasks]


@pytest.mark.parametrize(
    ("due", "band"),
    [
        (None, Band.LATER),
        (NOW - HOUR, Band.OVERDUE),
        (NOW, Band.NOW),
        (NOW + 2 * HOUR, Band.NOW),
        (NOW + 3 * HOUR, Band.TODAY),
        (datetime(2026, 11, 20, 15, 59, tzinfo=UTC), Band.TODAY),
        (datetime(2026, 11, 20, 16, 1, tzinfo=UTC), Band.WEEK),
        (NOW + timedelta(days=7), Band.WEEK),
        (NOW + timedelta(days=8), Band.LATER),
    ],
)
def test_urgency_follows_from_what_is_due_and_days_are_those_of_china(due, band):
    assert band_of(due, NOW) is band


def test_a_day_ends_before_midnight_in_china():
    assert end_of_day(TODAY) == datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (case("draft"), [(TaskKind.COMPLETE_DRAFT, Band.LATER)]),
        (case("returned", due_on=TODAY), [(TaskKind.RETURNED, Band.TODAY)]),
        (case("returned", due_on=TODAY - timedelta(days=1)), [(TaskKind.RETURNED, Band.OVERDUE)]),
        (case("returned"), [(TaskKind.RETURNED, Band.TODAY)]),
        (case("submitted", owes=2), [(TaskKind.CONSENT_OWED, Band.TODAY)]),
        (case("submitted"), []),
        (case("signed"), [(TaskKind.ADOPT, Band.TODAY)]),
        (case("adopted"), [(TaskKind.FOLLOW_UP, Band.WEEK)]),
        (case("adopted", since=NOW - timedelta(days=10)), [(TaskKind.FOLLOW_UP, Band.OVERDUE)]),
        (case("following"), []),
        (case("following", next_on=TODAY), [(TaskKind.FOLLOW_UP, Band.TODAY)]),
        (case("following", next_on=TODAY + timedelta(days=30)), []),
        (case("closed"), []),
    ],
)
def test_what_the_asking_doctor_must_do(fact, expected):
    assert kinds(clinician_tasks([fact], NOW)) == expected


def test_approval_is_due_by_the_urgency_from_its_arrival():
    tasks = approver_tasks([case("reviewing", urgency="critical"), case("draft")], NOW)
    assert [(t.kind, t.due) for t in tasks] == [(TaskKind.APPROVE, NOW - HOUR + 4 * HOUR)]


def test_the_clock_of_a_case_runs_from_its_first_submission():
    submitted = NOW - timedelta(hours=70)
    tasks = coordinator_tasks(
        [
            case("submitted", submitted_at=submitted),
            case("accepted", submitted_at=submitted, id=8),
            case("deferred", submitted_at=submitted, id=9),
            case("deferred", submitted_at=submitted, id=10, due_on=TODAY),
        ],
        NOW,
    )
    assert [(t.kind, t.case_id, t.band) for t in tasks] == [
        (TaskKind.TRIAGE, 7, Band.NOW),
        (TaskKind.SCHEDULE, 8, Band.NOW),
        (TaskKind.RECONSIDER, 10, Band.TODAY),
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"since": NOW - timedelta(days=204)}, [(TaskKind.RECONSIDER, Band.OVERDUE)]),
        ({"since": NOW - timedelta(days=29)}, []),
        ({"due_on": TODAY - timedelta(days=1)}, [(TaskKind.RECONSIDER, Band.OVERDUE)]),
        ({"due_on": TODAY + timedelta(days=60)}, [(TaskKind.RECONSIDER, Band.LATER)]),
    ],
)
def test_a_deferred_case_comes_again(facts, expected):
    assert kinds(coordinator_tasks([case("deferred", **facts)], NOW)) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (conference(), []),
        (conference(answer=InvitationAnswer.PENDING), [(TaskKind.ANSWER, Band.WEEK)]),
        (
            conference(answer=InvitationAnswer.PENDING, starts_at=NOW + timedelta(days=20)),
            [(TaskKind.ANSWER, Band.WEEK)],
        ),
        (conference(answer=InvitationAnswer.ACCEPTED), [(TaskKind.ATTEND, Band.WEEK)]),
        (
            conference(answer=InvitationAnswer.TENTATIVE, presents=True),
            [(TaskKind.PRESENT, Band.WEEK)],
        ),
        (conference(answer=InvitationAnswer.DECLINED), []),
        (conference(arranges=True, leads=True, unanswered=2), [(TaskKind.ARRANGE, Band.WEEK)]),
        (conference(arranges=True, leads=True, short=True), [(TaskKind.ARRANGE, Band.WEEK)]),
        (conference(arranges=True, leads=True), []),
        (
            conference(leads=True, starts_at=NOW + timedelta(minutes=30)),
            [(TaskKind.START_CONFERENCE, Band.LIVE)],
        ),
        (
            conference(state=ConferenceState.LIVE, answer=InvitationAnswer.PENDING),
            [(TaskKind.JOIN_LIVE, Band.LIVE)],
        ),
        (conference(state=ConferenceState.LIVE, leads=True), [(TaskKind.JOIN_LIVE, Band.LIVE)]),
        (conference(state=ConferenceState.LIVE, answer=InvitationAnswer.DECLINED), []),
    ],
)
def test_what_a_conference_asks_of_a_person(fact, expected):
    assert kinds(conference_tasks([fact], NOW)) == expected


def test_opinions_are_to_be_written_and_signed_today():
    tasks = plan_tasks([PlanFact(1, NOW, signing=True), PlanFact(2, None, signing=False)])
    assert kinds(tasks) == [(TaskKind.SIGN, Band.TODAY), (TaskKind.WRITE_PLAN, Band.TODAY)]


def test_quality_is_told_of_registers_that_are_out_of_date():
    fresh, old = NOW - timedelta(days=35), NOW - timedelta(days=36)
    found = quality_tasks([fresh, old, None], below=3, may_import=True, now=NOW)
    assert [t.count for t in found] == [3, 0, 2]
    assert TaskKind.IMPORT_REGISTER not in {
        t.kind for t in quality_tasks([fresh], below=0, may_import=True, now=NOW)
    }


def test_the_most_urgent_stands_first_and_nothing_twice():
    later = Task(TaskKind.COMPLETE_DRAFT, Band.LATER, 1)
    today = Task(TaskKind.ADOPT, Band.TODAY, 2)
    soon = Task(TaskKind.TRIAGE, Band.NOW, 3, due=NOW + HOUR)
    late = Task(TaskKind.SCHEDULE, Band.OVERDUE, 4, due=NOW - HOUR)
    live = Task(TaskKind.JOIN_LIVE, Band.LIVE, conference_id=5, due=NOW + 2 * HOUR)
    assert ordered([later, today, soon, late, today, live]) == (live, late, soon, today, later)
