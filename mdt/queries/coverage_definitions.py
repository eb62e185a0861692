"""A province's definitions of coverage: what its reports may be made by, and its drafts."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from mdt.extensions import db
from mdt.models.coverage import CoverageDefinition
from mdt.models.regions import Region
from mdt.queries.coverage import visible_places
from mdt.queries.locks import hold_table
from mdt.rules.access import Role, Viewer
from mdt.rules.coverage import Definition, Definitions
from mdt.rules.coverage.definition_fields import fields_from_json
from mdt.rules.errors import NotFound


def hold_definitions(session: Session) -> None:
    """Inside a unit of work: versions are numbered one after the other."""
    hold_table(session, CoverageDefinition)


def managed_provinces(viewer: Viewer) -> list[Region]:
    """The provinces whose quality manager the viewer is, by code."""
    statement = select(Region).where(
        Region.code.in_(viewer.regions_as(Role.QUALITY)), Region.level == "province"
    )
    return list(db.session.scalars(statement.order_by(Region.code)))


def known_definitions(viewer: Viewer) -> Definitions:
    """What the viewer can ask by: what ships, and what the viewer's province has published.

    Who sees registers of several provinces asks by what ships, as no other holds for all of them.
    """
    provinces = visible_provinces(viewer)
    if len(provinces) != 1:
        return Definitions()
    statement = select(CoverageDefinition).where(
        CoverageDefinition.province_code.in_(provinces), CoverageDefinition.version.is_not(None)
    )
    return Definitions(tuple(definition_of(row) for row in db.session.scalars(statement)))


def visible_provinces(viewer: Viewer) -> set[str]:
    """Codes of the provinces of all registers that the viewer sees."""
    places = {place.province for place in visible_places(viewer).values()} - {""}
    return places | {region.code for region in managed_provinces(viewer)}


def definition_of(row: CoverageDefinition) -> Definition:
    """The definition that a row of the table stands for."""
    fields: dict[str, Any] = fields_from_json(row.fields)
    version = "" if row.version is None else str(row.version)
    return Definition(code=row.code, version=version, valid_from=row.valid_from, **fields)


def list_definitions(viewer: Viewer) -> list[CoverageDefinition]:
    """Versions of the viewer's provinces, newest first, and drafts of those that are managed."""
    statement = (
        select(CoverageDefinition)
        .where(
            or_(
                CoverageDefinition.province_code.in_(_managed_codes(viewer)),
                CoverageDefinition.province_code.in_(visible_provinces(viewer))
                & CoverageDefinition.version.is_not(None),
            )
        )
        .options(
            joinedload(CoverageDefinition.made_by), joinedload(CoverageDefinition.published_by)
        )
        .order_by(CoverageDefinition.id.desc())
    )
    return list(db.session.scalars(statement))


def get_draft(viewer: Viewer, definition_id: int) -> CoverageDefinition:
    """A definition, published or not, of a province that the viewer manages; else `NotFound`."""
    statement = select(CoverageDefinition).where(
        CoverageDefinition.id == definition_id,
        CoverageDefinition.province_code.in_(_managed_codes(viewer)),
    )
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def _managed_codes(viewer: Viewer) -> Iterable[str]:
    return [region.code for region in managed_provinces(viewer)]


def published_of(province_code: str) -> Definitions:
    """What a province can ask by."""
    statement = select(CoverageDefinition).where(
        CoverageDefinition.province_code == province_code, CoverageDefinition.version.is_not(None)
    )
    return Definitions(tuple(definition_of(row) for row in db.session.scalars(statement)))
