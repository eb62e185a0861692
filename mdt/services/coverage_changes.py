"""Why the figures of a closed period changed, row by row; and the rows behind a frozen figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mdt.models.coverage import CoverageFreeze
from mdt.queries import coverage_freezes as queries
from mdt.queries import freeze_rows
from mdt.queries.register_events import Happened, events_between
from mdt.queries.register_history import Replaced, corrections_between
from mdt.queries.registry import PAGE_SIZE, RegisterLine, shows_names, tumour_lines
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import Definition
from mdt.rules.coverage.changes import (
    CountedRow,
    Judged,
    Reason,
    RowChange,
    find_changes,
    sum_changes,
)
from mdt.rules.errors import NotFound
from mdt.rules.paging import Paged
from mdt.services.audit_log import record_view
from mdt.services.coverage_freezes import asked_of, definition_of


@dataclass(frozen=True)
class ChangesView(Paged):
    """Why figures changed from one revision to another, or to today (``until`` is ``None``).

    ``sums`` has what the rows of each reason add to each figure; ``old`` and they add up to
    ``new``. ``lines`` are the changes of one page, each with the row of the register as it is
    today, where it is still there, and with what was corrected in it and what happened to it
    meanwhile.
    """

    freeze: CoverageFreeze
    until: CoverageFreeze | None
    scope: queries.FreezeScope
    definitions: tuple[Definition, Definition]
    old: Mapping[str, int]
    new: Mapping[str, int]
    sums: Mapping[Reason, Mapping[str, int]]
    lines: Sequence[tuple[RowChange, RegisterLine | None, Sequence[Replaced], Sequence[Happened]]]
    total: int
    page: int


def show_changes(
    viewer: Viewer,
    freeze_id: int,
    until_id: int | None,
    *,
    reason: str,
    page: int,
    now: datetime,
) -> ChangesView:
    """Say row by row why figures changed since a period was closed.

    Until another revision of the same period, or until now by the definition that is in force now.
    Raises `NotFound` where the two are not of one period. Side effects: one audit row.
    """
    freeze = queries.get_freeze(viewer, freeze_id)
    until = None if until_id is None else _other_revision(viewer, freeze, until_id)
    of = queries.scope_of(freeze)
    closed = Judged(definition_of(freeze), local_date(freeze.at), freeze.at)
    if until is None:
        known = queries.definitions_of(of)
        definition = known.in_force(freeze.definition_code, freeze.period_first)
        asked = asked_of(freeze, queries.places_of(viewer, of), definition, now)
        before, after = freeze_rows.differing_rows(freeze.id, asked)
        new = freeze_rows.live_figures(asked)
        later = Judged(definition, local_date(now), now)
    else:
        definition, new = definition_of(until), until.figures
        before, after = freeze_rows.differing_rows(freeze.id, until.id)
        later = Judged(definition, local_date(until.at), until.at)
    changes = find_changes(before, after, closed, later)
    wanted = [one for one in changes if reason in {"", one.reason}]
    page = max(1, page)
    shown = wanted[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    numbers = [one.tumour_id for one in shown]
    lines = {line.tumour.id: line for line in tumour_lines(viewer, numbers, today=local_date(now))}
    rows, ended = [line.tumour for line in lines.values()], until.at if until else None
    happened = events_between(rows, freeze.at, ended)
    corrected = corrections_between(
        rows,
        freeze.at,
        ended,
        named=lambda tumour: shows_names(viewer, tumour.hospital_id),
    )
    record_view(viewer, AuditAction.REPORT_VIEW, freeze, now=now, rows=len(shown))
    return ChangesView(
        freeze,
        until,
        of,
        (definition_of(freeze), definition),
        freeze.figures["total"],
        new["total"],
        sum_changes(changes),
        [
            (
                one,
                lines.get(one.tumour_id),
                corrected.get(one.tumour_id, ()),
                happened.get(one.tumour_id, ()),
            )
            for one in shown
        ],
        len(wanted),
        page,
    )


def _other_revision(viewer: Viewer, freeze: CoverageFreeze, other_id: int) -> CoverageFreeze:
    other = queries.get_freeze(viewer, other_id)
    if other not in queries.revisions_of(viewer, freeze) or other.revision <= freeze.revision:
        raise NotFound
    return other


@dataclass(frozen=True)
class FrozenList(Paged):
    """The rows behind one frozen figure, a page of them, with what the register has of them now."""

    freeze: CoverageFreeze
    scope: queries.FreezeScope
    lines: Sequence[tuple[CountedRow, RegisterLine | None]]
    total: int
    page: int


def list_frozen(
    viewer: Viewer, freeze_id: int, figure: str, hospital: str, *, page: int, now: datetime
) -> FrozenList:
    """The rows behind a frozen figure, of one hospital (its code) or of all, last diagnosed first.

    Raises `NotFound` for a hospital that the freeze does not have. Side effects: one audit row.
    """
    freeze = queries.get_freeze(viewer, freeze_id)
    hospitals = freeze.figures["hospitals"]
    if hospital and hospital not in hospitals:
        raise NotFound
    page = max(1, page)
    shown, total = freeze_rows.list_frozen(
        freeze.id,
        figure,
        hospitals[hospital]["id"] if hospital else None,
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    numbers = [row.tumour_id for row in shown]
    lines = {line.tumour.id: line for line in tumour_lines(viewer, numbers, today=local_date(now))}
    record_view(viewer, AuditAction.REPORT_VIEW, freeze, now=now, cell=figure, row=hospital)
    return FrozenList(
        freeze,
        queries.scope_of(freeze),
        [(row, lines.get(row.tumour_id)) for row in shown],
        total,
        page,
    )
