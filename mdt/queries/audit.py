"""The audit trail as the auditor reads it. It holds no clinical text, so nothing is scoped."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from mdt.extensions import db
from mdt.models.audit import AuditBatch, AuditRow
from mdt.models.cases import Case
from mdt.models.people import User
from mdt.queries import scope
from mdt.queries.audit_names import Name, Names, names_of
from mdt.queries.locks import hold_table
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import from_local

ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class AuditFilter:
    """What the auditor looks for: days in China, both included; empty text where it is all one.

    ``person`` is part of an account's name or of a person's name; ``thing`` a case number, or an
    object such as ``conference 12``.
    """

    first: date
    last: date
    person: str = ""
    action: str = ""
    thing: str = ""
    refused_only: bool = False


@dataclass(frozen=True)
class AuditLine:
    """One row with the names behind its numbers."""

    row: AuditRow
    person: str
    hospital: Name | None
    case_number: str
    names: Names


@dataclass(frozen=True)
class TrailState:
    """How far the trail is chained, and what the last check found."""

    batches: int
    last_batch: AuditBatch | None
    last_check: AuditRow | None


def list_lines(wanted: AuditFilter, page: int) -> tuple[list[AuditLine], int]:
    """One page of lines, newest first, and how many rows there are in all."""
    found = _conditions(wanted)
    total = db.session.scalar(select(func.count(AuditRow.id)).where(*found)) or 0
    rows = db.session.scalars(
        select(AuditRow)
        .where(*found)
        .order_by(AuditRow.id.desc())
        .limit(ROWS_PER_PAGE)
        .offset((page - 1) * ROWS_PER_PAGE)
    ).all()
    return _lines(list(rows)), total


def all_lines(wanted: AuditFilter, most: int) -> Iterator[AuditLine]:
    """Every line up to ``most``, oldest first: for an export."""
    rows = db.session.scalars(
        select(AuditRow).where(*_conditions(wanted)).order_by(AuditRow.id).limit(most)
    ).all()
    for start in range(0, len(rows), 500):
        yield from _lines(list(rows[start : start + 500]))


def count_lines(wanted: AuditFilter) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count(AuditRow.id)).where(*_conditions(wanted))) or 0


def trail_state() -> TrailState:
    """Where the trail stands."""
    check = (
        select(AuditRow)
        .where(AuditRow.action == AuditAction.AUDIT_VERIFY.value)
        .order_by(AuditRow.id.desc())
    )
    batch = select(AuditBatch).order_by(AuditBatch.id.desc())
    return TrailState(
        db.session.scalar(select(func.count(AuditBatch.id))) or 0,
        db.session.scalar(batch.limit(1)),
        db.session.scalar(check.limit(1)),
    )


def hold_writers(session: Session) -> None:
    """Inside a unit of work: let rows that are being written land, and new ones wait.

    Row numbers are given before the commit; without this a row could land behind a closed batch.
    """
    hold_table(session, AuditRow)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        AuditRow.at >= _midnight(wanted.first),
        AuditRow.at < _midnight(wanted.last + timedelta(days=1)),
    ]
    if wanted.person:
        found.append(_of_person(wanted.person))
    if wanted.action:
        found.append(AuditRow.action == wanted.action)
    if wanted.thing:
        found.append(_about(wanted.thing))
    if wanted.refused_only:
        found.append(AuditRow.result != "ok")
    return found


def _midnight(day: date) -> datetime:
    return from_local(datetime.combine(day, time()))


def _of_person(part: str) -> ColumnElement[bool]:
    named = select(User.id).where(User.name.contains(part, autoescape=True))
    return or_(AuditRow.actor_name.icontains(part, autoescape=True), AuditRow.actor_id.in_(named))


def _about(thing: str) -> ColumnElement[bool]:
    kind, _, number = thing.partition(" ")
    case_id = db.session.scalar(
        scope.unscoped(
            select(Case.id).where(Case.number == thing),
            because="the auditor looks for a number; nothing of the case is shown",
        )
    )
    return or_(
        AuditRow.case_id == (case_id or 0),
        (AuditRow.object_type == kind) & (AuditRow.object_id == number.strip()),
    )


def _lines(rows: list[AuditRow]) -> list[AuditLine]:
    names = names_of(rows)
    numbers = _case_numbers({row.case_id for row in rows if row.case_id})
    return [
        AuditLine(
            row,
            names.get(("user_account", str(row.actor_id)), ("", ""))[0],
            names.get(("hospital", str(row.hospital_id))),
            numbers.get(row.case_id or 0, ""),
            names,
        )
        for row in rows
    ]


def _case_numbers(ids: set[int]) -> dict[int, str]:
    statement = scope.unscoped(
        select(Case.id, Case.number).where(Case.id.in_(ids)),
        because="numbers only, for the auditor's lines",
    )
    return {number: text for number, text in db.session.execute(statement)}  # noqa: C416
