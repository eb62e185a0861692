"""Writing opinions: the first draft, edits field by field, addenda."""

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mdt.adapters.pdf_fonts import marked, missing_characters
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem
from mdt.models.plans import Plan, PlanRevision
from mdt.queries.plans import find_item, get_item, last_signed
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.case_stage import find_table
from mdt.rules.conference import ConferenceState
from mdt.rules.errors import Forbidden, Invalid, NotFound, Refused, Stale
from mdt.rules.events import LiveEventKind
from mdt.rules.plan import AgreedStage, PlanDraft, PlanState, move, to_content
from mdt.rules.plan_edit import (
    Edited,
    Typist,
    Versions,
    apply_changes,
    changed_since,
    top_level,
)
from mdt.rules.plan_fields import leaves, with_keys
from mdt.services.live_events import RoomWork, room_work
from mdt.services.plan_desk import AMENDABLE, Desk, draft_in, load_desk

#: Edits of a revision whose keys are kept: more than any page sends while one is under way.
_KEYS_KEPT = 50


@dataclass(frozen=True)
class PlanEdit:
    """Outcome of an edit; ``seq`` is 0 where no room listened.

    ``errors`` maps refused fields to codes. ``others`` holds, as a page has them, the fields that
    somebody else changed since the version that the typist's page had; ``changed`` names what this
    edit changed.
    """

    case_id: int
    revision_id: int
    version: int
    saved_at: datetime
    seq: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] = ()


def new_key() -> str:
    """A key for an action whose client gave none."""
    return f"plan-{uuid.uuid4().hex}"


def start_draft(viewer: Viewer, case_id: int, *, now: datetime) -> None:
    """Make the first draft of a case's opinion where there is none and the viewer writes it.

    Nothing happens for anybody else, or where the item is past. Side effects: plan and revision,
    in a live room one event; an audit row.
    """
    desk = load_desk(viewer, case_id)
    if desk.item is None or desk.current is not None or not (desk.may_write and desk.writable):
        return
    conference_id = desk.item.conference_id
    with room_work(viewer, conference_id, new_key(), now=now, action=AuditAction.PLAN_EDIT) as room:
        desk = load_desk(viewer, case_id)
        if desk.item is not None:
            revision = ensure_draft(room, desk)
            room.work.about(revision, case_id=case_id, fields=[])


def edit_plan(
    viewer: Viewer,
    item_id: int,
    changes: Mapping[str, Any],
    *,
    base_version: int,
    key: str,
    now: datetime,
    revision_id: int | None = None,
) -> PlanEdit:
    """Write fields of an opinion as they are typed (names: ``mdt.rules.plan_fields``).

    A field that somebody else changed after ``base_version`` to another text raises `Stale`, whose
    ``current`` is ``{"version", "fields"}`` as stored; all others merge. Raises `Invalid` where
    nothing could be taken, `Refused` where ``revision_id`` is not the draft any more: its versions
    say nothing about another's. The same ``key`` again changes nothing, in the room or after it.
    Side effects: the revision, in a live room one event for all seats, an audit row.
    """
    item = get_item(viewer, item_id)
    with room_work(viewer, item.conference_id, key, now=now, action=AuditAction.PLAN_EDIT) as room:
        desk = load_desk(viewer, item.case_id)
        _check_writes(desk, item_id)
        # Before the first draft is made, which adds an event of its own.
        repeated = bool(room.events) or _was_made(desk, key)
        revision = desk.current if repeated else ensure_draft(room, desk)
        if revision is None:
            raise NotFound
        if revision_id not in {None, revision.id}:
            raise Refused("plan_moved_on")
        typist = Typist(viewer.user_id, base_version, revision.version + 1)
        if repeated:
            room.work.silent = True
            return _unchanged(room, revision, typist)
        edited = _apply(desk, revision, changes, typist)
        if edited.changed:
            revision.edit_keys = [*revision.edit_keys, _mark(viewer, key)][-_KEYS_KEPT:]
            _store(room, desk, revision, edited)
        room.work.about(revision, case_id=item.case_id, fields=list(edited.changed))
        return _outcome(room, revision, edited, set(changes), typist)


def _check_writes(desk: Desk, item_id: int) -> None:
    if not desk.may_write:
        raise Forbidden
    if desk.item is None or desk.item.id != item_id or not desk.writable:
        raise Refused("plan_not_open")


def _was_made(desk: Desk, key: str) -> bool:
    """After a conference no event keeps the key, and a text sent out starts another revision."""
    return any(_mark(desk.viewer, key) in revision.edit_keys for revision in desk.revisions)


def _mark(viewer: Viewer, key: str) -> str:
    return f"{viewer.user_id}:{key}"


def _unchanged(room: RoomWork, revision: PlanRevision, typist: Typist) -> PlanEdit:
    return PlanEdit(
        revision.case_id,
        revision.id,
        revision.version,
        revision.updated_at,
        seq=room.seq,
        others=_others(draft_in(revision), revision.field_versions, typist),
    )


def _others(draft: PlanDraft, versions: Versions, typist: Typist) -> dict[str, Any]:
    """What somebody else has changed since the version that the typist's page had."""
    found = leaves(draft)
    return {
        name: found[name]
        for name, (version, user_id) in sorted(versions.items())
        if version > typist.base and user_id != typist.user_id and name in found
    }


def _apply(
    desk: Desk, revision: PlanRevision, changes: Mapping[str, Any], typist: Typist
) -> Edited:
    unprintable = {name: "missing_glyph" for name, value in changes.items() if _unprintable(value)}
    wanted = {name: value for name, value in changes.items() if name not in unprintable}
    draft = draft_in(revision)
    edited = apply_changes(draft, revision.field_versions, wanted, typist, desk.people)
    if edited.conflicts:
        raise Stale(current=_stored(revision, draft, typist.base))
    errors = {**(edited.errors or {}), **unprintable}
    if errors and not edited.changed:
        raise Invalid(errors)
    return Edited(edited.draft, edited.versions, edited.changed, errors, {})


def _unprintable(value: Any) -> set[str]:
    """Characters that no font of the PDF has, anywhere in a value."""
    if isinstance(value, str):
        return missing_characters(value)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*(_unprintable(part) for part in parts))


def _stored(revision: PlanRevision, draft: PlanDraft, base: int) -> dict[str, Any]:
    found, names = leaves(draft), changed_since(revision.field_versions, base)
    fields = {name: found[name] for name in sorted(names) if name in found}
    return {"version": revision.version, "fields": fields}


def _store(room: RoomWork, desk: Desk, revision: PlanRevision, edited: Edited) -> None:
    revision.content = to_content(edited.draft)
    revision.field_versions = edited.versions
    revision.updated_at = room.work.now
    revision.updated_by_id = desk.viewer.user_id
    room.work.session.flush()
    announce(room, desk.item, revision, top_level(edited.changed))


def _outcome(
    room: RoomWork, revision: PlanRevision, edited: Edited, sent: set[str], typist: Typist
) -> PlanEdit:
    others = _others(edited.draft, edited.versions, typist)
    return PlanEdit(
        revision.case_id,
        revision.id,
        revision.version,
        revision.updated_at,
        room.seq,
        dict(edited.errors or {}),
        {name: value for name, value in others.items() if name not in sent},
        edited.changed,
    )


def announce(
    room: RoomWork, item: AgendaItem | None, revision: PlanRevision, parts: tuple[str, ...] = ()
) -> None:
    """Tell a live room how the opinion stands, with these parts of its content."""
    if item is None or room.conference.state != ConferenceState.LIVE:
        return
    data = {
        "revision": revision.id,
        "state": revision.state,
        "version": revision.version,
        "fields": {name: revision.content[name] for name in parts},
    }
    room.add(LiveEventKind.PLAN, item, data)


def ensure_draft(room: RoomWork, desk: Desk) -> PlanRevision:
    """The draft of an item, made now if there is none, inside the running work."""
    if desk.item is None:
        raise NotFound
    if desk.current is not None:
        return desk.current
    session, now = room.work.session, room.work.now
    plan = Plan(case_id=desk.case.id, item_id=desk.item.id, created_at=now)
    session.add(plan)
    session.flush()
    return add_revision(room, desk, plan, _first_content(desk))


def add_revision(
    room: RoomWork,
    desk: Desk,
    plan: Plan,
    content: Mapping[str, Any],
    *,
    amends_id: int | None = None,
    amend_reason: str = "",
) -> PlanRevision:
    """Make the next draft of a plan and show it to the room, inside the running work."""
    number = max((r.number for r in desk.revisions if r.plan_id == plan.id), default=0) + 1
    revision = PlanRevision(
        plan=plan,
        case_id=plan.case_id,
        number=number,
        state=PlanState.DRAFT.value,
        content=dict(content),
        field_versions={},
        amends_id=amends_id,
        amend_reason=amend_reason,
        updated_at=room.work.now,
        updated_by_id=desk.viewer.user_id,
    )
    room.work.session.add(revision)
    room.work.session.flush()
    announce(room, desk.item, revision, tuple(content))
    return revision


def _first_content(desk: Desk) -> dict[str, Any]:
    """What an unfinished opinion on the case held, else what the case itself says."""
    left = [r for r in desk.revisions if r.state == PlanState.DRAFT]
    if left:
        return dict(left[-1].content)
    case = desk.case
    return to_content(
        PlanDraft(
            diagnosis=marked(case.diagnosis_text),
            stage=submitted_stage(case),
            patient_wish=marked(case.patient_preference),
        )
    )


def submitted_stage(case: Case) -> AgreedStage:
    """The stage that the requesting hospital sent in."""
    table = find_table(case.staging_table)
    return AgreedStage(
        table=case.staging_table,
        edition=table.edition if table else "",
        classification=case.stage_basis,
        t=case.t,
        n=case.n,
        m=case.m,
        factors={name: value for name, value in case.stage_factors.items() if value},
        stage_group=case.stage_group,
    )


def amend_plan(viewer: Viewer, case_id: int, reason: str, *, now: datetime) -> PlanRevision:
    """Begin an addendum: a copy of the signed opinion to write in, which names it and says why.

    Side effects: a revision, an audit row.
    """
    if not reason.strip():
        raise Invalid({"reason": "required"})
    if missing_characters(reason):
        raise Invalid({"reason": "missing_glyph"})
    with plan_work(viewer, case_id, AuditAction.PLAN_AMEND, now=now) as room:
        desk = load_desk(viewer, case_id)
        desk.check_leads()
        signed = desk.current
        if signed is None or signed.state != PlanState.SIGNED or desk.case.state not in AMENDABLE:
            raise Refused("plan_not_amendable")
        content = to_content(with_keys(draft_in(signed)))
        made = add_revision(
            room, desk, signed.plan, content, amends_id=signed.id, amend_reason=reason.strip()
        )
        room.work.about(made, case_id=case_id, amends=signed.id)
        return made


def discard_amendment(viewer: Viewer, case_id: int, *, now: datetime) -> None:
    """Give up an addendum that nobody has signed. Side effects: its state, an audit row."""
    with plan_work(viewer, case_id, AuditAction.PLAN_AMEND, now=now) as room:
        desk = load_desk(viewer, case_id)
        desk.check_leads()
        draft = desk.current
        if draft is None or draft.state != PlanState.DRAFT or draft.amends_id is None:
            raise Refused("plan_not_amendable")
        draft.state = move(PlanState(draft.state), PlanState.WITHDRAWN).value
        room.work.about(draft, case_id=case_id, discarded=True)
        signed = last_signed(desk.revisions)
        if signed is not None:
            announce(room, desk.item, signed, tuple(signed.content))


def get_item_of(viewer: Viewer, case_id: int) -> AgendaItem:
    """The agenda item at which a case's opinion is written.

    Raises `NotFound` for a case that the viewer may not open or that was never on an agenda.
    """
    item = find_item(viewer, case_id)
    if item is None:
        raise NotFound
    return item


def plan_work(
    viewer: Viewer, case_id: int, action: AuditAction, *, now: datetime
) -> AbstractContextManager[RoomWork]:
    """The unit of work of an action on the opinion of a case, in its conference's room.

    Raises `NotFound` as `get_item_of` does.
    """
    item = get_item_of(viewer, case_id)
    return room_work(viewer, item.conference_id, new_key(), now=now, action=action)
