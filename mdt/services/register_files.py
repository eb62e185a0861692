"""Files that go with an import: the template to fill in, and the rows that were refused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mdt.adapters.spreadsheets import write_csv, write_xlsx
from mdt.models.tumours import RegisterImport
from mdt.queries.register_columns import open_columns
from mdt.queries.register_imports import (
    has_refused_rows,
    refused_findings,
    sees_whole_rows,
    whose_is_known,
)
from mdt.queries.register_problems import (
    RefusedRow,
    RowProblem,
    open_findings,
    open_problems,
    without_values,
)
from mdt.rules.access import Viewer
from mdt.rules.registry import COLUMNS, REQUIRED, message_of
from mdt.rules.registry.columns import REASON_COLUMNS, column_label

_TITLES = {
    "zh": ("行号", "列", "内容", "原因", "代码"),
    "en": ("Row", "Column", "Value", "Reason", "Code"),
}


def template_file(kind: str) -> bytes:
    """An empty register file (``csv`` or ``xlsx``) with Chinese headings, the required starred."""
    header = [f"{zh}*" if name in REQUIRED else zh for name, zh in COLUMNS.items()]
    return _written(kind, header, [], title="台账")


def refused_rows_file(viewer: Viewer, record: RegisterImport, kind: str, language: str) -> bytes:
    """The refused rows of an import that the viewer was found to see, as CSV or XLSX.

    For who sees names in full in that register: whole, as they stood in the file, with the reasons
    in two further columns; mended, it can be sent as it is. For others: row, column and reason.
    """
    whole = sees_whole_rows(viewer, record)
    kept_rows = whose_is_known(record) and has_refused_rows(record.id)
    headings = open_columns(record).headings
    if whole and headings and kept_rows:
        # A file that was mended once has columns for reasons already.
        kept = [at for at, heading in enumerate(headings) if heading not in REASON_COLUMNS]
        rows = (row for found in refused_findings(record) for row in found.refused)
        header = [*(headings[at] for at in kept), *REASON_COLUMNS]
        return _written(kind, header, (_whole(row, kept) for row in rows), title="未接收的行")
    # While a person decides on a dry run, what was wrong stands only with the rows themselves.
    refused = open_problems(record).refused if not kept_rows else _problems(record)
    visible = refused if whole else (replace(one, value="") for one in refused)
    lines = (_refused(one, language) for one in visible)
    return _written(kind, _TITLES[language], lines, title="未接收的行")


def warnings_file(viewer: Viewer, record: RegisterImport, kind: str, language: str) -> bytes:
    """What looks wrong in rows that were taken, as CSV or XLSX: all that was kept of it."""
    kept = open_problems(record).warnings
    found = kept or [one for found in open_findings(record) for one in found.warnings]
    visible = without_values(viewer, record.hospital_id, found)
    lines = (_refused(one, language) for one in visible)
    return _written(kind, _TITLES[language], lines, title="请核对的内容")


def _problems(record: RegisterImport) -> Iterator[RowProblem]:
    return (
        one for found in refused_findings(record) for row in found.refused for one in row.problems
    )


def _written(
    kind: str, header: Sequence[str], rows: Iterable[Sequence[str | int]], *, title: str
) -> bytes:
    return write_csv(header, rows) if kind == "csv" else write_xlsx(header, rows, title=title)


def _whole(row: RefusedRow, kept: Sequence[int]) -> list[str | int]:
    cells = [row.cells[at] if at < len(row.cells) else "" for at in kept]
    return [*cells, *("；".join(_reasons(row, language)) for language in ("zh", "en"))]


def _reasons(row: RefusedRow, language: str) -> Iterator[str]:
    for one in row.problems:
        yield f"{column_label(one.column, language)}: {_reason(one, language)}"


def _reason(one: RowProblem, language: str) -> str:
    message = message_of(one.code, one.column)
    return message.in_language(language) if message else one.code


def _refused(one: RowProblem, language: str) -> list[str | int]:
    return [
        one.row,
        column_label(one.column, language),
        one.value,
        _reason(one, language),
        one.code,
    ]
