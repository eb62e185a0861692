"""The way of a register file: uploaded, looked at, columns confirmed, tried, read in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from mdt.rules.errors import IllegalTransition


class ImportState(StrEnum):
    """Where a register file stands.

    ``quarantine``: it waits for the virus scanner. ``columns``: a person is to confirm what its
    columns mean. ``checking``: the dry run is asked for or under way. ``checked``: a person is to
    begin the import. ``importing``: asked for or under way.
    """

    QUARANTINE = "quarantine"
    COLUMNS = "columns"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


_NEXT: Mapping[ImportState, frozenset[ImportState]] = MappingProxyType(
    {
        ImportState.QUARANTINE: frozenset(
            {ImportState.COLUMNS, ImportState.FAILED, ImportState.CANCELLED}
        ),
        ImportState.COLUMNS: frozenset({ImportState.CHECKING, ImportState.CANCELLED}),
        ImportState.CHECKING: frozenset(
            {ImportState.CHECKED, ImportState.FAILED, ImportState.CANCELLED}
        ),
        ImportState.CHECKED: frozenset(
            {ImportState.CHECKING, ImportState.IMPORTING, ImportState.CANCELLED}
        ),
        ImportState.IMPORTING: frozenset({ImportState.DONE, ImportState.FAILED}),
        ImportState.FAILED: frozenset(),
        ImportState.CANCELLED: frozenset(),
        ImportState.DONE: frozenset(),
    }
)
#: A worker has it, or should have.
AT_WORK = frozenset({ImportState.CHECKING, ImportState.IMPORTING})
#: A person is asked for something.
ASKS = frozenset({ImportState.COLUMNS, ImportState.CHECKED})
#: Nobody has read it yet.
UNREAD = frozenset({ImportState.QUARANTINE})
#: Nothing more will come of it.
ENDED = frozenset({ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED})

#: Unheard of for so long, a worker is taken for dead, and another goes on.
LEASE = timedelta(seconds=10)
#: So many times without a row more, an import is given up: something in it ends the worker.
MOST_TRIES = 4
#: A file that nobody decided on is thrown away after so long.
KEPT = timedelta(days=7)
#: One that waits for the virus scanner is kept for longer, as its sender can do nothing about it.
KEPT_UNREAD = timedelta(days=30)
#: Refused rows are kept as they stood in the file for so long after an import, to be mended.
REFUSED_KEPT = timedelta(days=30)
#: Of so many rows of a file it is kept what looks wrong.
MOST_WARNED = 5_000
#: A worker answers at once; after so long without one the page says so.
_PATIENCE = timedelta(seconds=5)
_MISSING = timedelta(seconds=60)


def may_move(state: str, to: ImportState) -> bool:
    """Whether a file in this state may come into the other."""
    return to in _NEXT[ImportState(state)]


def check_move(state: str, to: ImportState) -> None:
    """Raise `IllegalTransition` unless the file may come into the state."""
    if not may_move(state, to):
        raise IllegalTransition("import_state", state=state, to=to.value)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nobody works on a file since then; ``missing``: for so long that no worker seems to run."""

    since: datetime
    missing: bool


def waiting_for_worker(
    state: str, queued_at: datetime | None, beat_at: datetime | None, *, now: datetime
) -> Waiting | None:
    """Whether a file waits for a worker, and since when."""
    if state not in AT_WORK or queued_at is None:
        return None
    if beat_at is not None and now - beat_at <= LEASE:
        return None
    since = max(queued_at, beat_at) if beat_at else queued_at
    waited = now - since
    return Waiting(since, waited > _MISSING) if waited > _PATIENCE else None
