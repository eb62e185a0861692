"""The figures of a coverage report, counted by the database, and the tumours behind each.

A definition becomes conditions on the register's columns; `mdt.rules.coverage.judge` says the same
of one tumour at a time. A test holds both against a third, plain reference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select, true

from mdt.extensions import db
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.coverage import Place
from mdt.rules.calendar import first_of_month, month_number
from mdt.rules.coverage import FIGURES, By, Definition, Exclusion, Period, Placed, group_code
from mdt.rules.icd10 import neoplasms, site_group

#: A case that no board has discussed in time: no figure of its own, but the list people act on.
NOT_DISCUSSED = "not_discussed"
_BECAUSE = "bounded by the hospitals that are visible"

Conditions = Mapping[str, ColumnElement[bool]]


@dataclass(frozen=True)
class Asked:
    """What is counted: the hospitals, by number, the days of diagnosis, the definition, the day."""

    places: Mapping[int, Place]
    period: Period
    definition: Definition
    on: date


def count_figures(asked: Asked, *, by_site: bool) -> Iterator[tuple[Placed, dict[str, int]]]:
    """Count every figure by hospital and month, and by site where that is wanted."""
    keys: list[Any] = [Tumour.hospital_id, Tumour.diagnosis_month]
    if by_site:
        keys.append(Tumour.site3)
    conditions = _conditions(asked)
    statement = (
        select(*keys, *(func.sum(case((conditions[name], 1), else_=0)) for name in FIGURES))
        .where(_bounds(asked))
        .group_by(*keys)
    )
    for row in db.session.execute(scope.unscoped(statement, because=_BECAUSE)):
        hospital_id, month = row[0], row[1]
        counts = dict(zip(FIGURES, row[len(keys) :], strict=True))
        yield _placed(asked.places[hospital_id], month, row[2] if by_site else ""), counts


def count_total(asked: Asked) -> dict[str, int]:
    """Count numerator and denominator over all the hospitals at once."""
    conditions = _conditions(asked)
    names = ("numerator", "denominator")
    sums = (func.sum(case((conditions[name], 1), else_=0)) for name in names)
    statement = scope.unscoped(select(*sums).where(_bounds(asked)), because=_BECAUSE)
    row = db.session.execute(statement).one()
    return {name: count or 0 for name, count in zip(names, row, strict=True)}


def count_open(asked: Asked) -> dict[int, dict[str, int]]:
    """Count by hospital what is discussed and what still could be.

    ``numerator``, ``denominator``, and of those not discussed yet, alive and untreated: ``waiting``
    within the days of the definition, ``overdue`` past them.
    """
    conditions = _conditions(asked)
    still = and_(
        conditions[NOT_DISCUSSED], Tumour.treated_after.is_(None),
        Tumour.outside_after.is_(None), Tumour.death_date.is_(None),
    )  # fmt: skip
    recent = Tumour.diagnosis_date >= _days_before(asked.on, asked.definition.pending_days)
    counted = {
        "numerator": conditions["numerator"],
        "denominator": conditions["denominator"],
        "waiting": and_(still, recent),
        "overdue": and_(still, not_(recent)),
    }
    sums = (func.sum(case((condition, 1), else_=0)) for condition in counted.values())
    statement = select(Tumour.hospital_id, *sums).where(_bounds(asked))
    rows = db.session.execute(
        scope.unscoped(statement.group_by(Tumour.hospital_id), because=_BECAUSE)
    )
    return {row[0]: dict(zip(counted, row[1:], strict=True)) for row in rows}


def list_behind(
    asked: Asked, figure: str, *, by: By, row: str | None, offset: int, limit: int
) -> tuple[list[int], int]:
    """Numbers of the tumours behind a figure, the last diagnosed first, and how many in all.

    ``figure`` is one of `FIGURES` or ``not_discussed``; ``row`` the code of the report's row, or
    ``None`` for the total.
    """
    wanted = and_(_bounds(asked), _conditions(asked)[figure], _in_row(asked, by, row))
    total = db.session.scalar(
        scope.unscoped(select(func.count(Tumour.id)).where(wanted), because=_BECAUSE)
    )
    ids = (
        select(Tumour.id)
        .where(wanted)
        .order_by(Tumour.diagnosis_date.desc(), Tumour.id.desc())
        .offset(offset)
        .limit(limit)
    )
    found = db.session.scalars(scope.unscoped(ids, because=_BECAUSE))
    return list(found), total or 0


def _placed(place: Place, month: int, site3: str) -> Placed:
    return Placed(
        place.code, place.county, place.city, place.province,
        first_of_month(month), site_group(site3).group,
    )  # fmt: skip


def _bounds(asked: Asked) -> ColumnElement[bool]:
    first, last = asked.period.first, asked.period.last
    return and_(
        Tumour.hospital_id.in_(asked.places),
        # The month is what the index is cut out by, the day what the period says.
        Tumour.diagnosis_month.between(month_number(first), month_number(last)),
        Tumour.diagnosis_date.between(first, last),
    )


def _in_row(asked: Asked, by: By, row: str | None) -> ColumnElement[bool]:
    if row is None:
        return true()
    if by is By.SITE:
        return Tumour.site3.in_([one for one in neoplasms() if site_group(one).group == row])
    if by in {By.YEAR, By.QUARTER, By.MONTH}:
        first, last = month_number(asked.period.first), month_number(asked.period.last)
        months = [
            number
            for number in range(first, last + 1)
            if group_code(Placed("", "", "", "", first_of_month(number), ""), by) == row
        ]
        return Tumour.diagnosis_month.in_(months)
    of_row = [
        id_
        for id_, place in asked.places.items()
        if group_code(_placed(place, month_number(asked.period.first), ""), by) == row
    ]
    return Tumour.hospital_id.in_(of_row)


def _conditions(asked: Asked) -> Conditions:
    counts = or_(Tumour.duplicate_of_id.is_(None), Tumour.duplicate_of_id == Tumour.id)
    staged = and_(Tumour.exclusion == "", counts)
    in_time = _in_time(asked.definition)
    yes = and_(Tumour.counted_stage == "yes", staged)
    unknown = and_(Tumour.counted_stage == "unknown", staged)
    late = and_(yes, not_(in_time))
    oldest = _days_before(asked.on, asked.definition.pending_days)
    return {
        "denominator": yes,
        "numerator": and_(yes, in_time),
        NOT_DISCUSSED: late,
        "below": and_(Tumour.counted_stage == "no", staged),
        "unstaged": unknown,
        "unstaged_with_board": and_(unknown, in_time),
        "pending": and_(late, Tumour.treated_after.is_(None), Tumour.diagnosis_date >= oldest),
        "signed_without_meeting": and_(late, Tumour.opinion_alone),
        **{
            f"excluded:{reason}": and_(Tumour.exclusion == reason.value, counts)
            for reason in Exclusion
        },
    }


def _days_before(day: date, days: int) -> date:
    return day - timedelta(days=days) if day.toordinal() > days else date.min


def _in_time(definition: Definition) -> ColumnElement[bool]:
    """Never NULL: what is compared with a missing day is asked for first."""
    boards = [Tumour.board_after]
    if definition.outside_boards:
        boards.append(Tumour.outside_after)
    return or_(*(_soon_enough(after, definition) for after in boards))


def _soon_enough(after: Any, definition: Definition) -> ColumnElement[bool]:
    conditions = [Tumour.treated_after.is_(None), after <= Tumour.treated_after]
    if definition.grace_days is not None:
        conditions.append(after <= definition.grace_days)
    return and_(after.is_not(None), or_(*conditions))
