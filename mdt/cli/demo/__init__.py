"""``flask --app wsgi demo``: an invented province to look at and to try things in.

Everything goes through the services, in the order in which it would have happened.
"""

import click
from flask import current_app
from flask.cli import AppGroup

from mdt.cli.demo.load import load_demo
from mdt.cli.demo.people import NAMED_ACCOUNTS
from mdt.config import ConfigError
from mdt.queries.system import demo_loaded, has_accounts
from mdt.rules.calendar import utc_now

demo_cli = AppGroup("demo", help="Invented hospitals, people, cases and a register.")


@demo_cli.command("load")
def load() -> None:
    """Load the demo data, once."""
    settings = current_app.config["MDT"]
    if not settings.demo:
        raise ConfigError("demo data belongs to MDT_ENV=demo alone")
    if demo_loaded():
        click.echo("The demo data is there already.")
        return
    if has_accounts():
        click.echo("An earlier load was not finished. Run `make reset-demo`, then load again.")
        raise SystemExit(1)
    load_demo(settings.demo_password, now=utc_now(), say=click.echo)


@demo_cli.command("accounts")
def accounts() -> None:
    """Print the accounts and their password."""
    settings = current_app.config["MDT"]
    width = max(len(username) for username, _ in NAMED_ACCOUNTS)
    for username, role in NAMED_ACCOUNTS:
        click.echo(f"  {username:<{width}}  {role}")
    click.echo(f"  password of all: {settings.demo_password}")
