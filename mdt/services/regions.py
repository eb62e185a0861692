"""Administrative divisions as the system administrator brings them in: a file, looked at first."""

from collections.abc import Iterable
from datetime import datetime

from mdt.adapters.spreadsheets import Cell, Table, UnreadableSpreadsheet, read_table
from mdt.models.regions import Region
from mdt.queries.places import known_regions
from mdt.rules import codes
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Invalid
from mdt.rules.regions import COLUMNS, RegionPlan, RegionRow, plan_import
from mdt.services.unit_of_work import unit_of_work


def shipped_regions() -> tuple[RegionRow, ...]:
    """Jiangxi and Jilin, which come with mdt."""
    return tuple(
        RegionRow(one.code, one.label.zh, one.label.en, one.level, one.parent)
        for one in codes.regions().values()
    )


def read_regions(content: bytes) -> tuple[RegionRow, ...]:
    """Rows of a CSV or XLSX file with the columns code, name_zh, name_en, level, parent.

    Raises `Invalid` on the field ``file``.
    """
    try:
        table = read_table(content)
        return tuple(_rows(table))
    except UnreadableSpreadsheet as error:
        raise Invalid({"file": "region_file_unreadable"}) from error


def _rows(table: Table) -> Iterable[RegionRow]:
    missing = [name for name in COLUMNS if name != "name_en" and name not in table.header]
    if missing:
        raise Invalid({"file": "column_missing"}, columns=missing)
    for row in table.rows:
        yield RegionRow(*(_text(row.cells.get(name)) for name in COLUMNS))


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def preview_regions(rows: Iterable[RegionRow]) -> RegionPlan:
    """What an import of these rows would do; nothing is written."""
    return plan_import(rows, known_regions())


def import_regions(viewer: Viewer | None, rows: Iterable[RegionRow], *, now: datetime) -> int:
    """Add or rename divisions; gives how many rows were taken. All or nothing.

    Raises `Invalid` on the field ``file`` with the first problem's code, its line and region code
    as details. Side effects: region rows, one audit row.
    """
    with unit_of_work(viewer, AuditAction.PLACES_EDIT, now=now) as work:
        plan = plan_import(rows, known_regions())
        for wrong in plan.problems[:1]:
            raise Invalid({"file": wrong.problem}, line=wrong.line, region=wrong.code)
        for row in (*plan.new, *plan.changed):
            work.session.merge(
                Region(
                    code=row.code,
                    name_zh=row.name_zh,
                    name_en=row.name_en,
                    level=row.level,
                    parent_code=row.parent or None,
                )
            )
        work.row.update(
            object_type="region", data={"new": len(plan.new), "changed": len(plan.changed)}
        )
    return len(plan.rows)
