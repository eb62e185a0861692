"""``storage``: are the files of all cases there and whole, and is nothing else."""

import sys

import click
from flask.cli import AppGroup

from mdt.adapters.storage import StorageUnavailable
from mdt.rules.calendar import utc_now
from mdt.services.stored_blobs import TooMuchToSweep, check_blobs, sweep_blobs

storage_cli = AppGroup("storage", help="The sealed files: check them, sweep what is left over.")


@storage_cli.command("check")
def check() -> None:
    """Read every file that a row names and compare its hash; ends with 1 where one is not sound."""
    try:
        checked = check_blobs()
    except StorageUnavailable as error:
        raise click.ClickException(str(error)) from error
    for finding in checked.findings:
        blob = finding.blob
        click.echo(f"{finding.code}: {blob.place} of row {blob.row_id} ({blob.key})", err=True)
    click.echo(f"{checked.blobs} blobs read, {len(checked.findings)} missing or damaged")
    if checked.findings:
        sys.exit(1)


@storage_cli.command("sweep")
@click.option("--however-many", is_flag=True, help="Also where it is most of the storage.")
def sweep(however_many: bool) -> None:
    """Delete files that no row has named for a day. The worker does it every night."""
    try:
        swept = sweep_blobs(now=utc_now(), however_many=however_many)
    except TooMuchToSweep as refused:
        raise click.ClickException(
            "{unnamed} of {blobs} blobs have no row: do database and storage belong together? "
            "If they do, say --however-many.".format(**refused.details)
        ) from refused
    except StorageUnavailable as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{swept.blobs} blobs, {swept.unnamed} without a row deleted, "
        f"{swept.unfinished} unfinished ones cleared"
    )
