"""Signing opinions: sent out, signed by each after re-authentication, taken back, complete."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdt.adapters.pdf_fonts import missing_characters
from mdt.models.conferences import AgendaItem
from mdt.models.plans import PlanRevision, Signature
from mdt.queries.plans import CODE_ALPHABET, CODE_LENGTH, normal_code, requester_ids
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseAction
from mdt.rules.conference import PLAN_OWING_ROLES, ConferenceState, ItemState, move_item
from mdt.rules.content import ReasonList, check_reason, reasons
from mdt.rules.errors import Forbidden, Invalid, NotFound, Refused
from mdt.rules.notices import NoticeKind
from mdt.rules.plan import Dissent, Outcome, PlanState, content_hash, move, to_content
from mdt.rules.plan_fields import LONGEST_TEXT, clean, with_dissent
from mdt.rules.quorum import (
    QUORUM_OVERRIDE_REASONS,
    SignerNeed,
    may_sign,
    quorum,
    signature_state,
)
from mdt.services.accounts import reauthenticate
from mdt.services.board_facts import note_boards_of_case
from mdt.services.case_moves import NO_REASON, Reason, move_case
from mdt.services.live_events import RoomWork
from mdt.services.notices import settle, tell
from mdt.services.plan_desk import Desk, draft_in, load_desk
from mdt.services.plan_documents import ensure_pdf
from mdt.services.plan_pictures import pictures_now
from mdt.services.plans import add_revision, announce, get_item_of, plan_work

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Signed:
    """What a signature brought about: which revision, and whether it was the last one owed."""

    revision_id: int
    complete: bool


def override_quorum(viewer: Viewer, case_id: int, reason: Reason, *, now: datetime) -> None:
    """Let the opinion be signed although the quorum was not met; the chair says why.

    It never makes a quorum: what is counted stays as it was. Raises `Invalid` without a coded
    reason. Side effects: the reason at the item, an audit row.
    """
    check_reason(ReasonList.OVERRIDE, reason.code, reason.text, among=QUORUM_OVERRIDE_REASONS)
    with plan_work(viewer, case_id, AuditAction.CASE_OVERRIDE, now=now) as room:
        desk = load_desk(viewer, case_id)
        if not desk.chairs:
            raise Forbidden
        item, draft = _item(desk), _current(desk)
        if draft.state != PlanState.DRAFT:
            raise Refused("plan_not_open")
        around = desk.circumstances(draft, now=now)
        if quorum(around.attendance, around.quorum_rule).met and not _lacks_signer(desk, now):
            raise Refused("quorum_is_met")
        item.quorum_override, item.quorum_override_text = reason.code, reason.text.strip()
        room.work.about(item, case_id=case_id, reason=reason.code)


def _lacks_signer(desk: Desk, now: datetime) -> bool:
    needs = desk.circumstances(_current(desk), now=now).needs
    return any(not need.user_ids for need in needs)


def open_for_signing(viewer: Viewer, case_id: int, revision_id: int, *, now: datetime) -> None:
    """Fix the text and the pictures that are printed with it, and ask for the signatures.

    Raises `Refused("plan_blocked")` where something is missing. Side effects: state and hash,
    notices to those who may sign, in a live room one event; an audit row.
    """
    with plan_work(viewer, case_id, AuditAction.PLAN_SIGN, now=now) as room:
        desk = load_desk(viewer, case_id)
        desk.check_leads()
        revision = desk.revision(revision_id)
        target = move(PlanState(revision.state), PlanState.SIGNING)
        if desk.blocks(revision, now=now):
            raise Refused("plan_blocked")
        revision.state = target.value
        revision.pictures = pictures_now(viewer, case_id)
        revision.content_hash = _hash(revision)
        revision.opened_for_signing_at = now
        room.work.about(revision, case_id=case_id, opened=True)
        announce(room, desk.item, revision)
        asked = frozenset().union(*(n.user_ids for n in _needs(desk, revision, now)))
        tell(room.work, asked, NoticeKind.PLAN_SIGNATURE_OWED, case=desk.case)


def _hash(revision: PlanRevision) -> str:
    return content_hash(draft_in(revision), revision.pictures)


def take_back(viewer: Viewer, case_id: int, revision_id: int, *, now: datetime) -> PlanRevision:
    """Take an opinion back from signing to go on writing.

    The revision stays with its signatures, withdrawn; a copy of its text is the next draft.
    Side effects: two revisions, notices to whoever had signed, an event, an audit row.
    """
    with plan_work(viewer, case_id, AuditAction.PLAN_EDIT, now=now) as room:
        desk = load_desk(viewer, case_id)
        desk.check_leads()
        old = desk.revision(revision_id)
        if old.state != PlanState.SIGNING:
            raise Refused("plan_not_signing")
        return _reopen(room, desk, old, old.content)


def _reopen(
    room: RoomWork, desk: Desk, old: PlanRevision, content: Mapping[str, Any]
) -> PlanRevision:
    """Withdraw a revision that is out for signing; the next draft starts from ``content``."""
    old.state = move(PlanState(old.state), PlanState.WITHDRAWN).value
    _asked_no_longer(room, desk)
    draft = add_revision(
        room,
        desk,
        old.plan,
        content,
        amends_id=old.amends_id,
        amend_reason=old.amend_reason,
    )
    signers = {signature.user_id for signature in old.signatures}
    tell(room.work, signers, NoticeKind.PLAN_TAKEN_BACK, case=desk.case)
    room.work.about(draft, case_id=desk.case.id, withdrawn=old.id, signatures=len(signers))
    return draft


def dissent_from_plan(
    viewer: Viewer, case_id: int, revision_id: int, reason: Reason, *, now: datetime
) -> PlanRevision:
    """Say, instead of signing, what one holds: the opinion goes back to be written on.

    What was said stands in the next draft by the person's name; ``reason`` is a code of
    ``dissent_types`` and words. Raises `Invalid` where one is missing, `Forbidden` for who is not
    asked to sign, `Refused("already_signed")` for who has. Side effects as in `take_back`, and
    notices to chair and recorders.
    """
    _check_dissent(reason)
    with plan_work(viewer, case_id, AuditAction.PLAN_EDIT, now=now) as room:
        desk = load_desk(viewer, case_id)
        old = desk.revision(revision_id)
        _check_may_sign(desk, old, now)
        if any(signature.user_id == viewer.user_id for signature in old.signatures):
            raise Refused("already_signed")
        who = desk.people[viewer.user_id]
        words = clean(reason.text).strip()
        said = Dissent(viewer.user_id, who.name, who.discipline, reason.code, words)
        draft = _reopen(room, desk, old, to_content(with_dissent(draft_in(old), said)))
        leading = {row.user_id for row in desk.attendance if row.role in PLAN_OWING_ROLES}
        tell(room.work, leading, NoticeKind.PLAN_DISSENTED, case=desk.case)
        room.work.about(draft, case_id=case_id, reason=reason.code)
        return draft


def _check_dissent(reason: Reason) -> None:
    words, problems = clean(reason.text).strip(), {}
    if reason.code not in {one.code for one in reasons(ReasonList.DISSENT)} - {"none"}:
        problems["kind"] = "reason_required"
    if not words:
        problems["text"] = "required"
    elif len(words) > LONGEST_TEXT:
        problems["text"] = "too_long"
    elif missing_characters(words):
        problems["text"] = "missing_glyph"
    if problems:
        raise Invalid(problems)


def sign_plan(
    viewer: Viewer, case_id: int, revision_id: int, password: str, *, site: str, now: datetime
) -> Signed:
    """Sign an opinion after checking the password again; exactly once, whoever asks twice.

    ``site`` is the address that is printed for verification. Raises `Invalid` for a wrong
    password, `Forbidden` for who is not asked to sign, `Refused` where practice is too short or
    the opinion is not (or no longer) out for signing. Side effects: a signature; with the last
    one owed the opinion is signed, its case moves, notices are written, and after the commit the
    PDF is made.
    """
    get_item_of(viewer, case_id)
    reauthenticate(viewer, password, action=AuditAction.PLAN_SIGN, now=now, case_id=case_id)
    signed = sign_as_known(viewer, case_id, revision_id, now=now)
    if signed.complete:
        _print_now(viewer, case_id, revision_id, site=site, now=now)
    return signed


def _print_now(viewer: Viewer, case_id: int, revision_id: int, *, site: str, now: datetime) -> None:
    """Make the PDF at once, outside the room's lock: the meeting may still be going on."""
    try:
        ensure_pdf(viewer, case_id, revision_id, site=site, now=now)
    except Exception:
        # The signature stands; whoever asks for the PDF first makes it then, or hears why not.
        log.exception("the PDF of revision %s was not made", revision_id)


def sign_as_known(viewer: Viewer, case_id: int, revision_id: int, *, now: datetime) -> Signed:
    """Sign for somebody who has just proved who it is: no door but the demo loader calls this.

    The PDF is left to whoever asks for it first.
    """
    with plan_work(viewer, case_id, AuditAction.PLAN_SIGN, now=now) as room:
        desk = load_desk(viewer, case_id)
        revision = next((r for r in desk.revisions if r.id == revision_id), None)
        if revision is None:
            raise NotFound
        room.work.about(revision, case_id=case_id)
        if any(s.user_id == viewer.user_id for s in revision.signatures):
            return Signed(revision.id, revision.state == PlanState.SIGNED)
        _check_may_sign(desk, revision, now)
        _add_signature(room, desk, revision)
        complete = signature_state(
            _needs(desk, revision, now), [s.user_id for s in revision.signatures]
        ).complete
        if complete:
            _complete(room, desk, revision)
        announce(room, desk.item, revision)
        room.work.about(revision, case_id=case_id, complete=complete)
        return Signed(revision.id, complete)


def _check_may_sign(desk: Desk, revision: PlanRevision, now: datetime) -> None:
    viewer = desk.viewer
    seat = next((row for row in desk.attendance if row.user_id == viewer.user_id), None)
    if not may(viewer, Permission.PLAN_SIGN) or seat is None:
        raise Forbidden
    if revision.state != PlanState.SIGNING or revision is not desk.current:
        raise Refused("plan_not_signing")
    if not may_sign(seat.user.practice_since, local_date(now)):
        raise Refused("practice_too_short")
    if not any(viewer.user_id in need.user_ids for need in _needs(desk, revision, now)):
        raise Forbidden("not_asked_to_sign")
    around = desk.circumstances(revision, now=now)
    if not around.concluded or _hash(revision) != revision.content_hash:
        raise Refused("plan_not_signing")


def _needs(desk: Desk, revision: PlanRevision, now: datetime) -> tuple[SignerNeed, ...]:
    return desk.circumstances(revision, now=now).needs


def _add_signature(room: RoomWork, desk: Desk, revision: PlanRevision) -> None:
    viewer = desk.viewer
    seat = next(row for row in desk.attendance if row.user_id == viewer.user_id)
    revision.signatures.append(
        Signature(
            revision_id=revision.id,
            user_id=viewer.user_id,
            role=seat.role,
            discipline=seat.discipline,
            content_hash=revision.content_hash,
            signed_at=room.work.now,
        )
    )
    room.work.session.flush()
    _asked_no_longer(room, desk, only=viewer.user_id)


def _complete(room: RoomWork, desk: Desk, revision: PlanRevision) -> None:
    item, case, draft = _item(desk), desk.case, draft_in(revision)
    # Notices and the case first: once signed, nothing of the revision is written again.
    if revision.amends_id is None:
        deferred = draft.outcome is Outcome.DEFERRED
        reason = Reason(draft.deferral_reason, draft.deferral_text) if deferred else NO_REASON
        action = CaseAction.DEFER if deferred else CaseAction.SIGN
        move_case(room.work, case, action, reason, conference_id=item.conference_id)
        if deferred:
            _defer_item(item)
    kind = NoticeKind.PLAN_AMENDED if revision.amends_id else NoticeKind.PLAN_SIGNED
    tell(room.work, requester_ids(case, item), kind, case=case)
    _asked_no_longer(room, desk)
    revision.state = move(PlanState(revision.state), PlanState.SIGNED).value
    revision.signed_at = room.work.now
    revision.verify_code = new_code()
    room.work.session.flush()
    note_boards_of_case(room.work, case.id)


def _defer_item(item: AgendaItem) -> None:
    state = ConferenceState(item.conference.state)
    item.state = move_item(ItemState(item.state), ItemState.DEFERRED, conference=state).value


def _asked_no_longer(room: RoomWork, desk: Desk, *, only: int | None = None) -> None:
    """Who was asked to sign and no longer is need not be told any more."""
    settle(room.work, NoticeKind.PLAN_SIGNATURE_OWED, desk.case, only=only)


def new_code() -> str:
    """A verification code that nobody guesses: 78 bits, in four groups."""
    return normal_code("".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)))


def _item(desk: Desk) -> AgendaItem:
    if desk.item is None:
        raise NotFound
    return desk.item


def _current(desk: Desk) -> PlanRevision:
    if desk.current is None:
        raise NotFound
    return desk.current
