"""The twelve invented cases from their first draft to the last report on the patient."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mdt.cli.demo.boards import Board, with_quorum
from mdt.cli.demo.cases import CaseFile, submission_moment
from mdt.cli.demo.demo import Demo, Story
from mdt.cli.demo.follow_up import adopt, report_back
from mdt.cli.demo.opinions import plan_fields
from mdt.rules.calendar import local_date
from mdt.rules.demo_drafts import demo_consents, submission_day
from mdt.rules.intake import ConsentKind, ConsentPaper, Signer, UrgentException
from mdt.services.case_moves import Reason

_HALF_A_DAY = timedelta(hours=6)
_LAST_DAY = timedelta(days=1)


def tell(demo: Demo, story: Story) -> CaseFile:
    """Re-enact one case through the services, each step at its own past time."""
    now = submission_moment(demo, story)
    case = CaseFile(demo, story, now)
    case.write(now)
    case.attach_reports(now)
    case.consents(now)
    case.mark(now)
    owed = list(_owed_consents(story))
    urgent = story["urgency"] == "urgent"
    if owed and not urgent:
        for paper in owed:
            case.consent(paper, now)
        owed = []
    late = UrgentException("consent_urgent_later", "病情急，同意书次日补传") if owed else None
    case.submit(now + timedelta(minutes=20), late)
    now = _send_back(case, now, owed)
    first = date.fromisoformat(story["sessions"][0]["date"])
    case.approve(now + timedelta(hours=1))
    case.decide("accept", now + timedelta(hours=3))
    case.attach_reports(demo.at(first - _LAST_DAY, 8, 0))
    for number, session in enumerate(story["sessions"]):
        if number:
            day = date.fromisoformat(session["date"]) - _LAST_DAY
            case.attach_reports(demo.at(day, 8, 30))
            case.decide("accept", demo.at(day, 9, 0))
        hold(case, session)
    adopt(case)
    report_back(case)
    return case


def _send_back(case: CaseFile, now: datetime, owed: list[ConsentPaper]) -> datetime:
    """Returned once for each reason that the case tells of; gives the last submission."""
    story = case.story
    for event in (e for e in story["events"] if e["list"] == "return_reasons"):
        if story["requesting_hospital"] == "DEMO-JX-C3":
            case.approve(now + timedelta(hours=2))
        back = now + _HALF_A_DAY
        due = local_date(back) + timedelta(days=7)
        case.decide("return", back, Reason(event["reason"], event["text_zh"], due))
        now = _repaired_at(case, event["reason"], back)
        case.attach_reports(now)
        for paper in owed:
            case.consent(paper, now)
        owed = []
        case.write(now, **_repairs(story, event["reason"]))
        case.submit(now + timedelta(minutes=10))
    for paper in owed:
        case.consent(paper, now + timedelta(days=1))
    return now


def _repaired_at(case: CaseFile, reason: str, back: datetime) -> datetime:
    """The next morning, or once the missing pictures have been taken."""
    day = local_date(back) + timedelta(days=1)
    if reason == "imaging_missing":
        first = date.fromisoformat(case.story["sessions"][0]["date"])
        taken = (date.fromisoformat(one["date"]) for one in case.story["reports"])
        day = max([one for one in taken if one < first] + [local_date(back)]) + timedelta(days=1)
    return case.demo.at(day, 8, 40)


def _repairs(story: Story, reason: str) -> Mapping[str, Any]:
    agreed, sent = story["stage_agreed"], story["stage_submitted"]
    if reason == "laterality_mismatch":
        return {"laterality": "1"}
    if reason == "stage_conflict":
        fields = {axis: sent[axis] or agreed[axis] for axis in ("t", "n", "m")}
        return fields | {"staging_table": agreed["table"], "stage_text": ""}
    return {}


def _owed_consents(story: Story) -> Iterator[ConsentPaper]:
    """Papers that the doctor did not have at the first submission."""
    held = demo_consents(story)
    kinds = {paper.kind for paper in held}
    day = submission_day(story)
    minor = story["lansky"] is not None
    hidden = any(paper.signer == Signer.RELATIVE for paper in held)
    for kind in ConsentKind:
        if kind in kinds or (kind == ConsentKind.GUARDIAN and not (minor or hidden)):
            continue
        signer, relation = Signer.PATIENT, ""
        if minor or hidden:
            signer, relation = (Signer.GUARDIAN, "父亲") if minor else (Signer.RELATIVE, "女儿")
        yield ConsentPaper(kind, signer, day, scanned=True, relation=relation)


def hold(case: CaseFile, session: Story) -> Board:
    """One conference for one case, its opinion signed."""
    demo, story = case.demo, case.story
    day = date.fromisoformat(session["date"])
    team = demo.team_of(story)
    spoke = [one["discipline"] for one in session["opinions"]]
    board = Board(
        demo, team, demo.at(day, 15), with_quorum(demo, team, story["invited_hospital"], spoke)
    )
    eve = demo.at(day - _LAST_DAY, 16)
    board.plan(eve, minutes=30)
    board.list_case(case, eve, 20)
    board.everybody_comes(eve + timedelta(hours=1))
    board.start(demo.at(day, 15, 1))
    end, revision_id = discuss(board, case, session, demo.at(day, 15, 2))
    board.close(end + timedelta(minutes=1))
    board.open_for_signing(case.id, revision_id, end + timedelta(minutes=10))
    board.sign(case.id, revision_id, end + timedelta(minutes=20))
    return board


def discuss(board: Board, case: CaseFile, session: Story, now: datetime) -> tuple[datetime, int]:
    """Take a case up, hear everybody, write the opinion, conclude; gives moment and revision."""
    board.take_up(case.id, now)
    now = board.discuss(case.id, session, now + timedelta(minutes=2))
    fields = plan_fields(board.demo, case.story, session)
    revision_id = board.write_plan(case.id, fields, now)
    board.leave(now + timedelta(minutes=1))
    return now + timedelta(minutes=1), revision_id
