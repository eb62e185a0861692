"""What every action on an opinion starts from: case, item, revisions, who was here, who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.conferences import Attendance as AttendanceRow
from mdt.models.plans import PlanRevision
from mdt.queries import live, plans
from mdt.queries.cases import get_case
from mdt.queries.plans import Ballot
from mdt.queries.team_quorum import as_attendance, quorum_rule
from mdt.rules.access import Permission, Role, Viewer, may
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseState
from mdt.rules.conference import (
    PLAN_SENDING_ROLES,
    PLAN_WRITING_ROLES,
    ConferenceState,
    ItemState,
)
from mdt.rules.errors import Forbidden, NotFound, Refused
from mdt.rules.events import Vote
from mdt.rules.plan import PlanDraft, PlanState, from_content
from mdt.rules.plan_blocking import Blocker, Circumstances, Signature, blocking, unexplained
from mdt.rules.plan_fields import Attendee
from mdt.rules.quorum import may_sign

#: Items whose opinion may be written; one that was deferred gets its own when it comes again.
_OPEN_ITEMS = frozenset({ItemState.WAITING, ItemState.DISCUSSING, ItemState.CONCLUDED})
#: Cases to whose signed opinion an addendum may be written.
AMENDABLE = frozenset({CaseState.SIGNED, CaseState.ADOPTED, CaseState.FOLLOWING})


@dataclass(frozen=True)
class Desk:
    """A case at the agenda item that counts, as one viewer has it before them."""

    viewer: Viewer
    case: Case
    item: AgendaItem | None
    revisions: Sequence[PlanRevision]
    attendance: Sequence[AttendanceRow]
    seat: live.RoomSeat | None
    ballots: tuple[Ballot, ...]

    @property
    def conference(self) -> Conference | None:
        """Where the case was discussed or will be."""
        return self.item.conference if self.item else None

    @property
    def current(self) -> PlanRevision | None:
        """The revision that counts at this item."""
        return plans.current_of(self.revisions, self.item.id) if self.item else None

    @property
    def may_write(self) -> bool:
        """Whether this person writes opinions here at all."""
        return self._sits_as(PLAN_WRITING_ROLES)

    @property
    def may_lead(self) -> bool:
        """Whether this person sends the opinion out for signing and takes it back."""
        return self._sits_as(PLAN_SENDING_ROLES)

    @property
    def chairs(self) -> bool:
        """Whether this person chairs."""
        return self._sits_as(frozenset({Role.CHAIR}))

    def _sits_as(self, roles: frozenset[Role]) -> bool:
        seat = self.seat
        allowed = seat is not None and seat.role in roles and self.item is not None
        return allowed and may(self.viewer, Permission.PLAN_WRITE)

    @property
    def writable(self) -> bool:
        """Whether there is a draft to write in, or a place for one."""
        if self.item is None or self.item.conference.state == ConferenceState.CANCELLED:
            return False
        if self.current is not None and self.current.amends_id is not None:
            return self.current.state == PlanState.DRAFT
        in_draft = self.current is None or self.current.state == PlanState.DRAFT
        return in_draft and self.item.state in _OPEN_ITEMS

    @property
    def people(self) -> dict[int, Attendee]:
        """Who may be named with an opinion that differs: those who sat on the panel or voted.

        A vote is also cast after the discussion of a case, by who came too late to count as here.
        """
        found = {
            row.user_id: Attendee(row.user.name, row.discipline or "")
            for row in self.attendance
            if row.role in {"chair", "expert"}
        }
        for ballot in self.ballots:
            found.setdefault(ballot.user_id, Attendee(ballot.name, ballot.discipline))
        return found

    def unexplained(self, draft: PlanDraft) -> tuple[str, ...]:
        """Names of those who voted against and whose opinion the text does not hold."""
        owing = unexplained(draft, self._against)
        return tuple(ballot.name for ballot in self.ballots if ballot.user_id in owing)

    @property
    def _against(self) -> frozenset[int]:
        return frozenset(b.user_id for b in self.ballots if b.choice == Vote.AGAINST)

    def circumstances(self, revision: PlanRevision, *, now: datetime) -> Circumstances:
        """What beside the text decides about signing a revision of this item."""
        item = self._item()
        today = local_date(now)
        return Circumstances(
            attendance=tuple(as_attendance(row) for row in self.attendance),
            quorum_rule=quorum_rule(item.conference.team),
            quorum_overridden=bool(item.quorum_override),
            concluded=self._is_concluded(revision, item),
            able=frozenset(
                row.user_id for row in self.attendance if may_sign(row.user.practice_since, today)
            ),
            amends=revision.amends_id is not None,
            against=self._against,
            pictures=revision.pictures,
        )

    def _item(self) -> AgendaItem:
        if self.item is None:
            raise NotFound
        return self.item

    def _is_concluded(self, revision: PlanRevision, item: AgendaItem) -> bool:
        if revision.amends_id is not None:
            return self.case.state in AMENDABLE
        return item.state == ItemState.CONCLUDED and self.case.state == CaseState.CONCLUDED

    def blocks(self, revision: PlanRevision, *, now: datetime) -> tuple[Blocker, ...]:
        """What keeps this revision from being signed."""
        signatures = [Signature(s.user_id, s.content_hash) for s in revision.signatures]
        return blocking(draft_in(revision), self.circumstances(revision, now=now), signatures)

    def check_leads(self) -> None:
        """Refuse whoever does not send opinions out for signing."""
        if not self.may_lead:
            raise Forbidden

    def revision(self, revision_id: int) -> PlanRevision:
        """The revision that counts, if that is the one meant; else somebody went on meanwhile."""
        if self.current is None or self.current.id != revision_id:
            raise Refused("plan_moved_on")
        return self.current


def load_desk(viewer: Viewer, case_id: int, *, revision_id: int | None = None) -> Desk:
    """The desk of a case that the viewer may open; `NotFound` for any other.

    It stands at the item that counts, or at that of the given revision.
    """
    case = get_case(viewer, case_id)
    revisions = plans.list_revisions(viewer, case_id)
    item = (
        plans.find_item(viewer, case_id)
        if revision_id is None
        else _item_of(viewer, revisions, revision_id)
    )
    return Desk(
        viewer,
        case,
        item,
        revisions,
        plans.list_attendance(item) if item else (),
        find_seat(viewer, item) if item else None,
        plans.list_ballots(viewer, item) if item else (),
    )


def _item_of(
    viewer: Viewer, revisions: Sequence[PlanRevision], revision_id: int
) -> AgendaItem | None:
    revision = next((r for r in revisions if r.id == revision_id), None)
    if revision is None:
        raise NotFound
    return plans.get_item(viewer, revision.plan.item_id) if revision.plan.item_id else None


def find_seat(viewer: Viewer, item: AgendaItem) -> live.RoomSeat | None:
    """The viewer's seat at an item, or nothing for who only sees the case."""
    try:
        seat = live.get_seat(viewer, item.conference_id)
    except NotFound:
        return None
    return seat if seat.sees(item.id) else None


def draft_in(revision: PlanRevision) -> PlanDraft:
    """The opinion that a revision holds."""
    return from_content(revision.content)
