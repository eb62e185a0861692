"""Rows that a person has begun to enter: sealed, for that person alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mdt.extensions import db, sealing
from mdt.models.register_drafts import RegisterDraft
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.identity import mask_name

#: As many are offered to go on with.
_OFFERED = 5


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A row that was begun: enough to know it again."""

    id: str
    masked_name: str
    icd10: str
    updated_at: datetime


def seal_draft(draft: RegisterDraft, cells: Mapping[str, str]) -> None:
    """Write the sealed column."""
    plain = json.dumps(dict(cells), ensure_ascii=False)
    draft.sealed_cells = sealing.keyring.seal(plain.encode(), aad=_aad(draft.id))


def cells_of_draft(draft: RegisterDraft) -> dict[str, str]:
    """What was typed, by column; nothing once it was entered. Raises `SealBroken`."""
    if draft.sealed_cells is None:
        return {}
    cells: dict[str, str] = json.loads(sealing.keyring.open(draft.sealed_cells, aad=_aad(draft.id)))
    return cells


def _aad(draft_id: str) -> bytes:
    return f"register_draft:{draft_id}".encode()


def open_draft(viewer: Viewer, draft_id: str) -> dict[str, str]:
    """The cells of a draft of the viewer's own that is not entered yet, else `NotFound`."""
    draft = db.session.get(RegisterDraft, draft_id)
    if draft is None or draft.user_id != viewer.user_id or draft.sealed_cells is None:
        raise NotFound
    return cells_of_draft(draft)


def list_drafts(viewer: Viewer) -> list[DraftLine]:
    """What the viewer has begun and not entered, the last first."""
    statement = (
        select(RegisterDraft)
        .where(RegisterDraft.user_id == viewer.user_id, RegisterDraft.sealed_cells.is_not(None))
        .order_by(RegisterDraft.updated_at.desc(), RegisterDraft.id)
        .limit(_OFFERED)
    )
    return [_line(one) for one in db.session.scalars(statement)]


def _line(draft: RegisterDraft) -> DraftLine:
    cells = cells_of_draft(draft)
    name = mask_name(cells.get("name", ""))
    return DraftLine(draft.id, name, cells.get("icd10", ""), draft.updated_at)
