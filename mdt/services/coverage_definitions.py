"""A province's own versions of the definitions of coverage: drawn up, looked at, published."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime

from mdt.models.coverage import CoverageDefinition
from mdt.queries import coverage_definitions as queries
from mdt.queries.coverage import Place, visible_places
from mdt.queries.coverage_figures import Asked, count_figures
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.coverage import (
    By,
    Definition,
    Period,
    Report,
    quick_periods,
    summarise,
)
from mdt.rules.coverage.definition_fields import DefinitionFields, check_fields, fields_as_json
from mdt.rules.errors import Forbidden, Invalid, Refused
from mdt.services.audit_log import record_view
from mdt.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Effect:
    """The last full quarter of a province by the version in force and by a draft, by hospital."""

    period: Period
    before: Report
    after: Report


def check_province(viewer: Viewer) -> None:
    """Raise `Forbidden` for who is quality manager of no province."""
    if not queries.managed_provinces(viewer):
        raise Forbidden("definition_province_only")


def draft_definition(viewer: Viewer, based_on: str, *, now: datetime, province: str = "") -> int:
    """Draw up a new version from one that there is (``strict@1``); gives the draft's number.

    It is valid from the next quarter on until somebody says otherwise. ``province`` may be left
    empty by who manages one alone. Side effects: the draft.
    """
    with unit_of_work(viewer, AuditAction.DEFINITION_EDIT, now=now) as work:
        code = _managed(viewer, province)
        base = queries.published_of(code).find(based_on, local_date(now))
        if base is None:
            raise Invalid({"based_on": "unknown_code"})
        draft = CoverageDefinition(
            province_code=code,
            code=base.code,
            valid_from=_next_quarter(local_date(now)),
            fields=fields_as_json(base),
            based_on=base.name,
            made_by_id=viewer.user_id,
            made_at=now,
        )
        work.session.add(draft)
        work.about(draft, definition=base.name)
        return draft.id


def _managed(viewer: Viewer, province: str) -> str:
    codes = [region.code for region in queries.managed_provinces(viewer)]
    if not codes:
        raise Forbidden("definition_province_only")
    if province in codes or (not province and len(codes) == 1):
        return province or codes[0]
    raise Invalid({"province": "required" if not province else "unknown_code"})


def _next_quarter(today: date) -> date:
    month = (today.month - 1) // 3 * 3 + 4
    return date(today.year + month // 13, (month - 1) % 12 + 1, 1)


def edit_draft(
    viewer: Viewer,
    definition_id: int,
    fields: DefinitionFields,
    valid_from: date,
    *,
    now: datetime,
) -> None:
    """Change a draft. Raises `Refused` for what was published, `Invalid` for impossible fields."""
    with unit_of_work(viewer, AuditAction.DEFINITION_EDIT, now=now) as work:
        draft = _draft(viewer, definition_id)
        check_fields(fields)
        draft.fields, draft.valid_from = fields_as_json(fields), valid_from
        draft.made_by_id, draft.made_at = viewer.user_id, now
        work.about(draft, definition=draft.code)


def _draft(viewer: Viewer, definition_id: int) -> CoverageDefinition:
    draft = queries.get_draft(viewer, definition_id)
    if draft.version is not None:
        raise Refused("definition_published")
    return draft


def discard_draft(viewer: Viewer, definition_id: int, *, now: datetime) -> None:
    """Throw a draft away. What was published stays for ever."""
    with unit_of_work(viewer, AuditAction.DEFINITION_EDIT, now=now) as work:
        draft = _draft(viewer, definition_id)
        work.about(draft, definition=draft.code, removed=True)
        work.session.delete(draft)


def publish_definition(viewer: Viewer, definition_id: int, seen: str, *, now: datetime) -> str:
    """Publish a draft as the next version of its kind; gives its name, such as ``strict@2``.

    ``seen`` is the `fingerprint` of what the person had before the eyes: raises `Refused` where
    somebody has changed the draft meanwhile. Side effects: the version is final, and in force for
    periods that begin on its first day or later.
    """
    with unit_of_work(viewer, AuditAction.DEFINITION_PUBLISH, now=now) as work:
        queries.hold_definitions(work.session)
        draft = _draft(viewer, definition_id)
        if fingerprint(draft) != seen:
            raise Refused("definition_changed")
        known = queries.published_of(draft.province_code).all
        draft.version = max(int(one.version) for one in known if one.code == draft.code) + 1
        draft.published_by_id, draft.published_at = viewer.user_id, now
        name = queries.definition_of(draft).name
        work.about(draft, definition=name, days=draft.valid_from.isoformat())
        return name


def fingerprint(draft: CoverageDefinition) -> str:
    """What tells whether a draft is still as somebody saw it."""
    said = json.dumps([draft.fields, draft.valid_from.isoformat()], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def show_effect(
    viewer: Viewer, draft: CoverageDefinition, *, now: datetime, language: str
) -> Effect:
    """What a draft would make of its province's last full quarter. Side effects: one audit row."""
    period = quick_periods(local_date(now))["last_quarter"]
    known = queries.published_of(draft.province_code)
    places = {
        id_: place
        for id_, place in visible_places(viewer).items()
        if place.province == draft.province_code
    }

    def made_by(definition: Definition) -> Report:
        return _by_hospital(places, period, definition, local_date(now), language)

    record_view(viewer, AuditAction.REPORT_VIEW, draft, now=now, definition=draft.code)
    before = known.in_force(draft.code, period.first)
    return Effect(period, made_by(before), made_by(queries.definition_of(draft)))


def _by_hospital(
    places: dict[int, Place], period: Period, definition: Definition, on: date, language: str
) -> Report:
    english = language == "en"
    names = {
        place.code: (place.name_en or place.name_zh) if english else place.name_zh
        for place in places.values()
    }
    return summarise(
        count_figures(Asked(places, period, definition, on), (By.HOSPITAL,)),
        by=By.HOSPITAL,
        period=period,
        definition=definition,
        on=on,
        names=names,
        language=language,
    )
