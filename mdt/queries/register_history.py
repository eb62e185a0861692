"""What a register row says, as cells of the register file; and what it said before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select

from mdt.extensions import db, sealing
from mdt.models.tumours import Tumour, TumourVersion
from mdt.queries import scope
from mdt.queries.patients import Identity
from mdt.rules.registry.columns import COLUMNS

#: Columns that say who the patient is, beside ``sex``, which is no secret.
IDENTITY_COLUMNS = (
    "name", "id_type", "id_number", "birth_date", "residence_code", "mrn",
)  # fmt: skip
#: Columns of the row that the tumour itself holds under the same name.
TUMOUR_COLUMNS = tuple(
    name for name in COLUMNS if name not in {"hospital_code", "sex", *IDENTITY_COLUMNS}
)


@dataclass(frozen=True, slots=True)
class FormerRow:
    """A former state of a row: its cells as codes by column, and when and by what it was replaced.

    ``import_id`` is empty where a person changed the row by hand.
    """

    cells: Mapping[str, str]
    replaced_at: datetime
    by_user_id: int | None
    import_id: int | None


def cells_of(tumour: Tumour, identity: Identity) -> dict[str, str]:
    """What a row says, by column of the register file without the hospital's: codes, ISO dates."""
    cells = {name: _text(getattr(tumour, name)) for name in TUMOUR_COLUMNS}
    cells["sex"] = tumour.patient.sex
    return cells | {name: _text(getattr(identity, name)) for name in IDENTITY_COLUMNS}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def former_version(
    tumour_id: int,
    cells: Mapping[str, str],
    *,
    by_user_id: int | None,
    import_id: int | None,
    now: datetime,
) -> TumourVersion:
    """What a row said (`cells_of`) until now, sealed, not yet in the session."""
    number = str(uuid4())
    plain = json.dumps(dict(cells), ensure_ascii=False)
    return TumourVersion(
        id=number,
        tumour_id=tumour_id,
        replaced_at=now,
        by_user_id=by_user_id,
        import_id=import_id,
        sealed_content=sealing.keyring.seal(plain.encode(), aad=_aad(number)),
    )


def list_former_rows(tumour: Tumour) -> list[FormerRow]:
    """The former states of a row that the viewer was found to see, the last replaced first."""
    statement = scope.scoped_children(
        select(TumourVersion)
        .where(TumourVersion.tumour_id == tumour.id)
        .order_by(TumourVersion.replaced_at.desc(), TumourVersion.id),
        of="tumour",
    )
    return [
        FormerRow(_open(one), one.replaced_at, one.by_user_id, one.import_id)
        for one in db.session.scalars(statement)
    ]


def _open(version: TumourVersion) -> dict[str, str]:
    plain: dict[str, str] = json.loads(
        sealing.keyring.open(version.sealed_content, aad=_aad(version.id))
    )
    return plain


def _aad(number: str) -> bytes:
    return f"tumour_version:{number}".encode()
