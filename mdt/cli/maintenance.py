"""``audit``, ``backup`` and ``restore``: what a person at the server's shell looks after."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from mdt.adapters.backups import BackupError
from mdt.rules.calendar import utc_now
from mdt.services import audit_log, backups

audit_cli = AppGroup("audit", help="The audit trail: chain it and check it.")


@audit_cli.command("verify")
def verify() -> None:
    """Check every closed batch; ends with 1 where a row was changed, removed or slipped in."""
    verdict = audit_log.verify_trail(None, now=utc_now())
    if verdict.sound:
        click.echo(f"sound: {verdict.rows} rows in {verdict.batches} batches")
        return
    first, last = verdict.broken_rows or (0, 0)
    click.echo(f"BROKEN: batch {verdict.broken_batch}, rows {first} to {last}", err=True)
    sys.exit(1)


@audit_cli.command("close-batch")
def close_batch() -> None:
    """Chain the rows written since the last batch, and print the hash to keep elsewhere."""
    closed = None
    while batch := audit_log.close_batch(now=utc_now()):
        closed = batch
        click.echo(f"batch {batch.id}: rows {batch.first_row_id} to {batch.last_row_id}")
        click.echo(f"hash {batch.hash}")
    if closed is None:
        click.echo("nothing to close")


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Copy database and storage into FOLDER, which must be empty. Secrets are not copied."""
    try:
        manifest = backups.make_backup(folder, now=utc_now())
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(manifest.files)} files in {folder}")
    click.echo("Keep MDT_FIELD_KEY elsewhere: without it names and files cannot be read.")


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_appcontext
def restore(folder: Path) -> None:
    """Put the backup in FOLDER into an empty database and an empty storage."""
    try:
        manifest = backups.restore_backup(folder, now=utc_now())
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored the backup of {manifest.made_at}; now run: flask --app wsgi db upgrade")
