"""Stage groups from the command line: a file of categories in, the same rows with groups out."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from mdt.rules.staging import Derived, UnknownTable, derive

INPUT_COLUMNS = ("key", "t", "n", "m", "factors_json")
OUTPUT_COLUMNS = ("stage", "possible", "iii_plus")
UNREADABLE = 2

staging_cli = AppGroup("staging", help="Derive stage groups.")


class UnreadableFile(click.ClickException):
    """The file, or a row of it, cannot be worked with; nothing has been written."""

    exit_code = UNREADABLE


@staging_cli.command("derive")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def derive_file(file: Path) -> None:
    """Write the rows of FILE with stage, possible and iii_plus added.

    FILE is a CSV file (UTF-8 or GB18030) with the columns key, t, n, m and factors_json; others are
    kept. Several possible groups are separated by semicolons.
    """
    reader = csv.DictReader(io.StringIO(_text(file), newline=""), strict=True)
    columns = _columns(reader)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(reader))
    click.echo(out.getvalue(), nl=False)


def _text(file: Path) -> str:
    content = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("The file is neither UTF-8 nor GB18030 text.")


def _columns(reader: "csv.DictReader[str]") -> list[str]:
    try:
        found = list(reader.fieldnames or ())
    except csv.Error as error:
        raise UnreadableFile(f"Line 1: {error}.") from error
    missing = [column for column in INPUT_COLUMNS if column not in found]
    if missing:
        raise UnreadableFile(f"The header lacks: {', '.join(missing)}.")
    return [*found, *(column for column in OUTPUT_COLUMNS if column not in found)]


def _rows(reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    try:
        for row in reader:
            if None in row:
                raise UnreadableFile(f"Line {reader.line_num}: more values than columns.")
            filled = {column: value or "" for column, value in row.items()}
            yield filled | _answer(_derived(filled, reader.line_num))
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num}: {error}.") from error


def _derived(row: dict[str, str], line: int) -> Derived:
    factors = _factors(row["factors_json"], line)
    try:
        return derive(row["key"].strip(), row["t"], row["n"], row["m"], factors)
    except UnknownTable as error:
        raise UnreadableFile(f"Line {line}: unknown staging table {row['key']!r}.") from error


def _factors(text: str, line: int) -> dict[str, str]:
    try:
        factors = json.loads(text or "{}")
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFile(f"Line {line}: factors_json is not JSON.") from error
    if not isinstance(factors, dict):
        raise UnreadableFile(f"Line {line}: factors_json is not a JSON object.")
    return {name: _value(value) for name, value in factors.items()}


def _value(value: object) -> str:
    """A factor's value as the tables write it: true and false are yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _answer(derived: Derived) -> dict[str, str]:
    values = (derived.stage, ";".join(derived.possible), derived.iii_plus.value)
    return dict(zip(OUTPUT_COLUMNS, values, strict=True))
