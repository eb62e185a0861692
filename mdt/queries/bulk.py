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
    Select,
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
    connection = session.connection()
    if on_postgresql(session):
        own = f"nextval(pg_get_serial_sequence('{table.name}', 'id'))"
        each = f"SELECT {own} FROM generate_series(1, %s)"  # noqa: S608 -- no input
        return [number for (number,) in connection.exec_driver_sql(each, (count,))]
    # SQLite counts on from the highest, and has one writer at a time.
    highest = f'SELECT max(id) FROM "{table.name}"'  # noqa: S608 -- no input
    last: int = connection.exec_driver_sql(highest).scalar() or 0
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
        session.execute(_BY_INDEX)


def commit_without_waiting(session: Session) -> None:
    """For the running transaction on PostgreSQL: its commit does not wait for the disk."""
    if on_postgresql(session):
        session.execute(_NO_WAIT)


def _off(*names: str) -> Select[Any]:
    return select(*(func.set_config(name, "off", True) for name in names))


_BY_INDEX, _NO_WAIT = _off("enable_seqscan", "jit"), _off("synchronous_commit")


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
    """Pairs of a number and a text as a table of a statement."""

    table: FromClause
    number: ColumnElement[int]
    text: ColumnElement[str]


def wanted_pairs(name: str, *, postgresql: bool) -> Wanted:
    """Pairs to join with, however many: one statement, made once.

    It is executed with `pair_values` of the same name.
    """
    if postgresql:
        numbers = bindparam(f"{name}_numbers", type_=ARRAY(Integer))
        texts = bindparam(f"{name}_texts", type_=ARRAY(String))
        table = func.unnest(numbers, texts).table_valued("number", "text", name=name)
        wanted = table.render_derived()
        return Wanted(wanted, wanted.c.number, wanted.c.text)
    each = func.json_each(bindparam(f"{name}_pairs", type_=String()))
    table = each.table_valued("value", name=name)
    number, text = (func.json_extract(table.c.value, f"$[{place}]") for place in (0, 1))
    return Wanted(table, number, text)


def pair_values(
    name: str, pairs: Iterable[tuple[int, str]], *, postgresql: bool
) -> dict[str, object]:
    """The parameters of `wanted_pairs`."""
    listed = sorted(pairs)
    if postgresql:
        numbers, texts = [one for one, _ in listed], [other for _, other in listed]
        return {f"{name}_numbers": numbers, f"{name}_texts": texts}
    return {f"{name}_pairs": json.dumps(listed)}


def one_of(
    column: InstrumentedAttribute[Any], name: str, *, postgresql: bool
) -> ColumnElement[bool]:
    """Condition: the column is one of some values, however many: one statement, made once.

    It is executed with `values_of` of the same name.
    """
    if postgresql:
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    each = func.json_each(bindparam(name, type_=String()))
    return column.in_(select(each.table_valued("value").c.value))


def values_of(
    name: str, values: Iterable[str] | Iterable[int], *, postgresql: bool
) -> dict[str, object]:
    """The parameter of `one_of`."""
    listed: list[Any] = sorted(values)
    return {name: listed if postgresql else json.dumps(listed)}


def on_postgresql(session: Session) -> bool:
    """Whether the session writes to PostgreSQL; else to SQLite."""
    return session.get_bind().dialect.name == "postgresql"
