"""A case on its way to the team: begun, written, its papers attached, submitted, decided on."""

import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mdt.cli.demo.demo import APPROVER, Demo, Story
from mdt.cli.demo.places import APPROVES_ITSELF
from mdt.rules.calendar import local_date
from mdt.rules.case_draft import CaseDraft, draft_fields
from mdt.rules.content import checklist
from mdt.rules.demo_drafts import demo_consents, demo_draft, demo_marks, submission_day
from mdt.rules.intake import ConsentPaper, UrgentException
from mdt.services.attachments import add_files
from mdt.services.case_moves import Reason
from mdt.services.case_starts import NewCase, start_case
from mdt.services.case_submission import approve_case, return_case_in_house, submit_case
from mdt.services.cases import ItemMark, mark_items, save_case
from mdt.services.consents import ConsentDraft, record_consent
from mdt.services.file_intake import Description, SentFile
from mdt.services.release import release_everything
from mdt.services.triage import decide_case

#: Filled in by the system, or said when the case begins.
_NOT_TYPED = {"team_id", "stage_group", "iii_plus", "planned_modalities", "answers"}


class CaseFile:
    """One case and what its hospital does with it."""

    def __init__(self, demo: Demo, story: Story, now: datetime) -> None:
        self.demo, self.story = demo, story
        self._attached: set[int] = set()
        self._submitted = False
        draft = demo_draft(story)
        new = NewCase(
            team_id=demo.people.teams[demo.team_of(story)],
            tumour_type=draft.tumour_type,
            name=draft.name,
            id_number=draft.id_number,
            sex=draft.sex,
            birth_date=draft.birth_date,
        )
        self.id = start_case(demo.doctor(story, now), new, now=now).id

    def write(self, now: datetime, **repairs: Any) -> None:
        """Fill the form with what is known now."""
        draft = demo_draft(self.story, local_date(now))
        self.change({**_typed(draft), **repairs}, now)

    def change(self, fields: Mapping[str, Any], now: datetime) -> None:
        """Type into some fields."""
        save_case(self.demo.doctor(self.story, now), self.id, fields, version=0, now=now)

    def attach_reports(self, now: datetime) -> None:
        """Attach the reports that have come by now and are not attached yet."""
        for number, report in enumerate(self.story["reports"]):
            day = date.fromisoformat(report["date"])
            if day <= local_date(now) and number not in self._attached:
                self._attached.add(number)
                content = self.demo.papers.report(self.story, number)
                described = Description(report["type"], day)
                self.attach(f"{report['title_zh']}.jpg", content, now, described)

    def attach(
        self,
        name: str,
        content: bytes,
        now: datetime,
        described: Description = Description(),  # noqa: B008 -- frozen
    ) -> None:
        """Attach one file."""
        self.attach_all({name: content}, now, described)

    def attach_all(
        self,
        files: Mapping[str, bytes],
        now: datetime,
        described: Description = Description(),  # noqa: B008 -- frozen
    ) -> None:
        """Attach files at once; one that is refused is an error of the demo data."""
        sent = [SentFile(name, io.BytesIO(content)) for name, content in files.items()]
        viewer = self.demo.doctor(self.story, now)
        for result in add_files(viewer, self.id, sent, described, now=now):
            if not result.ok:
                raise ValueError(f"{self.story['id']}: {result.name}: {result.code}")
        if self._submitted:
            release_everything(viewer, self.id, now=now)

    def consent(self, paper: ConsentPaper, now: datetime) -> None:
        """Record a consent and attach its scan."""
        content = self.demo.papers.consent(self.story["requesting_hospital"], paper.kind)
        described = Description(f"consent_{paper.kind}", paper.signed_on)
        self.attach(f"consent-{paper.kind}.jpg", content, now, described)
        said = ConsentDraft(paper.kind, paper.signer, paper.signed_on, paper.relation)
        record_consent(self.demo.doctor(self.story, now), self.id, said, now=now)

    def consents(self, now: datetime) -> None:
        """Record those that the doctor had at the first submission."""
        for paper in demo_consents(self.story):
            self.consent(paper, now)

    def mark(self, now: datetime) -> None:
        """Vouch for what was there on paper and is not told of."""
        bases = {item.code: item.base for item in checklist(self.story["tumour_type"])}
        marks = {bases[code]: ItemMark(mark) for code, mark in demo_marks(self.story).items()}
        if marks:
            mark_items(self.demo.doctor(self.story, now), self.id, marks, now=now)

    def submit(self, now: datetime, exception: UrgentException | None = None) -> None:
        """Let its papers be seen, on which nobody stands, and submit it."""
        release_everything(self.demo.doctor(self.story, now), self.id, now=now)
        self._submitted = True
        submit_case(self.demo.doctor(self.story, now), self.id, now=now, exception=exception)

    def approve(self, now: datetime) -> None:
        """Let it go out, where the hospital asks for its own approval."""
        if self.story["requesting_hospital"] == APPROVES_ITSELF:
            approve_case(self.demo.viewer(APPROVER, now), self.id, now=now)

    def return_in_house(self, reason: Reason, now: datetime) -> None:
        """Sent back by the own hospital's medical affairs office."""
        return_case_in_house(self.demo.viewer(APPROVER, now), self.id, reason, now=now)

    def decide(self, action: str, now: datetime, reason: Reason | None = None) -> None:
        """What the team's desk makes of it."""
        desk = self.demo.desk(self.story, now)
        decide_case(desk, self.id, action, reason or Reason(), now=now)


def complete(demo: Demo, story: Story, now: datetime) -> CaseFile:
    """A case that is written, with all its papers, not yet submitted."""
    case = CaseFile(demo, story, now)
    case.write(now)
    case.attach_reports(now)
    case.consents(now)
    case.mark(now)
    return case


def submission_moment(demo: Demo, story: Story) -> datetime:
    """When the case was first submitted: in the morning of the day of its staging."""
    return demo.at(submission_day(story), 9, 20)


def _typed(draft: CaseDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft_fields() if name not in _NOT_TYPED}
