"""Opinions: the one that a case stands at, its revisions, who was here and who voted, its code."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Attendance, Conference
from mdt.models.people import User
from mdt.models.plans import Adoption, Plan, PlanRevision, Signature
from mdt.models.regions import Hospital
from mdt.queries import scope
from mdt.queries.live import case_events
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.events import LiveEventKind
from mdt.rules.plan import PlanState

#: Letters and digits that nobody takes for another: no 0, 1, I, L, O, U.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, CODE_GROUP = 16, 4
_TAKEN_OFF = "undiscussed"


@dataclass(frozen=True)
class PlanLine:
    """How the opinion of an agenda item stands, for a list."""

    item_id: int
    case_id: int
    revision_id: int
    state: PlanState
    signatures: int
    signed_at: datetime | None


@dataclass(frozen=True)
class Ballot:
    """The last vote of one person, with the code of that person's discipline."""

    user_id: int
    name: str
    discipline: str
    choice: str


def find_item(viewer: Viewer, case_id: int) -> AgendaItem | None:
    """The agenda item at which a case was, is or will be discussed last; ``None`` for none."""
    return _first(
        _items(viewer)
        .where(
            AgendaItem.case_id == case_id,
            AgendaItem.state != _TAKEN_OFF,
            Conference.state != "cancelled",
        )
        .order_by(AgendaItem.id.desc())
    )


def get_item(viewer: Viewer, item_id: int) -> AgendaItem:
    """An agenda item of a case that the viewer may open, with its conference."""
    found = _first(_items(viewer).where(AgendaItem.id == item_id))
    if found is None:
        raise NotFound
    return found


def _items(viewer: Viewer) -> Select[AgendaItem]:
    return (
        scope.of_visible_case(viewer, AgendaItem)
        .join(Conference, Conference.id == AgendaItem.conference_id)
        .options(contains_eager(AgendaItem.conference))
    )


def _first(statement: Select[AgendaItem]) -> AgendaItem | None:
    found: AgendaItem | None = db.session.scalar(statement.limit(1))
    return found


def list_revisions(viewer: Viewer, case_id: int) -> Sequence[PlanRevision]:
    """Every revision of every opinion on a case, oldest first, with its signatures."""
    return db.session.scalars(
        scope.of_visible_case(viewer, PlanRevision)
        .where(PlanRevision.case_id == case_id)
        .options(
            joinedload(PlanRevision.plan),
            selectinload(PlanRevision.signatures).joinedload(Signature.user),
        )
        .order_by(PlanRevision.plan_id, PlanRevision.number)
    ).all()


def current_of(revisions: Sequence[PlanRevision], item_id: int) -> PlanRevision | None:
    """The revision of an item's opinion that counts: the newest that was not withdrawn."""
    of_item = [r for r in revisions if r.plan.item_id == item_id]
    return next((r for r in reversed(of_item) if r.state != PlanState.WITHDRAWN), None)


def last_signed(revisions: Sequence[PlanRevision]) -> PlanRevision | None:
    """The opinion in force: the one that was signed last."""
    signed = [r for r in revisions if r.state == PlanState.SIGNED]
    return max(signed, key=lambda r: (r.signed_at, r.number), default=None)


def issue_number(revision: PlanRevision, revisions: Sequence[PlanRevision]) -> int:
    """Which edition a reader calls it: drafts that were withdrawn do not count."""
    return 1 + sum(
        r.state == PlanState.SIGNED and r.number < revision.number
        for r in revisions
        if r.plan_id == revision.plan_id
    )


def list_attendance(item: AgendaItem) -> Sequence[Attendance]:
    """Who was here for an item that the viewer may see: the panel first, in order of coming."""
    return db.session.scalars(
        scope.scoped_children(
            select(Attendance)
            .where(Attendance.item_id == item.id)
            .options(joinedload(Attendance.user), joinedload(Attendance.hospital))
            .order_by(Attendance.id),
            of="item",
        )
    ).all()


def list_ballots(viewer: Viewer, item: AgendaItem) -> tuple[Ballot, ...]:
    """The last vote of each person on the opinion of an item, by name."""
    votes = case_events(viewer, item.case_id, [LiveEventKind.VOTE.value])
    last = {
        v.actor.id: Ballot(v.actor.id, v.actor.name, v.actor.discipline, v.data["choice"])
        for v in votes
        if v.item == item.id
    }
    return tuple(sorted(last.values(), key=lambda ballot: ballot.name))


def find_adoption(revision: PlanRevision) -> Adoption | None:
    """What the requesting doctor decided on a revision that the viewer may see."""
    found: Adoption | None = db.session.scalar(
        scope.scoped_children(
            select(Adoption)
            .where(Adoption.revision_id == revision.id)
            .options(joinedload(Adoption.by)),
            of="revision",
        )
    )
    return found


def plan_states(item_ids: Collection[int]) -> dict[int, PlanLine]:
    """How the opinions of these items stand; items without one are left out.

    The caller has checked that the items may be seen.
    """
    rows = db.session.execute(
        scope.scoped_children(
            select(Plan.item_id, PlanRevision)
            .join(PlanRevision, PlanRevision.plan_id == Plan.id)
            .where(Plan.item_id.in_(item_ids), PlanRevision.state != PlanState.WITHDRAWN.value)
            .options(selectinload(PlanRevision.signatures))
            .order_by(PlanRevision.number),
            of="item",
        )
    ).all()
    return {
        item_id or 0: PlanLine(
            item_id or 0,
            revision.case_id,
            revision.id,
            PlanState(revision.state),
            len(revision.signatures),
            revision.signed_at,
        )
        for item_id, revision in rows
    }


def normal_code(text: str) -> str:
    """A verification code as it is stored (``K7QM-2R9D-XT4F-8WPE``), or nothing."""
    plain = re.sub(r"[\s\-–—]", "", text).upper()
    if len(plain) != CODE_LENGTH or not set(plain) <= set(CODE_ALPHABET):
        return ""
    groups = [plain[i : i + CODE_GROUP] for i in range(0, CODE_LENGTH, CODE_GROUP)]
    return "-".join(groups)


@dataclass(frozen=True)
class Verified:
    """What anybody with the paper in hand may know of an opinion; nothing about the patient.

    ``superseded_at`` is set where a later addendum was signed.
    """

    code: str
    signed_at: datetime
    issue: int
    hospitals: tuple[Hospital, ...]
    disciplines: tuple[str, ...]
    sha256: str
    content_hash: str
    superseded_at: datetime | None


def find_verified(code: str) -> Verified | None:
    """The signed opinion of a code, for the public page."""
    wanted = normal_code(code)
    if not wanted:
        return None
    because = "public by its unguessable code; shows no patient"
    revision = db.session.scalar(
        scope.unscoped(
            select(PlanRevision).where(
                PlanRevision.verify_code == wanted, PlanRevision.state == PlanState.SIGNED.value
            ),
            because=because,
        )
    )
    if revision is None:
        return None
    others = db.session.scalars(
        scope.unscoped(
            select(PlanRevision)
            .where(
                PlanRevision.plan_id == revision.plan_id,
                PlanRevision.state == PlanState.SIGNED.value,
            )
            .order_by(PlanRevision.number),
            because=because,
        )
    ).all()
    return _verified(revision, others)


def _verified(revision: PlanRevision, others: Sequence[PlanRevision]) -> Verified:
    signers = db.session.scalars(
        scope.scoped_children(
            select(Signature)
            .where(Signature.revision_id == revision.id)
            .options(joinedload(Signature.user).joinedload(User.hospital))
            .order_by(Signature.id),
            of="revision",
        )
    ).all()
    later = [r.signed_at for r in others if r.number > revision.number]
    homes = [s.user.hospital for s in signers if s.user.hospital]
    return Verified(
        code=revision.verify_code or "",
        signed_at=revision.signed_at,  # type: ignore[arg-type] # signed: the table asks for it
        issue=issue_number(revision, others),
        hospitals=tuple(dict.fromkeys(homes)),
        disciplines=tuple(dict.fromkeys(s.discipline for s in signers if s.discipline)),
        sha256=revision.pdf_sha256 or "",
        content_hash=revision.content_hash,
        superseded_at=min(later) if later else None,  # type: ignore[type-var]
    )


def requester_ids(case: Case, item: AgendaItem) -> frozenset[int]:
    """Who asked: the doctor who wrote the case and the one who presented it."""
    return frozenset({case.created_by_id} | ({item.presenter_id} if item.presenter_id else set()))
