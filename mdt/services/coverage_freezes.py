"""Closing a period of coverage with its rows and figures, signed by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mdt.models.coverage import CoverageFreeze
from mdt.queries import coverage_freezes as queries
from mdt.queries.coverage import Place
from mdt.queries.coverage_definitions import known_definitions
from mdt.queries.coverage_figures import Asked
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import CoverageRequest, Definition, Line, Period
from mdt.rules.coverage.changes import CountedRow, count_rows
from mdt.rules.coverage.closing import check_closable
from mdt.rules.coverage.definition_fields import fields_as_json, fields_from_json
from mdt.rules.errors import Invalid, NotFound, Refused
from mdt.services.accounts import reauthenticate
from mdt.services.audit_log import record_view
from mdt.services.unit_of_work import unit_of_work

#: Words of a reason to close again.
_LONGEST = 1000


@dataclass(frozen=True)
class FreezeRequest:
    """What is to be closed: scope and definition as an address names them, and the period."""

    scope: str
    period: Period
    definition_code: str


@dataclass(frozen=True)
class Closing:
    """What somebody is about to sign: the figures as of now, and the revision before, if any."""

    scope: queries.FreezeScope
    period: Period
    definition: Definition
    lines: Sequence[Line]
    total: Line
    before: CoverageFreeze | None


def look_before_closing(
    viewer: Viewer, request: FreezeRequest, *, now: datetime, language: str
) -> Closing:
    """The figures of a period as they would be closed now.

    Raises `NotFound` for what the viewer is not quality manager of, `Invalid` for a period that
    cannot be closed. Side effects: one audit row.
    """
    of, definition = _checked(viewer, request, now)
    places = queries.places_of(viewer, of)
    rows = queries.live_rows(Asked(places, request.period, definition, local_date(now)))
    figures = _figures(rows, places)
    lines, total = lines_of(figures, definition, language)
    before = queries.last_freeze(viewer, [of], request.period, definition.code)
    asked = CoverageRequest(request.period, definition_code=definition.name)
    record_view(viewer, AuditAction.REPORT_VIEW, asked, now=now, definition=definition.name)
    return Closing(of, request.period, definition, lines, total, before)


def _checked(
    viewer: Viewer, request: FreezeRequest, now: datetime
) -> tuple[queries.FreezeScope, Definition]:
    of = next((one for one in queries.own_scopes(viewer) if one.key == request.scope), None)
    if of is None:
        raise NotFound
    check_closable(request.period, today=local_date(now))
    definition = known_definitions(viewer).find(request.definition_code, request.period.first)
    if definition is None:
        raise Invalid({"definition": "unknown_code"})
    return of, definition


def close_period(
    viewer: Viewer,
    request: FreezeRequest,
    *,
    password: str,
    after_revision: int,
    reason: str,
    now: datetime,
) -> int:
    """Close a period with its rows and figures after checking the password; gives its number.

    ``after_revision`` is the revision that the person has seen (0 for none): closing again makes
    the next one and needs a ``reason``. Raises `NotFound`, `Invalid` and `Refused` accordingly.
    Side effects: the freeze and its rows, which nobody can change any more.
    """
    of, definition = _checked(viewer, request, now)
    words = reason.strip()
    if after_revision and not words:
        raise Invalid({"reason": "freeze_reason"})
    if len(words) > _LONGEST:
        raise Invalid({"reason": "too_long"})
    action = AuditAction.REPORT_REOPEN if after_revision else AuditAction.REPORT_FREEZE
    reauthenticate(viewer, password, action=action, now=now)
    with unit_of_work(viewer, action, now=now) as work:
        queries.hold_freezes(work.session)
        before = queries.last_freeze(viewer, [of], request.period, definition.code)
        if after_revision != (before.revision if before else 0):
            raise Refused("freeze_changed")
        places = queries.places_of(viewer, of)
        rows = queries.live_rows(Asked(places, request.period, definition, local_date(now)))
        freeze = CoverageFreeze(
            hospital_id=of.hospital_id,
            region_code=of.region_code,
            period_first=request.period.first,
            period_last=request.period.last,
            definition_code=definition.code,
            definition_name=definition.name,
            definition=fields_as_json(definition),
            figures=_figures(rows, places),
            revision=after_revision + 1,
            supersedes_id=before.id if before else None,
            reason=words if before else "",
            by_user_id=viewer.user_id,
            by_name=viewer.name,
            at=now,
        )
        work.session.add(freeze)
        work.about(freeze, definition=definition.name, rows=len(rows), revision=freeze.revision)
        queries.store_rows(work.session, freeze.id, rows)
        return freeze.id


def _figures(rows: Sequence[CountedRow], places: Mapping[int, Place]) -> dict[str, Any]:
    of_hospital: dict[int, list[CountedRow]] = {}
    for row in rows:
        of_hospital.setdefault(row.hospital_id, []).append(row)
    return {
        "total": count_rows(rows),
        "hospitals": {
            places[number].code: {
                "id": number,
                "name_zh": places[number].name_zh,
                "name_en": places[number].name_en,
                "counts": count_rows(some),
            }
            for number, some in sorted(of_hospital.items(), key=lambda one: places[one[0]].code)
        },
    }


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
    places = queries.places_of(viewer, of)
    rows = queries.live_rows(asked_of(freeze, places, definition, now))
    frozen, frozen_total = lines_of(freeze.figures, definition, language)
    live, live_total = lines_of(_figures(rows, places), definition, language)
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
    """The last closing of what a report shows, for its page; ``differs`` from the figures there."""

    freeze: CoverageFreeze
    total: Line
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
    return FrozenBeside(freeze, total, not same_counts(total, live))
