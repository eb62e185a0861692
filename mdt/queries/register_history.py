"""What a register row says, as cells of the register file; and what it said before."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from uuid import uuid4

from sqlalchemy import select

from mdt.extensions import db, sealing
from mdt.models.people import User
from mdt.models.tumours import Tumour, TumourVersion
from mdt.queries import scope
from mdt.queries.patients import Identity, open_identity
from mdt.rules.identity import mask_id_number, mask_name
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
    return cells | person_cells(identity, tumour.patient.sex)


def person_cells(identity: Identity, sex: str) -> dict[str, str]:
    """The columns of a row that say who the patient is, as `cells_of` has them."""
    return {"sex": sex} | {name: _text(getattr(identity, name)) for name in IDENTITY_COLUMNS}


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


@dataclass(frozen=True, slots=True)
class Replaced:
    """One correction of a row: when, by what and whom, and (column, before, after) as codes."""

    replaced_at: datetime
    import_id: int | None
    by: str
    changes: tuple[tuple[str, str, str], ...]


def list_corrections(tumour: Tumour, *, named: bool) -> list[Replaced]:
    """The corrections of a row that the viewer was found to see, the last first.

    Names and numbers are masked; without ``named`` what is of the person is left out.
    """
    former = list_former_rows(tumour)
    if not former:
        return []
    states = [cells_of(tumour, open_identity(tumour.patient)), *(one.cells for one in former)]
    names = names_of_people(one.by_user_id for one in former)
    return [
        Replaced(
            one.replaced_at,
            one.import_id,
            names.get(one.by_user_id or 0, ""),
            _changes(one.cells, after, named=named),
        )
        for one, after in zip(former, states, strict=False)
    ]


def corrections_between(
    tumours: Iterable[Tumour],
    after: datetime,
    until: datetime | None,
    *,
    named: Callable[[Tumour], bool],
) -> dict[int, list[Replaced]]:
    """The corrections of some rows that the viewer was found to see, by number, in two SELECTs.

    Those made after one moment and until another (``None``: until now), the first first; as
    `list_corrections` for each.
    """
    rows = {tumour.id: tumour for tumour in tumours}
    statement = scope.scoped_children(
        select(TumourVersion)
        .where(TumourVersion.tumour_id.in_(rows), TumourVersion.replaced_at > after)
        .order_by(TumourVersion.tumour_id, TumourVersion.replaced_at, TumourVersion.id),
        of="tumour",
    )
    versions = db.session.scalars(statement).all()
    names = names_of_people(one.by_user_id for one in versions)
    found: dict[int, list[Replaced]] = {}
    for number, of_row in groupby(versions, key=lambda one: one.tumour_id):
        tumour, former = rows[number], list(of_row)
        states = [_open(one) for one in former]
        states.append(cells_of(tumour, open_identity(tumour.patient)))
        found[number] = [
            Replaced(
                one.replaced_at,
                one.import_id,
                names.get(one.by_user_id or 0, ""),
                _changes(before, later, named=named(tumour)),
            )
            for one, (before, later) in zip(former, pairwise(states), strict=True)
            if until is None or one.replaced_at <= until
        ]
    return found


def names_of_people(ids: Iterable[int | None]) -> dict[int, str]:
    """What people are called, by number."""
    statement = select(User.id, User.name).where(User.id.in_(set(ids) - {None}))
    return {row.id: row.name for row in db.session.execute(statement)}


def _changes(
    before: Mapping[str, str], after: Mapping[str, str], *, named: bool
) -> tuple[tuple[str, str, str], ...]:
    shown = [name for name in COLUMNS if named or name not in IDENTITY_COLUMNS]
    return tuple(
        (name, _masked(name, before[name]), _masked(name, after[name]))
        for name in shown
        if name in before and name in after and before[name] != after[name]
    )


def _masked(column: str, cell: str) -> str:
    if column == "name":
        return mask_name(cell)
    return mask_id_number(cell) if column == "id_number" else cell
