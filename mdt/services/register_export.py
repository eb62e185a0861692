"""The register in its own file's columns, to be read in again: CSV or XLSX, on disk, not memory."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

from mdt.adapters.register_export import Sheet, write_csv_file, write_xlsx_file
from mdt.queries.register_export import export_scope, exported_cells
from mdt.queries.registry import RegisterFilter
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date, local_time
from mdt.rules.codes import Label
from mdt.rules.coverage import export_mark
from mdt.rules.registry import COLUMNS
from mdt.rules.registry.values import CODED
from mdt.services.audit_log import record_view

_SHEET, _SOURCE = Label("台账", "Register"), Label("来源", "Source")
_ROWS, _DEIDENTIFIED = (
    Label("行数", "Rows"),
    Label("已去标识：不含姓名、证件等患者信息列", "De-identified: no columns of the person"),
)


@dataclass(frozen=True, slots=True)
class RegisterExport:
    """A file that was taken out, open at its start; ``stem`` says when and by whom."""

    file: IO[bytes]
    rows: int
    stem: str


def export_register(
    viewer: Viewer, wanted: RegisterFilter, kind: str, *, now: datetime, language: str
) -> RegisterExport:
    """Write what the viewer's list shows as ``csv`` or ``xlsx``, in the columns of the register.

    Patients are named only inside the own hospital. A workbook says on a second sheet who took it
    out; a CSV file only in its name, as any further line would be read in as a row. Side effects:
    a temporary file, which goes as it is closed; an audit row.
    """
    around = export_scope(viewer, wanted.hospital)
    cells = _Counted(exported_cells(viewer, wanted, around, today=local_date(now)))
    sheet = Sheet(
        _SHEET.in_language(language),
        [COLUMNS[name] if language == "zh" else name for name in around.columns],
        (_words(one, around.columns, language) for one in cells),
    )
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 -- closed by who sends it
    if kind == "csv":
        write_csv_file(file, sheet)
    else:
        notes = _notes(viewer, cells, bool(around.named), now, language)
        write_xlsx_file(file, sheet, Sheet(_SOURCE.in_language(language), [], notes))
    _record(viewer, wanted, kind, cells.count, now)
    file.seek(0)
    return RegisterExport(
        file, cells.count, f"register-{local_time(now):%Y%m%d-%H%M}-{viewer.user_id}"
    )


class _Counted:
    """Counts what passes, for what is said at the end."""

    def __init__(self, cells: Iterable[Mapping[str, str]]) -> None:
        self.cells = cells
        self.count = 0

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        for one in self.cells:
            self.count += 1
            yield one


def _words(cells: Mapping[str, str], columns: Iterable[str], language: str) -> list[str]:
    return [_word(name, cells[name], language) for name in columns]


def _word(column: str, cell: str, language: str) -> str:
    label = CODED[column].get(cell) if column in CODED else None
    return label.in_language(language) if label else cell


def _notes(
    viewer: Viewer, cells: _Counted, named: bool, now: datetime, language: str
) -> Iterator[list[str]]:
    """Who took it out, when, and how much; asked for when the rows have been written."""
    yield [export_mark(viewer.name, now).in_language(language)]
    yield [f"{_ROWS.in_language(language)}: {cells.count}"]
    if not named:
        yield [_DEIDENTIFIED.in_language(language)]


def _record(viewer: Viewer, wanted: RegisterFilter, kind: str, rows: int, now: datetime) -> None:
    data: dict[str, Any] = {"file": "register", "kind": kind, "rows": rows}
    if wanted.period is not None:
        data["from"] = wanted.period.first.isoformat()
        data["until"] = wanted.period.last.isoformat()
    for name in ("stage", "board", "hospital", "check"):
        if getattr(wanted, name):
            data[name] = getattr(wanted, name)
    record_view(viewer, AuditAction.REGISTRY_EXPORT, wanted, now=now, **data)
