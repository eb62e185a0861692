"""Many rows at a time: numbers taken beforehand, values written without a statement for each.

What the session does for single rows (defaults, events, versions) is the caller's business here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    String,
    Table,
    any_,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import bindparam

Row = Sequence[Any]
#: Numbers that one statement names at most; the databases bound the parameters of one.
_NAMED_AT_ONCE = 500


def in_parts(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Cut numbers into parts that one statement can name."""
    rest = iter(numbers)
    while part := list(islice(rest, _NAMED_AT_ONCE)):
        yield part


def next_numbers(session: Session, table: Table, count: int) -> list[int]:
    """Take the next ``count`` numbers of a table, inside the running unit of work."""
    if on_postgresql(session):
        own = func.pg_get_serial_sequence(table.name, "id")
        each = select(func.nextval(own)).select_from(func.generate_series(1, count))
        return list(session.scalars(each))
    # SQLite counts on from the highest, and has one writer at a time.
    last: int = session.scalar(select(func.max(table.c.id))) or 0
    return list(range(last + 1, last + count + 1))


@contextmanager
def tuned_for_writing(session: Session) -> Iterator[None]:
    """Let SQLite write many rows: it keeps the upper pages of its indexes at hand meanwhile.

    Two megabytes, as it has by itself, are read and thrown away again with each batch. What was
    written lies in its log until `carry_over`: carried over with a commit, as it does by itself, it
    would keep the next writer waiting.
    """
    if on_postgresql(session):
        yield
        return
    usual = session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()
    _pragmas(session, "cache_size=-65536", "wal_autocheckpoint=0")
    try:
        yield
    finally:
        carry_over(session)
        _pragmas(session, f"wal_autocheckpoint={usual}")


def carry_over(session: Session) -> None:
    """Between units of work: carry SQLite's log over into the database, beside other writers."""
    if not on_postgresql(session):
        _pragmas(session, "wal_checkpoint(PASSIVE)")


def _pragmas(session: Session, *pragmas: str) -> None:
    session.rollback()
    for pragma in pragmas:
        session.connection().exec_driver_sql(f"PRAGMA {pragma}")
    session.rollback()


def look_up_by_index(session: Session) -> None:
    """For the running transaction on PostgreSQL: find a few of many rows by index.

    While a register grows its statistics lag behind, and what they call a small table would be
    read as a whole with each batch.
    """
    if on_postgresql(session):
        settings = (func.set_config(name, "off", True) for name in ("enable_seqscan", "jit"))
        session.execute(select(*settings))


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """Rows as the database's driver takes them, which nothing is left to do with but to write."""

    table: Table
    columns: Sequence[str]
    values: Sequence[Row]


def ready_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[Row]
) -> ReadyRows:
    """Make rows ready to be written, their values in the order of ``columns``."""
    dialect = session.get_bind().dialect
    # Column by column: most need nothing.
    listed = list(zip(*rows, strict=True))
    processed = (
        values
        if (process := _processor(table, name, dialect)) is None
        else [None if value is None else process(value) for value in values]
        for name, values in zip(columns, listed, strict=False)
    )
    return ReadyRows(table, columns, list(zip(*processed, strict=True)))


def write_ready(session: Session, ready: ReadyRows) -> None:
    """Write rows, inside the running unit of work."""
    if not ready.values:
        return
    connection = session.connection()
    names = ", ".join(f'"{name}"' for name in ready.columns)
    if not on_postgresql(session):
        marks = ", ".join("?" * len(ready.columns))
        statement = f'INSERT INTO "{ready.table.name}" ({names}) VALUES ({marks})'  # noqa: S608 -- no input
        connection.exec_driver_sql(statement, list(ready.values))
        return
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 -- a connection in use has one
    with driver.cursor().copy(f"COPY {ready.table.name} ({names}) FROM STDIN") as copy:
        for row in ready.values:
            copy.write_row(row)


def insert_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Write rows, their values in the order of ``columns``, inside the running unit of work."""
    write_ready(session, ready_rows(session, table, columns, rows))


@lru_cache(maxsize=500)
def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    kind = table.c[name].type.dialect_impl(dialect)
    process: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    if process is None or not issubclass(table.c[name].type.python_type, date):
        return process
    # The days and moments of a file are few.
    return lru_cache(maxsize=20_000)(process)


@dataclass(frozen=True)
class Wanted:
    """Pairs of a number and a text as a table of a statement, from one or two parameters."""

    table: FromClause
    number: ColumnElement[int]
    text: ColumnElement[str]


def wanted_pairs(session: Session, pairs: Iterable[tuple[int, str]]) -> Wanted:
    """Pairs to join with: a statement of one shape, however many they are."""
    listed = sorted(pairs)
    if on_postgresql(session):
        numbers = bindparam("numbers", [one for one, _ in listed], ARRAY(Integer))
        texts = bindparam("texts", [other for _, other in listed], ARRAY(String))
        table = func.unnest(numbers, texts).table_valued("number", "text", name="wanted")
        wanted = table.render_derived()
        return Wanted(wanted, wanted.c.number, wanted.c.text)
    each = func.json_each(bindparam("pairs", json.dumps(listed), String()))
    table = each.table_valued("value", name="wanted")
    number, text = (func.json_extract(table.c.value, f"$[{place}]") for place in (0, 1))
    return Wanted(table, number, text)


def one_of(
    session: Session, column: InstrumentedAttribute[str | None], values: Iterable[str]
) -> ColumnElement[bool]:
    """Condition: the column is one of these, which are one parameter, however many."""
    listed = sorted(values)
    if on_postgresql(session):
        return column == any_(bindparam("values", listed, ARRAY(String)))
    each = func.json_each(bindparam("values", json.dumps(listed), String()))
    return column.in_(select(each.table_valued("value").c.value))


def on_postgresql(session: Session) -> bool:
    """Whether the session writes to PostgreSQL; else to SQLite."""
    return session.get_bind().dialect.name == "postgresql"
