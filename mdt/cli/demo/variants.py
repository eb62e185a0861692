"""Further patients, so that every state of a case can be seen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from mdt.cli.demo.boards import Board, with_quorum
from mdt.cli.demo.cases import CaseFile, complete, submission_moment
from mdt.cli.demo.demo import RECORDERS, Demo, Story
from mdt.cli.demo.follow_up import adopt, close, report_back
from mdt.cli.demo.journeys import discuss
from mdt.queries.people import list_unread_notices
from mdt.rules.conference import InvitationAnswer
from mdt.rules.demo_drafts import submission_day
from mdt.services.case_moves import Reason
from mdt.services.case_submission import withdraw_case
from mdt.services.notices import read_notices

#: Fields of a draft that its doctor has not come to yet.
_NOT_YET = {
    "own_plan": "",
    "patient_preference": "",
    "labs": "",
    "molecular": "",
    "ecog": None,
    "kps": None,
    "question": "",
}
_DAYS_TO_REPAIR = 5


def draft(demo: Demo, story: Story) -> None:
    """Begun and not finished; no consent yet."""
    now = submission_moment(demo, story)
    case = CaseFile(demo, story, now)
    case.write(now, **_NOT_YET)
    case.attach_reports(now)


def submitted(demo: Demo, story: Story) -> CaseFile:
    """Sent to the team, or to the hospital's own approval where that is on."""
    now = submission_moment(demo, story)
    case = complete(demo, story, now)
    case.submit(demo.past(now + timedelta(minutes=15)))
    return case


def returned(demo: Demo, story: Story) -> None:
    """Sent back with a reason and a day by which it is to be completed."""
    case = submitted(demo, story)
    event = story["events"][0]
    due = demo.today + timedelta(days=_DAYS_TO_REPAIR)
    now = demo.past(submission_moment(demo, story) + timedelta(hours=7))
    case.decide("return", now, Reason(event["reason"], event["text_zh"], due))


def declined(demo: Demo, story: Story) -> None:
    """Not taken."""
    event = story["events"][0]
    now = demo.past(submission_moment(demo, story) + timedelta(hours=5))
    submitted(demo, story).decide("decline", now, Reason(event["reason"], event["text_zh"]))


def accepted(demo: Demo, story: Story) -> CaseFile:
    """Waits for an agenda."""
    case = submitted(demo, story)
    now = submission_moment(demo, story)
    case.approve(demo.past(now + timedelta(hours=1)))
    case.decide("accept", demo.past(now + timedelta(hours=4)))
    return case


def deferred(demo: Demo, story: Story) -> None:
    """Put off by the desk until a result is there."""
    event = story["events"][0]
    due = demo.today + timedelta(days=_DAYS_TO_REPAIR)
    case = submitted(demo, story)
    now = submission_moment(demo, story)
    case.approve(demo.past(now + timedelta(hours=1)))
    case.decide("defer", now + timedelta(hours=4), Reason(event["reason"], event["text_zh"], due))


def withdrawn(demo: Demo, story: Story) -> None:
    """Taken back by the hospital after it had been sent."""
    case = submitted(demo, story)
    now = demo.past(submission_moment(demo, story) + timedelta(days=2))
    withdraw_case(demo.doctor(story, now), case.id, "患者已迁往外省就医", now=now)


#: What becomes of a case that no conference takes.
_ALONE: Mapping[str, Callable[[Demo, Story], object]] = {
    "accepted": accepted,
    "declined": declined,
    "deferred": deferred,
    "draft": draft,
    "returned": returned,
    "reviewing": submitted,
    "submitted": submitted,
    "withdrawn": withdrawn,
}


def tell_variants(demo: Demo, stories: Sequence[Story]) -> None:
    """Take each as far as its row says; what is older than two weeks is old news by now."""
    fortnight = demo.day(14)
    old = [story for story in stories if submission_day(story) < fortnight]
    _tell(demo, old)
    put_away_notices(demo, demo.at(fortnight, 18))
    _tell(demo, [story for story in stories if story not in old])


def _tell(demo: Demo, stories: Sequence[Story]) -> None:
    for story in stories:
        if story["state"] in _ALONE:
            _ALONE[story["state"]](demo, story)
    for group in _by_board(demo, [one for one in stories if "held_days_ago" in one]):
        hold_together(demo, group)
    for group in _by_board(demo, [one for one in stories if one["state"] == "scheduled"]):
        announce(demo, group)


def put_away_notices(demo: Demo, now: datetime) -> None:
    """Everybody has read what they were told so far."""
    for username in demo.people.users:
        viewer = demo.viewer(username, now)
        unread = list_unread_notices(viewer)
        if unread:
            read_notices(viewer, unread[0].id, now=now)


def _by_board(demo: Demo, stories: Iterable[Story]) -> list[list[Story]]:
    """Cases of one team and one day stand on one agenda, the oldest day first."""
    groups: dict[tuple[int, str], list[Story]] = {}
    for story in stories:
        key = (-story.get("held_days_ago", 0), demo.team_of(story))
        groups.setdefault(key, []).append(story)
    return [groups[key] for key in sorted(groups)]


def hold_together(demo: Demo, stories: Sequence[Story]) -> None:
    """A conference that is over; each case goes on from there as far as its state says."""
    first = stories[0]
    day = demo.day(first["held_days_ago"])
    cases = [accepted(demo, story) for story in stories]
    spoke = [o["discipline"] for s in stories for o in s["sessions"][-1]["opinions"]]
    team = demo.team_of(first)
    asked = with_quorum(demo, team, first["invited_hospital"], spoke)
    board = Board(demo, team, demo.at(day, 14, 30), asked)
    eve = demo.at(day - timedelta(days=1), 16, 30)
    board.plan(eve, title=f"{team}例会")
    for case in cases:
        board.list_case(case, eve)
    board.everybody_comes(eve + timedelta(minutes=30))
    now = demo.at(day, 14, 31)
    board.start(now)
    revisions = {}
    for case in cases:
        now, revisions[case.id] = discuss(board, case, case.story["sessions"][-1], now)
    board.close(now + timedelta(minutes=1))
    for case in cases:
        _go_on(board, case, revisions[case.id])


def _go_on(board: Board, case: CaseFile, revision_id: int) -> None:
    state = case.story["state"]
    if state == "concluded":
        return
    moment = case.demo.past(board.starts_at + timedelta(hours=2))
    board.open_for_signing(case.id, revision_id, moment)
    board.sign(case.id, revision_id, moment, [board.chair] if state == "signing" else None)
    if state in {"adopted", "closed"}:
        adopt(case)
    if state == "closed":
        report_back(case)
        close(case)


def announce(demo: Demo, stories: Sequence[Story]) -> None:
    """A conference of the next days, with some answers still open."""
    first = stories[0]
    days = 2 if first["invited_hospital"] == "DEMO-JX-P1" else 4
    cases = [accepted(demo, story) for story in stories]
    team = demo.team_of(first)
    spoke = [o["discipline"] for s in stories for o in s["sessions"][-1]["opinions"]]
    asked = with_quorum(demo, team, first["invited_hospital"], spoke)
    starts_at = demo.at_coming(days, 15)
    board = Board(demo, team, starts_at, asked)
    now = demo.now - timedelta(hours=3)
    board.plan(now, title=f"{team}例会", minutes=60)
    for case in cases:
        board.list_case(case, now, 20)
    comes = [*board.panel[:3], RECORDERS[board.hospital]]
    board.answer(comes, now + timedelta(hours=1))
    board.answer(board.panel[3:4], now + timedelta(hours=1), InvitationAnswer.TENTATIVE)
