"""After the opinion: what the hospital made of it, and its reports on the patient."""

from datetime import date, timedelta

from mdt.cli.demo.cases import CaseFile
from mdt.cli.demo.demo import Story
from mdt.rules.followup import (
    ADOPTION_REASONS,
    Adoption,
    AdoptionDecision,
    Execution,
    FollowUp,
    Response,
    Vital,
)
from mdt.services.followup import adopt_plan, close_case, read_follow_up, report_follow_up

_DAYS_TO_ADOPT = 2
_DAYS_BETWEEN_REPORTS = 28
#: What the last report says of the tumour, where it says something.
_RESPONSES = {
    "demo04": Response.PARTIAL,
    "demo06": Response.PARTIAL,
    "demo07": Response.STABLE,
    "demo11": Response.COMPLETE,
}


def adopt(case: CaseFile) -> None:
    """The requesting doctor decides, two days after the conference."""
    demo, said = case.demo, case.story["adoption"]
    held = date.fromisoformat(case.story["sessions"][-1]["date"])
    day = demo.day(case.story["held_days_ago"]) if "held_days_ago" in case.story else held
    now = demo.at(day + timedelta(days=_DAYS_TO_ADOPT), 10, 30)
    doctor = demo.doctor(case.story, now)
    revision = read_follow_up(doctor, case.id).revision
    if revision is None:
        raise ValueError(f"{case.story['id']}: no opinion is in force")
    decision = next(d for d, codes in ADOPTION_REASONS.items() if said["decision"] in codes)
    text = "" if decision is AdoptionDecision.FULL else said["text_zh"]
    adopt_plan(doctor, case.id, revision.id, Adoption(decision, said["decision"], text), now=now)


def report_back(case: CaseFile) -> None:
    """One record for each report of the story; the first names the first treatment."""
    story = case.story
    for number, report in enumerate(story["follow_up"]):
        day = date.fromisoformat(report["date"])
        now = case.demo.at(day, 11)
        record = _record(story, number, day)
        report_follow_up(case.demo.doctor(story, now), case.id, record, now=now)


def _record(story: Story, number: int, day: date) -> FollowUp:
    hindered = [e for e in story["events"] if e["list"] == "nonimplementation_reasons"]
    first, last = number == 0, number == len(story["follow_up"]) - 1
    treated = story["first_treatment"] if first else None
    changed = bool(hindered) and first
    text = story["follow_up"][number]["text_zh"]
    response = _RESPONSES.get(story["id"]) if last else None
    return FollowUp(
        on=day,
        execution=Execution.CHANGED if changed else Execution.ONGOING,
        vital=Vital.ALIVE,
        response=response or Response.NOT_ASSESSED,
        reason=hindered[0]["reason"] if changed else "",
        ecog=story["ecog"],
        treatment_started_on=date.fromisoformat(treated["date"]) if treated else None,
        treatment_type=treated["type"] if treated else "",
        next_on=day + timedelta(days=_DAYS_BETWEEN_REPORTS) if last else None,
        text=f"{hindered[0]['text_zh']}。{text}" if changed else text,
    )


def close(case: CaseFile) -> None:
    """Treatment is over and the patient is back with the family doctor."""
    last = date.fromisoformat(case.story["follow_up"][-1]["date"])
    now = case.demo.at(last + timedelta(days=_DAYS_BETWEEN_REPORTS), 15)
    close_case(case.demo.doctor(case.story, now), case.id, now=now)
