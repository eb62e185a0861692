"""An opinion as a page shows it: the text, what blocks it, who was here, who signs, who voted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.plans import Adoption, PlanRevision, Signature
from mdt.queries.plans import Ballot, find_adoption, issue_number, last_signed
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_stage import TableOffer, find_table, offered_tables
from mdt.rules.content import PlanTemplate, plan_template, tumour_types
from mdt.rules.errors import NotFound
from mdt.rules.plan import AgreedStage, PlanDraft, PlanState
from mdt.rules.plan_blocking import Blocker
from mdt.rules.plan_edit import changed_since
from mdt.rules.plan_fields import Attendee, Leaves, leaves, with_keys
from mdt.rules.plan_stage import derived_group, derived_of, differs, iii_plus_of
from mdt.rules.quorum import SignerNeed, may_sign, quorum
from mdt.rules.staging import Derived, IiiPlus, StagingTable
from mdt.services.audit_log import record_view
from mdt.services.plan_desk import AMENDABLE, Desk, draft_in, load_desk
from mdt.services.plans import start_draft, submitted_stage


@dataclass(frozen=True)
class DisciplineLine:
    """A discipline and who was here for it; ``filled_by`` is the code of the one that stood in."""

    code: str
    core: bool
    names: tuple[str, ...]
    filled_by: str = ""

    @property
    def present(self) -> bool:
        """Whether anybody stood for it."""
        return bool(self.names or self.filled_by)


@dataclass(frozen=True)
class SignerLine:
    """A signature asked for: the slot, who may give it, and the one that was given.

    ``unable`` names those who were here and have practised too short.
    """

    slot: str
    names: tuple[str, ...]
    unable: tuple[str, ...]
    signature: Signature | None


@dataclass(frozen=True)
class StageLines:
    """The agreed stage beside what follows from it and what was submitted."""

    agreed: AgreedStage
    submitted: AgreedStage
    table: StagingTable | None
    offers: tuple[TableOffer, ...]
    derived: Derived | None
    derived_group: str
    iii_plus: IiiPlus

    @property
    def differs(self) -> bool:
        """The board agreed on another stage than the hospital sent in."""
        return differs(self.agreed, self.submitted)


@dataclass(frozen=True)
class RevisionLine:
    """A revision in the list of all."""

    revision: PlanRevision
    issue: int
    shown: bool


@dataclass(frozen=True)
class PlanSheet:
    """Everything that the page of an opinion shows."""

    desk: Desk
    revision: PlanRevision | None
    draft: PlanDraft
    fields: Leaves
    blocks: tuple[Blocker, ...]
    disciplines: tuple[DisciplineLine, ...]
    quorum_met: bool
    min_disciplines: int
    signers: tuple[SignerLine, ...]
    stage: StageLines
    history: tuple[RevisionLine, ...]
    amends: PlanRevision | None
    template: PlanTemplate | None
    asked: bool
    adoption: Adoption | None

    @property
    def case(self) -> Case:
        """The case."""
        return self.desk.case

    @property
    def item(self) -> AgendaItem | None:
        """The agenda item."""
        return self.desk.item

    @property
    def conference(self) -> Conference | None:
        """The conference."""
        return self.desk.conference

    @property
    def is_current(self) -> bool:
        """Whether the revision shown is the one that counts."""
        return self.revision is self.desk.current

    @property
    def may_edit(self) -> bool:
        """Whether the form is shown."""
        draft = self.revision is not None and self.revision.state == PlanState.DRAFT
        return draft and self.is_current and self.desk.may_write and self.desk.writable

    @property
    def people(self) -> dict[int, Attendee]:
        """Who may be named with an opinion that differs."""
        return self.desk.people

    @property
    def ballots(self) -> tuple[Ballot, ...]:
        """Who voted how."""
        return self.desk.ballots

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Names of those who voted against and whose opinion is not in the text shown."""
        return self.desk.unexplained(self.draft)

    @property
    def may_amend(self) -> bool:
        """Whether an addendum may be begun."""
        signed = self.revision is not None and self.revision.state == PlanState.SIGNED
        return signed and self.is_current and self.desk.may_lead and self.case.state in AMENDABLE

    @property
    def issue(self) -> int:
        """Which edition a reader calls this revision."""
        return issue_number(self.revision, self.desk.revisions) if self.revision else 1

    @property
    def may_adopt(self) -> bool:
        """Whether this is for the viewer to adopt."""
        own = self.case.hospital_id in {
            m.hospital_id for m in self.desk.viewer.memberships if m.hospital_id is not None
        }
        return own and may(self.desk.viewer, Permission.PLAN_ADOPT)


def open_plan(
    viewer: Viewer, case_id: int, *, revision_id: int | None = None, now: datetime
) -> PlanSheet:
    """The page of a case's opinion; whoever writes it finds a first draft.

    Side effects: an audit row; a draft where a writer opens the page first.
    """
    if revision_id is None and may(viewer, Permission.PLAN_WRITE):
        start_draft(viewer, case_id, now=now)
    sheet = read_plan(viewer, case_id, revision_id=revision_id, now=now)
    thing = sheet.revision or sheet.case
    record_view(viewer, AuditAction.PLAN_VIEW, thing, now=now, case_id=case_id)
    return sheet


def read_plan(
    viewer: Viewer, case_id: int, *, revision_id: int | None = None, now: datetime
) -> PlanSheet:
    """The same without recording it: for a part of a page that is drawn anew."""
    desk = load_desk(viewer, case_id, revision_id=revision_id)
    revision = desk.current
    if revision_id is not None:
        revision = next(r for r in desk.revisions if r.id == revision_id)
    draft = with_keys(draft_in(revision)) if revision else PlanDraft()
    needs: tuple[SignerNeed, ...] = ()
    met = False
    if revision is not None:
        around = desk.circumstances(revision, now=now)
        needs, met = around.needs, quorum(around.attendance, around.quorum_rule).met
    return PlanSheet(
        desk=desk,
        revision=revision,
        draft=draft,
        fields=leaves(draft),
        blocks=desk.blocks(revision, now=now) if revision else (),
        disciplines=_disciplines(desk, revision, now),
        quorum_met=met,
        min_disciplines=desk.conference.team.min_disciplines if desk.conference else 0,
        signers=_signers(desk, revision, needs, now),
        stage=_stage(desk, draft),
        history=_history(desk, revision),
        amends=next((r for r in desk.revisions if revision and r.id == revision.amends_id), None),
        template=_template(desk.case),
        asked=_asked(desk, revision, needs),
        adoption=_adoption(desk),
    )


def fields_since(sheet: PlanSheet, base: int) -> dict[str, object]:
    """Fields that changed after a version, as a page has them."""
    if sheet.revision is None:
        raise NotFound
    names = changed_since(sheet.revision.field_versions, base)
    return {name: sheet.fields[name] for name in sorted(names) if name in sheet.fields}


def _disciplines(
    desk: Desk, revision: PlanRevision | None, now: datetime
) -> tuple[DisciplineLine, ...]:
    if desk.conference is None or revision is None:
        return ()
    around = desk.circumstances(revision, now=now)
    found = quorum(around.attendance, around.quorum_rule)
    named: dict[str, list[str]] = {}
    for row in desk.attendance:
        if row.role in {"chair", "expert"} and row.discipline:
            named.setdefault(row.discipline, []).append(row.user.name)
    core = around.quorum_rule.core_disciplines
    others = [code for code in named if code not in core]
    return tuple(
        DisciplineLine(
            code, code in core, tuple(named.get(code, ())), found.filled_by.get(code, "")
        )
        for code in (*core, *others)
    )


def _signers(
    desk: Desk, revision: PlanRevision | None, needs: Sequence[SignerNeed], now: datetime
) -> tuple[SignerLine, ...]:
    if revision is None:
        return ()
    names = {row.user_id: row.user.name for row in desk.attendance}
    today = local_date(now)
    return tuple(
        SignerLine(
            need.slot,
            tuple(names[user_id] for user_id in sorted(need.user_ids)),
            () if need.user_ids else _unable(desk, need.slot, today),
            next((s for s in revision.signatures if s.user_id in need.user_ids), None),
        )
        for need in needs
    )


def _unable(desk: Desk, slot: str, today: date) -> tuple[str, ...]:
    return tuple(
        row.user.name
        for row in desk.attendance
        if slot in {row.discipline, row.role}
        and row.role in {"chair", "expert"}
        and not may_sign(row.user.practice_since, today)
    )


def _stage(desk: Desk, draft: PlanDraft) -> StageLines:
    case, agreed = desk.case, draft.stage
    offers = offered_tables(case.tumour_type, case.icd10, case.morphology)
    table = find_table(agreed.table)
    if table is not None and all(offer.table is not table for offer in offers):
        offers = (TableOffer(table), *offers)
    return StageLines(
        agreed=agreed,
        submitted=submitted_stage(case),
        table=table,
        offers=offers,
        derived=derived_of(agreed),
        derived_group=derived_group(agreed),
        iii_plus=iii_plus_of(agreed),
    )


def _history(desk: Desk, shown: PlanRevision | None) -> tuple[RevisionLine, ...]:
    return tuple(
        RevisionLine(revision, issue_number(revision, desk.revisions), revision is shown)
        for revision in reversed(desk.revisions)
    )


def _template(case: Case) -> PlanTemplate | None:
    known = {one.code for one in tumour_types()}
    return plan_template(case.tumour_type) if case.tumour_type in known else None


def _asked(desk: Desk, revision: PlanRevision | None, needs: Sequence[SignerNeed]) -> bool:
    """Whether the viewer's signature is wanted now."""
    if revision is None or revision.state != PlanState.SIGNING:
        return False
    viewer = desk.viewer
    wanted = any(viewer.user_id in need.user_ids for need in needs)
    done = any(s.user_id == viewer.user_id for s in revision.signatures)
    return wanted and not done and may(viewer, Permission.PLAN_SIGN)


def _adoption(desk: Desk) -> Adoption | None:
    signed = last_signed(desk.revisions)
    return find_adoption(signed) if signed else None
