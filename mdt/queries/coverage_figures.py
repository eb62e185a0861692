"""The figures of a coverage report, counted by the database, and the tumours behind each.

`mdt.queries.coverage_conditions` turns the definition into conditions on the register's columns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, select
from sqlalchemy.sql.elements import False_

from mdt.extensions import db
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.bulk import on_postgresql
from mdt.queries.coverage import Place, newest_first
from mdt.queries.coverage_conditions import NOT_DISCUSSED, conditions_of, days_before
from mdt.rules.calendar import first_of_month, month_number
from mdt.rules.coverage import FIGURES, By, Definition, Period, Placed, group_code
from mdt.rules.icd10 import neoplasms, site_group

_BECAUSE = "bounded by the hospitals that are visible"

#: What tells the groups apart; those of places are told by the hospital.
_COLUMNS: Mapping[By, Any] = {
    By.MONTH: Tumour.diagnosis_month,
    By.QUARTER: Tumour.diagnosis_month,
    By.SITE: Tumour.site3,
    By.YEAR: Tumour.diagnosis_month,
}


@dataclass(frozen=True)
class Asked:
    """What is counted: the hospitals, by number, the days of diagnosis, the definition, the day."""

    places: Mapping[int, Place]
    period: Period
    definition: Definition
    on: date


def count_figures(
    asked: Asked, groupings: Sequence[By]
) -> Iterator[tuple[tuple[str, ...], Sequence[int]]]:
    """Count every figure of `FIGURES`, in their order, by the codes of the groups.

    A group may come in parts: a county by its hospitals, a quarter by its months.
    """
    columns = [_COLUMNS.get(by, Tumour.hospital_id) for by in groupings]
    codes = [_code_of(asked, by) for by in groupings]
    for row in db.session.execute(scope.unscoped(_counted(asked, columns), because=_BECAUSE)):
        values = row[: len(columns)]
        yield tuple(code(one) for code, one in zip(codes, values, strict=True)), row[len(columns) :]


def _counted(asked: Asked, columns: Sequence[Any]) -> Any:
    conditions = conditions_of(asked.definition, asked.on)
    months_alone = all(column is Tumour.diagnosis_month for column in columns)
    # SQLite sorts every row for groups that its index does not stand by: hospital and month.
    in_parts = months_alone and not on_postgresql(db.session())
    keys = [Tumour.hospital_id, Tumour.diagnosis_month] if in_parts else list(columns)
    counts = (_sum(conditions[name]).label(name) for name in FIGURES)
    statement = select(*keys, *counts).where(bounds(asked)).group_by(*keys)
    if not in_parts:
        return statement
    parts = statement.subquery()
    months = [parts.c.diagnosis_month for _ in columns]
    return select(*months, *(func.sum(parts.c[name]) for name in FIGURES)).group_by(*months)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows hold; what a definition never excludes costs nothing."""
    if isinstance(condition, False_):
        return literal(0)
    return func.sum(case((condition, 1), else_=0))


def _code_of(asked: Asked, by: By) -> Callable[[Any], str]:
    """What gives the code of a group from the number of a hospital, of a month, or from a site."""

    @cache
    def code(value: Any) -> str:
        if by is By.SITE:
            return site_group(value).group
        if by in _COLUMNS:
            return group_code(Placed("", "", "", "", first_of_month(value), ""), by)
        return group_code(_placed(asked.places[value], asked.period.first), by)

    return code


def count_total(asked: Asked) -> dict[str, int]:
    """Count numerator and denominator over all the hospitals at once."""
    conditions = conditions_of(asked.definition, asked.on)
    names = ("numerator", "denominator")
    sums = (func.sum(case((conditions[name], 1), else_=0)) for name in names)
    statement = scope.unscoped(select(*sums).where(bounds(asked)), because=_BECAUSE)
    row = db.session.execute(statement).one()
    return {name: count or 0 for name, count in zip(names, row, strict=True)}


def count_open(asked: Asked) -> dict[int, dict[str, int]]:
    """Count by hospital what is discussed and what still could be.

    ``numerator``, ``denominator``, and of those not discussed yet, alive and untreated: ``waiting``
    within the days of the definition, ``overdue`` past them.
    """
    conditions = conditions_of(asked.definition, asked.on)
    still = and_(
        conditions[NOT_DISCUSSED], Tumour.treated_after.is_(None),
        Tumour.outside_after.is_(None), Tumour.death_date.is_(None),
    )  # fmt: skip
    recent = Tumour.diagnosis_date >= days_before(asked.on, asked.definition.pending_days)
    counted = {
        "numerator": conditions["numerator"],
        "denominator": conditions["denominator"],
        "waiting": and_(still, recent),
        "overdue": and_(still, not_(recent)),
    }
    sums = (func.sum(case((condition, 1), else_=0)) for condition in counted.values())
    statement = select(Tumour.hospital_id, *sums).where(bounds(asked))
    rows = db.session.execute(
        scope.unscoped(statement.group_by(Tumour.hospital_id), because=_BECAUSE)
    )
    return {row[0]: dict(zip(counted, row[1:], strict=True)) for row in rows}


def list_behind(
    asked: Asked, figure: str, rows: Mapping[By, str], *, offset: int, limit: int
) -> tuple[list[int], int]:
    """Numbers of the tumours behind a figure, the last diagnosed first, and how many in all.

    ``figure`` is one of `FIGURES` or ``not_discussed``; ``rows`` has the code of the report's row
    by each of its groupings, none for the total.
    """
    within = [_in_row(asked, by, row) for by, row in rows.items()]
    wanted = and_(bounds(asked), conditions_of(asked.definition, asked.on)[figure], *within)
    return newest_first(wanted, offset, limit)


def _placed(place: Place, month: date) -> Placed:
    return Placed(place.code, place.county, place.city, place.province, month, "")


def bounds(asked: Asked) -> ColumnElement[bool]:
    """The rows of the hospitals and days that are asked for."""
    first, last = asked.period.first, asked.period.last
    return and_(
        Tumour.hospital_id.in_(asked.places),
        # The month is what the index is cut out by, the day what the period says.
        Tumour.diagnosis_month.between(month_number(first), month_number(last)),
        Tumour.diagnosis_date.between(first, last),
    )


def _in_row(asked: Asked, by: By, row: str) -> ColumnElement[bool]:
    if by is By.SITE:
        return Tumour.site3.in_([one for one in neoplasms() if site_group(one).group == row])
    code = _code_of(asked, by)
    if by in _COLUMNS:
        first, last = month_number(asked.period.first), month_number(asked.period.last)
        return Tumour.diagnosis_month.in_(
            [month for month in range(first, last + 1) if code(month) == row]
        )
    return Tumour.hospital_id.in_([id_ for id_ in asked.places if code(id_) == row])
