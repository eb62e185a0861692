"""The rows of closed periods, and the same rows of the register as of today.

Only rows that are wanted leave the database: a province's year has a hundred thousand.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from mdt.extensions import db
from mdt.models.coverage import CoverageFreezeRow
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.bulk import insert_rows
from mdt.queries.coverage_conditions import (
    board_column,
    conditions_of,
    counts_at_all,
    exclusion_column,
    stage_column,
)
from mdt.queries.coverage_figures import Asked, bounds, count_figures
from mdt.rules.coverage import FIGURES, By
from mdt.rules.coverage.changes import CountedRow, RowState, states_behind

_BECAUSE = "bounded by the hospitals of a scope that the viewer answers for"
_NAMES = tuple(field.name for field in fields(CountedRow))
_TABLE = cast("Table", CoverageFreezeRow.__table__)
_values = attrgetter(*_NAMES)
#: What tells behind which figures a row stands.
_DECIDING = ("state", "pending", "opinion_alone")


def live_rows(asked: Asked) -> list[CountedRow]:
    """Every row of a period as it counts today, in one SELECT, so as of one moment."""
    return _rows(select(*_live_columns(asked)).where(bounds(asked)))


def _rows(statement: Select[Any]) -> list[CountedRow]:
    bounded = scope.unscoped(statement, because=_BECAUSE)
    return [CountedRow(*row) for row in db.session.execute(bounded)]


def live_figures(asked: Asked) -> dict[str, Any]:
    """What a freeze keeps as its figures, counted by the database in one SELECT.

    ``total`` has how many rows stand behind each figure that has any, ``hospitals`` by code the
    number, the names and the ``counts`` of each.
    """
    numbers = {place.code: number for number, place in asked.places.items()}
    total: Counter[str] = Counter()
    hospitals = {}
    for (code,), values in sorted(count_figures(asked, (By.HOSPITAL,)), key=lambda one: one[0]):
        counts = {name: int(one) for name, one in zip(FIGURES, values, strict=True) if one}
        total.update(counts)
        place = asked.places[numbers[code]]
        hospitals[code] = {
            "id": numbers[code],
            "name_zh": place.name_zh,
            "name_en": place.name_en,
            "counts": counts,
        }
    return {"total": dict(total), "hospitals": hospitals}


def _live_columns(asked: Asked) -> list[ColumnElement[Any]]:
    conditions = conditions_of(asked.definition, asked.on)
    exclusion = exclusion_column(asked.definition)
    state = case(
        (not_(counts_at_all()), RowState.DUPLICATE.value),
        (exclusion != "", literal("excluded:").concat(exclusion)),
        (conditions["numerator"], RowState.NUMERATOR.value),
        (conditions["denominator"], RowState.LATE.value),
        (conditions["below"], RowState.BELOW.value),
        (conditions["unstaged_with_board"], RowState.UNSTAGED_WITH_BOARD.value),
        else_=RowState.UNSTAGED.value,
    )
    columns: list[Any] = [
        Tumour.id,
        Tumour.hospital_id,
        state,
        conditions["pending"],
        conditions["signed_without_meeting"],
        Tumour.icd10,
        Tumour.diagnosis_date,
        stage_column(asked.definition),
        exclusion,
        Tumour.first_treatment_date,
        Tumour.external_mdt_date,
        Tumour.death_date,
        board_column(asked.definition),
        Tumour.opinion_on,
        Tumour.duplicate_of_id,
        Tumour.row_hash,
        Tumour.created_at,
        Tumour.counted_stage + "/" + Tumour.stage_basis + "/" + Tumour.staging_system,
    ]
    return [column.label(name) for name, column in zip(_NAMES, columns, strict=True)]


def store_rows(session: Session, freeze_id: int, rows: Sequence[CountedRow]) -> None:
    """Keep rows under the number of the freeze that they belong to."""
    values = [(freeze_id, *_values(row)) for row in rows]
    insert_rows(session, _TABLE, ("freeze_id", *_NAMES), values)


def list_frozen(
    freeze_id: int, figure: str, hospital_id: int | None, *, offset: int, limit: int
) -> tuple[list[CountedRow], int]:
    """Rows behind a frozen figure, the last diagnosed first, and how many there are in all."""
    wanted = [CoverageFreezeRow.freeze_id == freeze_id, _behind(figure)]
    if hospital_id is not None:
        wanted.append(CoverageFreezeRow.hospital_id == hospital_id)
    ordered = select(*_frozen_columns()).where(*wanted).order_by(
        CoverageFreezeRow.diagnosis_date.desc(), CoverageFreezeRow.tumour_id.desc()
    )  # fmt: skip
    counted = select(func.count()).select_from(CoverageFreezeRow).where(*wanted)
    total = db.session.scalar(scope.unscoped(counted, because=_BECAUSE)) or 0
    return _rows(ordered.offset(offset).limit(limit)), total


def _behind(figure: str) -> ColumnElement[bool]:
    if figure == "pending":
        return and_(CoverageFreezeRow.pending)
    if figure == "signed_without_meeting":
        return and_(CoverageFreezeRow.opinion_alone)
    return CoverageFreezeRow.state.in_(states_behind(figure))


def differing_rows(freeze_id: int, later: int | Asked) -> tuple[list[CountedRow], list[CountedRow]]:
    """The rows that stand behind other figures than in a freeze, as they were and as they are.

    ``later`` is the number of another freeze, or what is asked of the register as of today.
    """
    before = select(*_frozen_columns()).where(CoverageFreezeRow.freeze_id == freeze_id)
    after = (
        select(*_frozen_columns()).where(CoverageFreezeRow.freeze_id == later)
        if isinstance(later, int)
        else select(*_live_columns(later)).where(bounds(later))
    )
    return _rows(_others(before, after)), _rows(_others(after, before))


def _others(wanted: Select[Any], than: Select[Any]) -> Select[Any]:
    """What the second does not have, or has behind other figures."""
    one, other = wanted.subquery("one"), than.subquery("other")
    differs = or_(*(one.c[name] != other.c[name] for name in _DECIDING))
    joined = one.outerjoin(other, one.c.tumour_id == other.c.tumour_id)
    return select(one).select_from(joined).where(or_(other.c.tumour_id.is_(None), differs))


def _frozen_columns() -> list[Any]:
    return [getattr(CoverageFreezeRow, name) for name in _NAMES]
