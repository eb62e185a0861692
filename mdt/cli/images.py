"""``images``: the archive of images, as somebody at the server's shell tends it."""

import click
from flask.cli import AppGroup

from mdt.rules.calendar import utc_now
from mdt.services.identity_marks import mark_unjudged
from mdt.services.served_images import prepare_images

images_cli = AppGroup("images", help="The archive of images.")


@images_cli.command("prepare")
def prepare() -> None:
    """Make the served form of images that have none, or one that does not hold any more.

    May be broken off and started again; the worker does the same, a few at a time.
    """
    mark_unjudged(now=utc_now())
    prepared = prepare_images(now=utc_now())
    later = f", {prepared.put_off} to be tried again" if prepared.put_off else ""
    click.echo(f"{prepared.served} prepared, {prepared.refused} cannot be decoded{later}")
