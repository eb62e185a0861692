"""What a person must do: which tasks follow from the facts, and in which order.

Facts are plain data out of ``mdt.queries.worklist``; the words and addresses of each kind of task
are in ``mdt.web.words.worklist``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from mdt.rules.calendar import SHANGHAI, local_date
from mdt.rules.case_state import CaseState
from mdt.rules.conference import ConferenceState, InvitationAnswer
from mdt.rules.intake import due_at
from mdt.rules.registry.importing import ASKS as IMPORT_ASKS
from mdt.rules.registry.importing import AT_WORK as IMPORT_AT_WORK
from mdt.rules.registry.importing import ImportState

#: A conference may be opened from the worklist this long before its time.
OPEN_BEFORE = timedelta(minutes=30)
#: What falls due within this time is urgent now.
PRESSING = timedelta(hours=2)
WEEK = timedelta(days=7)
#: Follow-ups are announced this long before their day.
FOLLOW_UP_AHEAD = timedelta(days=7)
#: After adoption the first report, with the day that treatment began, is due within this time.
FIRST_FOLLOW_UP = timedelta(days=7)
#: A case that was deferred without a day is looked at again after this time.
DEFERRED_AT_MOST = timedelta(days=30)
#: A register that nobody has sent for longer than this is out of date.
REGISTER_STALE_AFTER = timedelta(days=35)


class TaskKind(StrEnum):
    """Things to do, the most pressing kind first: the order among equally urgent ones."""

    JOIN_LIVE = "join_live"
    START_CONFERENCE = "start_conference"
    RETURNED = "returned"
    CONSENT_OWED = "consent_owed"
    TRIAGE = "triage"
    APPROVE = "approve"
    SIGN = "sign"
    WRITE_PLAN = "write_plan"
    ADOPT = "adopt"
    FOLLOW_UP = "follow_up"
    ANSWER = "answer"
    ARRANGE = "arrange"
    SCHEDULE = "schedule"
    RECONSIDER = "reconsider"
    READ_CASES = "read_cases"
    PRESENT = "present"
    ATTEND = "attend"
    COMPLETE_DRAFT = "complete_draft"
    CONTINUE_IMPORT = "continue_import"
    IMPORT_RUNNING = "import_running"
    IMPORT_REGISTER = "import_register"
    NOT_DISCUSSED = "not_discussed"
    READ_REPORT = "read_report"
    MANAGE_PLACES = "manage_places"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"


class Band(StrEnum):
    """How urgent, in words; the headings of the worklist.

    In a room that is open others are waiting: before anything that is only late.
    """

    LIVE = "live"
    OVERDUE = "overdue"
    NOW = "now"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


_BANDS = tuple(Band)
_KINDS = tuple(TaskKind)


@dataclass(frozen=True, slots=True)
class Task:
    """One line: what, about which case or conference, until when, since when.

    ``count`` goes with kinds that speak of a number of things (missing answers, hospitals).
    """

    kind: TaskKind
    band: Band
    case_id: int | None = None
    conference_id: int | None = None
    due: datetime | None = None
    since: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A case as far as the worklist asks."""

    id: int
    state: CaseState
    since: datetime
    urgency: str = "routine"
    submitted_at: datetime | None = None
    due_on: date | None = None
    #: Papers still owed after an urgent submission.
    owes: int = 0
    next_on: date | None = None


@dataclass(frozen=True, slots=True)
class ConferenceFact:
    """A conference as the person stands to it; ``answer`` is empty where nobody asked them."""

    id: int
    state: ConferenceState
    starts_at: datetime
    answer: InvitationAnswer | None = None
    presents: bool = False
    #: Runs it: chair or coordinator of its team.
    leads: bool = False
    #: Sees to answers and quorum: coordinator of its team.
    arranges: bool = False
    unanswered: int = 0
    short: bool = False
    empty: bool = False
    #: Cases that the person is to read again and has not opened.
    unread: int = 0


@dataclass(frozen=True, slots=True)
class PlanFact:
    """A plan that waits for this person: to be written or to be signed."""

    case_id: int
    since: datetime | None
    signing: bool


def band_of(due: datetime | None, now: datetime) -> Band:
    """How urgent something is that falls due at a moment."""
    if due is None:
        return Band.LATER
    if due < now:
        return Band.OVERDUE
    if due <= now + PRESSING:
        return Band.NOW
    if local_date(due) <= local_date(now):
        return Band.TODAY
    return Band.WEEK if due <= now + WEEK else Band.LATER


def sooner(one: Band, other: Band) -> Band:
    """The more urgent of two."""
    return min(one, other, key=_BANDS.index)


def end_of_day(day: date) -> datetime:
    """The last second of a day in China."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def deferred_until(since: datetime, due_on: date | None) -> datetime:
    """When a deferred case is to be taken up again: on its day, or after the longest wait."""
    return end_of_day(due_on) if due_on else since + DEFERRED_AT_MOST


def ordered(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """By urgency, then what falls due first; nothing twice."""
    return tuple(sorted(dict.fromkeys(tasks), key=_order))


def _order(task: Task) -> tuple[int, bool, float, int, int]:
    due = task.due.timestamp() if task.due else 0.0
    number = task.conference_id or task.case_id or 0
    return (
        _BANDS.index(task.band),
        task.due is None,
        due,
        _KINDS.index(task.kind),
        number,
    )


def _due(kind: TaskKind, case: CaseFact, due: datetime, now: datetime) -> Task:
    return Task(kind, band_of(due, now), case.id, due=due, since=case.since)


def clinician_tasks(cases: Iterable[CaseFact], now: datetime) -> tuple[Task, ...]:
    """What the doctor who asks still has to do with own cases."""
    return tuple(task for case in cases for task in _clinician(case, now))


def _clinician(case: CaseFact, now: datetime) -> Iterable[Task]:
    if case.owes:
        yield Task(
            TaskKind.CONSENT_OWED, Band.TODAY, case.id, since=case.submitted_at, count=case.owes
        )
    if case.state is CaseState.DRAFT:
        yield Task(TaskKind.COMPLETE_DRAFT, Band.LATER, case.id, since=case.since)
    elif case.state is CaseState.RETURNED:
        due = end_of_day(case.due_on) if case.due_on else None
        band = band_of(due, now) if due else Band.TODAY
        yield Task(TaskKind.RETURNED, band, case.id, due=due, since=case.since)
    elif case.state is CaseState.SIGNED:
        yield Task(TaskKind.ADOPT, Band.TODAY, case.id, since=case.since)
    elif case.state in {CaseState.ADOPTED, CaseState.FOLLOWING}:
        yield from _follow_up(case, now)


def _follow_up(case: CaseFact, now: datetime) -> Iterable[Task]:
    if case.next_on is None:
        if case.state is CaseState.ADOPTED:
            yield _due(TaskKind.FOLLOW_UP, case, case.since + FIRST_FOLLOW_UP, now)
        return
    due = end_of_day(case.next_on)
    if due <= now + FOLLOW_UP_AHEAD:
        yield _due(TaskKind.FOLLOW_UP, case, due, now)


def approver_tasks(cases: Iterable[CaseFact], now: datetime) -> tuple[Task, ...]:
    """Cases that wait for the hospital's own approval; the clock runs from their arrival."""
    return tuple(
        _due(TaskKind.APPROVE, case, due_at(case.since, case.urgency), now)
        for case in cases
        if case.state is CaseState.REVIEWING
    )


def coordinator_tasks(cases: Iterable[CaseFact], now: datetime) -> tuple[Task, ...]:
    """The team's queue: to decide on, to schedule, to take up again."""
    return tuple(task for case in cases for task in _coordinator(case, now))


def _coordinator(case: CaseFact, now: datetime) -> Iterable[Task]:
    due = due_at(case.submitted_at or case.since, case.urgency)
    if case.state is CaseState.SUBMITTED:
        yield _due(TaskKind.TRIAGE, case, due, now)
    elif case.state is CaseState.ACCEPTED:
        yield _due(TaskKind.SCHEDULE, case, due, now)
    elif case.state is CaseState.DEFERRED:
        until = deferred_until(case.since, case.due_on)
        if case.due_on or until < now:
            yield _due(TaskKind.RECONSIDER, case, until, now)


def conference_tasks(conferences: Iterable[ConferenceFact], now: datetime) -> tuple[Task, ...]:
    """Invitations to answer, conferences to prepare, to open, to join."""
    return tuple(task for one in conferences for task in _conference(one, now))


def _conference(one: ConferenceFact, now: datetime) -> Iterable[Task]:
    coming = one.answer not in {None, InvitationAnswer.DECLINED}

    def task(kind: TaskKind, band: Band, count: int = 0) -> Task:
        return Task(kind, band, conference_id=one.id, due=one.starts_at, count=count)

    if one.state is ConferenceState.LIVE:
        if coming or one.leads:
            yield task(TaskKind.JOIN_LIVE, Band.LIVE)
        return
    if one.state is not ConferenceState.SCHEDULED:
        return
    # Its time has come and nobody has opened it: not late, but now.
    band = band_of(max(one.starts_at, now), now)
    if one.unread:
        yield task(TaskKind.READ_CASES, sooner(band, Band.WEEK), one.unread)
    opens = one.leads and now >= one.starts_at - OPEN_BEFORE
    if opens:
        yield task(TaskKind.START_CONFERENCE, Band.LIVE)
    if one.answer is InvitationAnswer.PENDING:
        yield task(TaskKind.ANSWER, sooner(band, Band.WEEK))
    elif coming and not opens:
        yield task(TaskKind.PRESENT if one.presents else TaskKind.ATTEND, band)
    if one.arranges and (one.unanswered or one.short or one.empty):
        yield task(TaskKind.ARRANGE, sooner(band, Band.WEEK), one.unanswered)


def plan_tasks(plans: Iterable[PlanFact]) -> tuple[Task, ...]:
    """Opinions to write down and to sign: the requesting hospital waits for them."""
    return tuple(
        Task(
            TaskKind.SIGN if plan.signing else TaskKind.WRITE_PLAN,
            Band.TODAY,
            plan.case_id,
            since=plan.since,
        )
        for plan in plans
    )


def register_file_tasks(under_way: Sequence[ImportState]) -> tuple[Task, ...]:
    """Register files that wait for their sender, and those that are being worked on."""
    asked, running = (
        sum(state in states for state in under_way) for states in (IMPORT_ASKS, IMPORT_AT_WORK)
    )
    tasks = []
    if asked:
        tasks.append(Task(TaskKind.CONTINUE_IMPORT, Band.TODAY, count=asked))
    if running:
        tasks.append(Task(TaskKind.IMPORT_RUNNING, Band.LATER, count=running))
    return tuple(tasks)


def quality_tasks(
    last_imports: Sequence[datetime | None], *, below: int, may_import: bool, now: datetime
) -> tuple[Task, ...]:
    """The lists of a quality manager; ``last_imports`` has one entry for each hospital.

    ``below`` is how many hospitals have not reached the target in the quarter that runs.
    """
    stale = [at for at in last_imports if at is None or now - at > REGISTER_STALE_AFTER]
    tasks = [
        Task(TaskKind.NOT_DISCUSSED, Band.WEEK, count=below),
        Task(TaskKind.READ_REPORT, Band.LATER),
    ]
    if stale and may_import:
        tasks.append(Task(TaskKind.IMPORT_REGISTER, Band.WEEK, count=len(stale)))
    return tuple(tasks)
