"""Closing a period of coverage with its rows and figures, signed by name."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdt.models.coverage import CoverageFreeze
from mdt.queries import coverage_freezes as queries
from mdt.queries import freeze_rows
from mdt.queries.coverage import Place
from mdt.queries.coverage_figures import Asked
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import CoverageRequest, Definition, Line, Period
from mdt.rules.coverage.changes import CountedRow
from mdt.rules.coverage.closing import check_closable
from mdt.rules.coverage.definition_fields import fields_as_json, fields_from_json
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.services.accounts import reauthenticate
from mdt.services.audit_log import record_view
from mdt.services.unit_of_work import begin_reading, unit_of_work

#: Words of a reason to close again.
_LONGEST = 1000
#: Rows that one transaction writes: well below 200 ms, as rooms and wards write in between.
_ROWS_AT_ONCE = 4000


@dataclass(frozen=True)
class FreezeRequest:
    """What is to be closed: scope and definition as an address names them, and the period."""

    scope: str
    period: Period
    definition_code: str


@dataclass(frozen=True)
class Closing:
    """What somebody is about to sign: the figures as of now, and the revision before, if any.

    ``figures`` are as a freeze keeps them, ``lines`` and ``total`` the same as a page shows them.
    """

    scope: queries.FreezeScope
    period: Period
    definition: Definition
    figures: Mapping[str, Any]
    lines: Sequence[Line]
    total: Line
    before: CoverageFreeze | None

    @property
    def shown(self) -> dict[str, Any]:
        """All that is signed, as plain JSON: what is closed, by what, and the figures."""
        return _shown(self.scope, self.period, self.definition, self.figures)


def _shown(
    of: queries.FreezeScope, period: Period, definition: Definition, figures: Mapping[str, Any]
) -> dict[str, Any]:
    what = [of.key, period.first.isoformat(), period.last.isoformat(), definition.name]
    return {"what": what, "figures": figures}


def fingerprint(shown: Mapping[str, Any]) -> str:
    """What tells whether the figures to be closed are still as somebody saw them."""
    said = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def look_before_closing(
    viewer: Viewer,
    request: FreezeRequest,
    *,
    now: datetime,
    language: str,
    shown: Mapping[str, Any] | None = None,
) -> Closing:
    """The figures of a period as they would be closed now.

    What was ``shown`` for the same a moment ago is shown once more, and nothing is counted. Raises
    `NotFound` for what the viewer is not quality manager of, `Invalid` for a period that cannot be
    closed. Side effects: one audit row where figures are counted.
    """
    of, definition = check_closing(viewer, request, now=now)
    if shown and shown == _shown(of, request.period, definition, shown["figures"]):
        figures = shown["figures"]
    else:
        figures = freeze_rows.live_figures(_asked(viewer, of, request, definition, now))
        asked = CoverageRequest(request.period, definition_code=definition.name)
        record_view(viewer, AuditAction.REPORT_VIEW, asked, now=now, definition=definition.name)
    lines, total = lines_of(figures, definition, language)
    before = queries.last_freeze(viewer, [of], request.period, definition.code)
    return Closing(of, request.period, definition, figures, lines, total, before)


def check_closing(
    viewer: Viewer, request: FreezeRequest, *, now: datetime
) -> tuple[queries.FreezeScope, Definition]:
    """The scope that is closed and the definition, which is the scope's own and not the viewer's.

    Raises as `look_before_closing` does.
    """
    of = next((one for one in queries.own_scopes(viewer) if one.key == request.scope), None)
    if of is None:
        raise NotFound
    check_closable(request.period, today=local_date(now))
    definition = queries.definitions_of(of).find(request.definition_code, request.period.first)
    if definition is None:
        raise Invalid({"definition": "unknown_code"})
    return of, definition


def _asked(
    viewer: Viewer,
    of: queries.FreezeScope,
    request: FreezeRequest,
    definition: Definition,
    now: datetime,
) -> Asked:
    return Asked(queries.places_of(viewer, of), request.period, definition, local_date(now))


def close_period(
    viewer: Viewer,
    request: FreezeRequest,
    *,
    password: str,
    seen: str,
    after_revision: int,
    reason: str,
    now: datetime,
) -> int:
    """Close a period with its rows and figures after checking the password; gives its number.

    ``seen`` is the `fingerprint` of what the person had before the eyes: raises `Refused` where the
    figures are others by now. ``after_revision`` is the revision that the person has seen (0 for
    none): closing again makes the next one and needs a ``reason``. Raises `NotFound`, `Invalid` and
    `Refused` accordingly. Side effects: the rows, a few thousand in a transaction so that nobody
    waits for long, then the freeze; nobody can change them any more. Rows of a closing that is cut
    or refused in between stay without a freeze, and are never seen.
    """
    of, definition = check_closing(viewer, request, now=now)
    words = reason.strip()
    if after_revision and not words:
        raise Invalid({"reason": "freeze_reason"})
    if len(words) > _LONGEST:
        raise Invalid({"reason": "too_long"})
    action = AuditAction.REPORT_REOPEN if after_revision else AuditAction.REPORT_FREEZE
    reauthenticate(viewer, password, action=action, now=now)
    begin_reading()
    _revision_before(viewer, of, request, definition, after_revision)
    asked = _asked(viewer, of, request, definition, now)
    _check_figures(of, asked, seen)
    rows = freeze_rows.live_rows(asked)
    number = _store(viewer, action, rows, now)
    with unit_of_work(viewer, action, now=now) as work:
        queries.hold_freezes(work.session)
        before = _revision_before(viewer, of, request, definition, after_revision)
        figures = _check_figures(of, asked, seen)
        freeze = CoverageFreeze(
            id=number or queries.reserve_number(work.session),
            hospital_id=of.hospital_id,
            region_code=of.region_code,
            period_first=request.period.first,
            period_last=request.period.last,
            definition_code=definition.code,
            definition_name=definition.name,
            definition=fields_as_json(definition),
            figures=figures,
            revision=after_revision + 1,
            supersedes_id=before.id if before else None,
            reason=words if before else "",
            by_user_id=viewer.user_id,
            by_name=viewer.name,
            at=now,
        )
        work.session.add(freeze)
        work.about(freeze, definition=definition.name, rows=len(rows), revision=freeze.revision)
        return freeze.id


def _revision_before(
    viewer: Viewer,
    of: queries.FreezeScope,
    request: FreezeRequest,
    definition: Definition,
    after_revision: int,
) -> CoverageFreeze | None:
    before = queries.last_freeze(viewer, [of], request.period, definition.code)
    if after_revision != (before.revision if before else 0):
        raise Refused("freeze_changed")
    return before


def _check_figures(of: queries.FreezeScope, asked: Asked, seen: str) -> dict[str, Any]:
    figures = freeze_rows.live_figures(asked)
    if fingerprint(_shown(of, asked.period, asked.definition, figures)) != seen:
        raise Refused("freeze_figures")
    return figures


def _store(
    viewer: Viewer, action: AuditAction, rows: Sequence[CountedRow], now: datetime
) -> int | None:
    """Write the rows under a number of their own; ``None`` where there are none."""
    number = None
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        with unit_of_work(viewer, action, now=now) as work:
            work.silent = True
            number = number or queries.reserve_number(work.session)
            some = rows[first : first + _ROWS_AT_ONCE]
            freeze_rows.store_rows(work.session, number, some)
    return number


def lines_of(
    figures: Mapping[str, Any], definition: Definition, language: str
) -> tuple[list[Line], Line]:
    """Figures of a freeze as lines by hospital, and the total."""
    lines = [
        Line(
            code,
            (one["name_en"] if language == "en" else "") or one["name_zh"],
            definition.target,
            one["counts"],
        )
        for code, one in figures["hospitals"].items()
    ]
    return lines, Line("", "", definition.target, figures["total"])


def definition_of(freeze: CoverageFreeze) -> Definition:
    """The definition by which a period was closed, out of the freeze itself."""
    fields: dict[str, Any] = fields_from_json(freeze.definition)
    code, _, version = freeze.definition_name.partition("@")
    return Definition(code=code, version=version, **fields)


def period_of(freeze: CoverageFreeze) -> Period:
    """The period of a freeze."""
    return Period(freeze.period_first, freeze.period_last)


@dataclass(frozen=True)
class FreezeView:
    """A closed period beside the same figures as of today, by the same definition."""

    freeze: CoverageFreeze
    scope: queries.FreezeScope
    definition: Definition
    lines: Sequence[tuple[Line, Line]]
    total: tuple[Line, Line]
    revisions: Sequence[CoverageFreeze]

    @property
    def differs(self) -> bool:
        """Whether any figure is another one today."""
        return any(not same_counts(one, other) for one, other in (*self.lines, self.total))


def same_counts(one: Line, other: Line) -> bool:
    """Whether two lines have the same figures."""
    return {k: v for k, v in one.counts.items() if v} == {
        k: v for k, v in other.counts.items() if v
    }


def show_freeze(viewer: Viewer, freeze_id: int, *, now: datetime, language: str) -> FreezeView:
    """A closed period that the viewer may see, beside today. Side effects: one audit row."""
    freeze = queries.get_freeze(viewer, freeze_id)
    of, definition = queries.scope_of(freeze), definition_of(freeze)
    asked = asked_of(freeze, queries.places_of(viewer, of), definition, now)
    frozen, frozen_total = lines_of(freeze.figures, definition, language)
    live, live_total = lines_of(freeze_rows.live_figures(asked), definition, language)
    record_view(viewer, AuditAction.REPORT_VIEW, freeze, now=now, revision=freeze.revision)
    return FreezeView(
        freeze,
        of,
        definition,
        list(_side_by_side(frozen, live)),
        (frozen_total, live_total),
        queries.revisions_of(viewer, freeze),
    )


def asked_of(
    freeze: CoverageFreeze, places: Mapping[int, Place], definition: Definition, now: datetime
) -> Asked:
    """The rows of a freeze's period as of today, by a definition."""
    return Asked(places, period_of(freeze), definition, local_date(now))


def _side_by_side(frozen: Sequence[Line], live: Sequence[Line]) -> list[tuple[Line, Line]]:
    old, new = ({line.code: line for line in lines} for lines in (frozen, live))
    pairs = []
    for code in sorted({*old, *new}):
        known = old.get(code) or new[code]
        nothing = Line(code, known.name, known.target, {})
        pairs.append((old.get(code, nothing), new.get(code, nothing)))
    return pairs


@dataclass(frozen=True)
class FrozenBeside:
    """The last closing of what a report shows, for its page.

    ``comparable``: by the version that the report is made by. Then ``differs`` says whether the
    figures there are others.
    """

    freeze: CoverageFreeze
    total: Line
    comparable: bool
    differs: bool


def frozen_beside(
    viewer: Viewer, request: CoverageRequest, live: Line, *, language: str
) -> FrozenBeside | None:
    """How the period of a report was closed for what the viewer answers for, if it was.

    Only where that is one hospital or one region: else the report shows more than was closed.
    """
    own = queries.own_scopes(viewer)
    if len(own) != 1:
        return None
    freeze = queries.last_freeze(viewer, own, request.period, request.definition.code)
    if freeze is None:
        return None
    _, total = lines_of(freeze.figures, definition_of(freeze), language)
    comparable = freeze.definition_name == request.definition.name
    return FrozenBeside(freeze, total, comparable, comparable and not same_counts(total, live))
