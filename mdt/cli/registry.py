"""Register files from the command line."""

from collections import Counter
from pathlib import Path

import click
from flask.cli import AppGroup

from mdt.adapters.virus_scan import ScannerUnavailable
from mdt.queries.register_problems import RowProblem
from mdt.rules.calendar import utc_now
from mdt.rules.errors import NotFound
from mdt.rules.registry import message_of
from mdt.services.recounting import recount
from mdt.services.registry import ImportReport, RegisterFileRefused, import_register

registry_cli = AppGroup("registry", help="Read register files.")

_SHOWN_WARNINGS = 20


class UnreadableRegister(click.ClickException):
    """The file as a whole cannot be read; nothing of it was taken."""

    exit_code = 2


@registry_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--hospital", "hospital_code", required=True, help="Code of the hospital.")
def import_file(file: Path, hospital_code: str) -> None:
    """Read the register FILE (CSV or XLSX) of one hospital.

    Ends with 0 when the file was read, whether rows were refused or not, after the rows have been
    written. Rows of other hospitals are refused.
    """
    try:
        report = import_register(
            None, file.read_bytes(), hospital_code=hospital_code, now=utc_now()
        )
    except NotFound as error:
        raise click.ClickException(f"No hospital has the code {hospital_code!r}.") from error
    except RegisterFileRefused as error:
        details = "".join(f" {name}: {value}." for name, value in error.details.items())
        raise UnreadableRegister(f"The file cannot be read ({error.code}).{details}") from error
    except ScannerUnavailable as error:
        raise click.ClickException(f"The virus scanner does not answer ({error}).") from error
    _print(report)


@registry_cli.command("recount")
def recount_all() -> None:
    """Note anew when boards discussed each tumour; says how many rows were not up to date."""
    click.echo(f"{recount(now=utc_now())} rows brought up to date.")


def _print(report: ImportReport) -> None:
    click.echo(
        f"{report.total} rows: {report.accepted} accepted, {report.unchanged} unchanged, "
        f"{report.refused_rows} refused; {report.matched} matched with a case, "
        f"{report.possible_duplicates} possible duplicates."
    )
    for problem in report.refused:
        _print_problem("refused", problem)
    for problem in report.warnings[:_SHOWN_WARNINGS]:
        _print_problem("warning", problem)
    if len(report.warnings) > _SHOWN_WARNINGS:
        counts = Counter(problem.code for problem in report.warnings)
        listed = ", ".join(f"{code} {count}" for code, count in counts.most_common())
        click.echo(f"{len(report.warnings)} warnings in all: {listed}.")


def _print_problem(kind: str, problem: RowProblem) -> None:
    message = message_of(problem.code, problem.column)
    words = message.en if message else problem.code
    cell = f"{problem.column} {problem.value!r}" if problem.value else problem.column
    click.echo(f"row {problem.row}, {cell}: {kind}: {words}")
