"""Tokens of machines from the command line."""

import click
from flask.cli import AppGroup

from mdt.queries.people import find_user
from mdt.rules.access import TOKEN_SCOPES
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token

tokens_cli = AppGroup("tokens", help="Tokens for machines.")

_DEFAULT_DAYS = 90
_MOST_DAYS = 366


@tokens_cli.command("create")
@click.option("--user", "username", required=True, help="Account that the token acts for.")
@click.option(
    "--scope", "scopes", required=True, multiple=True, type=click.Choice(sorted(TOKEN_SCOPES))
)
@click.option(
    "--days", default=_DEFAULT_DAYS, show_default=True, type=click.IntRange(1, _MOST_DAYS)
)
def create(username: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token and print it, alone. It is shown this once."""
    user = find_user(username)
    if user is None or not user.active:
        raise click.ClickException(f"No active account is called {username!r}.")
    click.echo(create_token(user, scopes, days=days, now=utc_now()))
