"""Days in SQL: the two databases have no common words for them."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class DaysBetween(FunctionElement[int]):
    """Days from the second day to the first."""

    name = "days_between"
    type = Integer()
    inherit_cache = True


class LocalDay(FunctionElement[date]):
    """The day in China of a stored moment."""

    name = "local_day"
    type = Date()
    inherit_cache = True


@compiles(DaysBetween, "sqlite")
def _between_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@compiles(DaysBetween, "postgresql")
def _between_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    return f"({later} - {earlier})"


@compiles(LocalDay, "sqlite")
def _local_on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    # China keeps one clock, without summer time since 1991.
    return f"date({compiler.process(element.clauses, **options)}, '+8 hours')"


@compiles(LocalDay, "postgresql")
def _local_on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST({moment} AT TIME ZONE 'Asia/Shanghai' AS DATE)"
