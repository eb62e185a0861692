"""Files that go with an import: the template to fill in, and the rows that were refused."""

from collections.abc import Iterable

from mdt.adapters.spreadsheets import write_csv, write_xlsx
from mdt.queries.register_problems import RowProblem
from mdt.rules.registry import COLUMNS, REQUIRED, message_of

_TITLES = {
    "zh": ("行号", "列", "内容", "原因", "代码"),
    "en": ("Row", "Column", "Value", "Reason", "Code"),
}


def template_file(kind: str) -> bytes:
    """An empty register file (``csv`` or ``xlsx``) with Chinese headings, the required starred."""
    header = [f"{zh}*" if name in REQUIRED else zh for name, zh in COLUMNS.items()]
    return write_csv(header, []) if kind == "csv" else write_xlsx(header, [], title="台账")


def refused_rows_file(refused: Iterable[RowProblem], language: str) -> bytes:
    """The refused cells of an import as CSV, with their rows and reasons."""
    return write_csv(_TITLES[language], [_refused(one, language) for one in refused])


def _refused(one: RowProblem, language: str) -> list[str | int]:
    message = message_of(one.code, one.column)
    column = one.column
    return [
        one.row,
        column if language == "en" else COLUMNS.get(column, column),
        one.value,
        message.in_language(language) if message else one.code,
        one.code,
    ]
