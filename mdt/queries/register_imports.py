"""Register files on their way: one with all that its page shows, and those under way."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from mdt.extensions import db
from mdt.models.people import User
from mdt.models.register_imports import RegisterFindings
from mdt.models.tumours import RegisterImport
from mdt.queries import registry, scope
from mdt.queries.register_columns import FileColumns, open_columns
from mdt.queries.register_problems import (
    Findings,
    Problems,
    RowProblem,
    open_findings,
    visible_problems,
)
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.registry.importing import (
    ASKS,
    AT_WORK,
    MOST_WARNED,
    UNREAD,
    ImportState,
    Waiting,
    may_move,
    waiting_for_worker,
)

#: As many problems of a dry run stand on its page; the file of refused rows has them all.
_SHOWN = 500


@dataclass(frozen=True)
class ImportView:
    """A register file as its viewer may see it.

    ``mine``: only who sent it may go on with it. ``columns`` are empty for anybody else.
    ``values`` says whether it shows what stands in the cells, ``mixed`` that nobody is shown it, as
    the file has rows of several hospitals. ``waiting`` where it stands still for want of a worker;
    ``interrupted`` where a machine's own import never ended. ``twin`` is an earlier import of the
    very same file.
    """

    record: RegisterImport
    by: str
    mine: bool
    columns: FileColumns
    found: Problems
    values: bool
    mixed: bool
    waiting: Waiting | None
    interrupted: bool
    twin: RegisterImport | None

    @property
    def most_warned(self) -> int:
        """Of so many rows it is kept what looks wrong."""
        return MOST_WARNED

    @property
    def state(self) -> ImportState:
        """Where it stands."""
        return ImportState(self.record.state)

    @property
    def at_work(self) -> bool:
        """A worker has it, or should have."""
        return self.state in AT_WORK

    @property
    def may_cancel(self) -> bool:
        """It can still be thrown away."""
        return self.mine and may_move(self.record.state, ImportState.CANCELLED)


def show_import(viewer: Viewer, import_id: int, *, now: datetime, lists: bool = True) -> ImportView:
    """An import that the viewer may see, with what was wrong in it; else `NotFound`.

    Without ``lists`` only where it stands: for who asks every second.
    """
    record = registry.get_import(viewer, import_id)
    mine = record.by_user_id == viewer.user_id
    sender = db.session.get(User, record.by_user_id) if record.by_user_id else None
    waiting = waiting_for_worker(record.state, record.queued_at, record.beat_at, now=now)
    return ImportView(
        record=record,
        by=sender.name if sender else "",
        mine=mine,
        columns=open_columns(record) if mine else FileColumns((), (), ()),
        found=_found(viewer, record) if lists else Problems(),
        values=_sees_values(viewer, record),
        mixed=record.hospital_id is None and whose_is_known(record),
        waiting=waiting,
        interrupted=waiting is not None and record.file_size is None,
        twin=_twin(viewer, record),
    )


def _found(viewer: Viewer, record: RegisterImport) -> Problems:
    if record.state != ImportState.CHECKED:
        return visible_problems(viewer, record)
    refused: list[RowProblem] = []
    warnings: list[RowProblem] = []
    for findings in open_findings(record):
        refused += (one for row in findings.refused for one in row.problems)
        warnings += findings.warnings
        # A page of either is enough to read: what is further down is not opened for the other.
        if len(refused) > _SHOWN or len(warnings) > _SHOWN:
            break
    return Problems(tuple(refused), tuple(warnings)).visible_to(viewer, record.hospital_id)


def _twin(viewer: Viewer, record: RegisterImport) -> RegisterImport | None:
    """The last import of the same bytes that was read in."""
    if record.file_index is None or record.state not in {*ASKS, ImportState.CHECKING}:
        return None
    found: RegisterImport | None = db.session.scalar(
        scope.register_imports(viewer)
        .where(
            RegisterImport.file_index == record.file_index,
            RegisterImport.id < record.id,
            RegisterImport.state == ImportState.DONE.value,
        )
        .order_by(RegisterImport.id.desc())
        .limit(1)
    )
    return found


def list_under_way(viewer: Viewer) -> list[RegisterImport]:
    """Files that the viewer sent and that are not over yet, the last first."""
    states = [one.value for one in AT_WORK | ASKS | UNREAD]
    statement = (
        scope.register_imports(viewer)
        .where(
            RegisterImport.by_user_id == viewer.user_id,
            RegisterImport.state.in_(states),
            RegisterImport.file_size.is_not(None),
        )
        .order_by(RegisterImport.id.desc())
        .limit(5)
    )
    return list(db.session.scalars(statement))


def refused_findings(record: RegisterImport) -> list[Findings]:
    """What the batches that refused rows have found, in the order of the file."""
    return [found for found in open_findings(record) if found.refused]


def has_refused_rows(import_id: int) -> bool:
    """Whether whole refused rows of an import are still there (of older ones they are not)."""
    statement = select(RegisterFindings.number).where(
        RegisterFindings.import_id == import_id, RegisterFindings.refused > 0
    )
    return db.session.scalar(statement.limit(1)) is not None


def whose_is_known(record: RegisterImport) -> bool:
    """Whether every row was read once, so that the import's hospital is that of all its rows."""
    return record.state not in {ImportState.COLUMNS, ImportState.CHECKING, *UNREAD}


def sees_whole_rows(viewer: Viewer, record: RegisterImport) -> bool:
    """Whether refused rows of an import are for the viewer as they stood in the file."""
    return (
        _sees_values(viewer, record)
        and whose_is_known(record)
        and may(viewer, Permission.PATIENT_UNMASK)
    )


def _sees_values(viewer: Viewer, record: RegisterImport) -> bool:
    hospital = record.hospital_id
    return hospital is not None and scope.sees_register_names(viewer, hospital)


def overlapped(import_id: int) -> bool:
    """Whether another import was written at the same time as this one, which has not ended."""
    own = select(RegisterImport.queued_at).where(RegisterImport.id == import_id).scalar_subquery()
    states = (ImportState.IMPORTING.value, ImportState.DONE.value, ImportState.FAILED.value)
    statement = select(RegisterImport.id).where(
        RegisterImport.id != import_id,
        RegisterImport.state.in_(states),
        or_(RegisterImport.ended_at.is_(None), RegisterImport.ended_at >= own),
    )
    found = scope.unscoped(statement.limit(1), because="whether there is one, and no more")
    return db.session.scalar(found) is not None
