"""``accounts`` and ``regions``: what a fresh installation needs before anybody can sign in."""

from pathlib import Path

import click
from flask.cli import AppGroup

from mdt.rules.access import ADMINISTRATORS, Role
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Invalid
from mdt.services import regions
from mdt.services.people_admin import create_administrator

accounts_cli = AppGroup("accounts", help="The first accounts of an installation.")
regions_cli = AppGroup("regions", help="Provinces, cities and counties.")


@accounts_cli.command("create-admin")
@click.argument("username")
@click.option(
    "--role",
    required=True,
    type=click.Choice(sorted(role.value for role in ADMINISTRATORS)),
    help="The three exclude one another: make an account for each.",
)
@click.option("--name", help="Name of the person; by default the account's.")
def create_admin(username: str, role: str, name: str | None) -> None:
    """Make an administrator and print the one-time password, alone on its line."""
    try:
        password = create_administrator(username, name or username, Role(role), now=utc_now())
    except Invalid as error:
        raise click.ClickException(_told(error)) from error
    click.echo("One-time password, to be changed at the first sign-in:", err=True)
    click.echo(password)


@regions_cli.command("import")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def import_regions(file: Path | None) -> None:
    """Add or rename the regions of FILE; without FILE those of Jiangxi and Jilin, which ship.

    FILE is CSV or XLSX with the columns code, name_zh, name_en, level (province, city, county)
    and parent. All rows are taken or none.
    """
    try:
        rows = regions.read_regions(file.read_bytes()) if file else regions.shipped_regions()
        count = regions.import_regions(None, rows, now=utc_now())
    except Invalid as error:
        raise click.ClickException(_told(error)) from error
    click.echo(f"{count} regions")


def _told(error: Invalid) -> str:
    fields = ", ".join(f"{name}: {code}" for name, code in error.fields.items())
    where = ", ".join(f"{name} {value}" for name, value in error.details.items())
    return f"{fields} ({where})" if where else fields
