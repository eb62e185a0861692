"""What is typed into the form of a new row, kept until it is entered or thrown away."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete

from mdt.models.register_drafts import RegisterDraft
from mdt.queries.register_drafts import cells_of_draft, seal_draft
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import NotFound
from mdt.rules.registry import COLUMNS
from mdt.services.unit_of_work import Work, unit_of_work

#: A draft that nobody went on with names a patient for no longer than this.
_KEPT = timedelta(days=7)


def keep_draft(viewer: Viewer, draft_id: str, changes: Mapping[str, str], *, now: datetime) -> None:
    """Keep what was typed into some columns, beside what the draft has of the others.

    What arrives after the row was entered changes nothing. Raises `NotFound` for another's draft
    and for what is no draft's number. Side effects: the draft, old ones of anybody removed; no
    audit row, as nothing is said of a patient to anybody but who typed it.
    """
    with unit_of_work(viewer, AuditAction.REGISTRY_ENTER, now=now) as work:
        work.silent = True
        draft = _own(work, viewer, draft_id)
        if draft is None:
            old = delete(RegisterDraft).where(RegisterDraft.updated_at < now - _KEPT)
            work.session.execute(old.execution_options(synchronize_session=False))
            draft = RegisterDraft(id=_number(draft_id), user_id=viewer.user_id)
            work.session.add(draft)
        elif draft.sealed_cells is None:
            return
        typed = {name: text for name, text in changes.items() if name in COLUMNS}
        seal_draft(draft, cells_of_draft(draft) | typed)
        draft.updated_at = now


def discard_draft(viewer: Viewer, draft_id: str, *, now: datetime) -> None:
    """Throw away what was typed. Raises `NotFound` for another's draft. Side effects: the draft."""
    with unit_of_work(viewer, AuditAction.REGISTRY_ENTER, now=now) as work:
        work.silent = True
        end_draft(work, viewer, draft_id)


def end_draft(work: Work, viewer: Viewer, draft_id: str) -> None:
    """Forget what was typed, as it is entered; in the running unit of work.

    What stays is the number alone, also where nothing has arrived yet: a save that is still on its
    way would offer an entered row again.
    """
    draft = _own(work, viewer, draft_id)
    if draft is None:
        draft = RegisterDraft(id=_number(draft_id), user_id=viewer.user_id)
        work.session.add(draft)
    draft.sealed_cells, draft.updated_at = None, work.now


def _own(work: Work, viewer: Viewer, draft_id: str) -> RegisterDraft | None:
    draft = work.session.get(RegisterDraft, draft_id)
    if draft is not None and draft.user_id != viewer.user_id:
        raise NotFound
    return draft


def _number(text: str) -> str:
    try:
        number = str(UUID(text))
    except ValueError:
        raise NotFound from None
    if number != text:
        raise NotFound
    return number
