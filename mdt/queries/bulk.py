"""Many rows at a time: numbers taken beforehand, values written without a statement for each.

What the session does for single rows (defaults, events, versions) is the caller's business here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
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
from sqlalchemy.sql import bindparam, insert

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
    if _on_postgresql(session):
        own = func.pg_get_serial_sequence(table.name, "id")
        each = select(func.nextval(own)).select_from(func.generate_series(1, count))
        return list(session.scalars(each))
    # SQLite counts on from the highest, and has one writer at a time.
    last: int = session.scalar(select(func.max(table.c.id))) or 0
    return list(range(last + 1, last + count + 1))


def widen_cache(session: Session) -> None:
    """Let SQLite keep the upper pages of its indexes at hand while many rows are written.

    Two megabytes, as it has by itself, are read and thrown away again with each batch.
    """
    if not _on_postgresql(session):
        session.connection().exec_driver_sql("PRAGMA cache_size=-65536")


def insert_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Write rows, their values in the order of ``columns``, inside the running unit of work."""
    connection = session.connection()
    processors = [_processor(table, name, connection.dialect) for name in columns]
    values = [
        tuple(
            value if process is None or value is None else process(value)
            for process, value in zip(processors, row, strict=True)
        )
        for row in rows
    ]
    if _on_postgresql(session):
        names = ", ".join(f'"{name}"' for name in columns)
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 -- a connection in use has one
        with driver.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        return
    statement = insert(table).values({name: bindparam(name) for name in columns})
    compiled = statement.compile(dialect=connection.dialect)
    places = [columns.index(name) for name in compiled.positiontup or ()]
    ordered = [tuple(row[at] for at in places) for row in values]
    connection.exec_driver_sql(str(compiled), ordered)


def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    kind = table.c[name].type.dialect_impl(dialect)
    process: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    if process is None or not issubclass(table.c[name].type.python_type, date):
        return process
    # The days and moments of a batch are few.
    return cache(process)


@dataclass(frozen=True)
class Wanted:
    """Pairs of a number and a text as a table of a statement, from one or two parameters."""

    table: FromClause
    number: ColumnElement[int]
    text: ColumnElement[str]


def wanted_pairs(session: Session, pairs: Iterable[tuple[int, str]]) -> Wanted:
    """Pairs to join with: a statement of one shape, however many they are."""
    listed = sorted(pairs)
    if _on_postgresql(session):
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
    if _on_postgresql(session):
        return column == any_(bindparam("values", listed, ARRAY(String)))
    each = func.json_each(bindparam("values", json.dumps(listed), String()))
    return column.in_(select(each.table_valued("value").c.value))


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
