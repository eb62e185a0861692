"""The images of a case by their served UIDs, as DICOMweb addresses them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from mdt.extensions import db
from mdt.models.attachments import Instance, InstanceMetadata, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.held import shown_to
from mdt.rules.access import CLINICAL_ROLES, Viewer
from mdt.rules.errors import NotFound


@dataclass(frozen=True)
class Place:
    """Which part of a case is meant: UIDs from the study down, empty from where all are."""

    case_id: int
    study: str = ""
    series: str = ""
    instance: str = ""


@dataclass(frozen=True)
class ServedInstance:
    """An object that is served; see `mdt.models.attachments.Instance` for its columns."""

    id: int
    series_id: int
    study_uid: str
    series_uid: str
    uid: str
    sop_class_uid: str
    number: int | None
    rows: int
    columns: int
    frames: int
    key: str
    syntax_uid: str
    size: int
    first_image: int | None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class SeriesSummary:
    """A series with how many objects of it are served, and the one that speaks for it."""

    study_uid: str
    series_uid: str
    modality: str
    instances: int
    metadata: bytes


_COLUMNS: tuple[Any, ...] = (
    Instance.id,
    Instance.series_id,
    Study.served_uid.label("study_uid"),
    Series.served_uid.label("series_uid"),
    Instance.served_uid,
    Instance.sop_class_uid,
    Instance.number,
    Instance.rows,
    Instance.columns,
    Instance.frames,
    Instance.served_key,
    Instance.served_syntax_uid,
    Instance.served_size,
    Instance.first_image,
)


def list_instances(viewer: Viewer, place: Place) -> Sequence[ServedInstance]:
    """Objects of a place in the order of their pictures, without the spans of their frames."""
    rows = db.session.execute(_ordered(_served(viewer, place)).with_only_columns(*_COLUMNS))
    return [ServedInstance(*row) for row in rows]


def get_instance(viewer: Viewer, place: Place) -> ServedInstance:
    """One object with the spans of its frames; `NotFound` where the viewer may not see it."""
    row = db.session.execute(
        _served(viewer, place).with_only_columns(*_COLUMNS, Instance.frame_spans).limit(1)
    ).first()
    if row is None:
        raise NotFound
    *columns, spans = row
    places = tuple((begin, size) for begin, size in spans or ())
    return replace(ServedInstance(*columns), spans=places)


def list_metadata(viewer: Viewer, place: Place) -> Sequence[tuple[str, str, str, bytes]]:
    """UIDs of study, series and instance, and the JSON of each object of a place, in order."""
    rows = db.session.execute(
        _ordered(_served(viewer, place))
        .join(InstanceMetadata, InstanceMetadata.instance_id == Instance.id)
        .with_only_columns(
            Study.served_uid, Series.served_uid, Instance.served_uid, InstanceMetadata.json
        )
    )
    return [(study or "", series or "", uid or "", json) for study, series, uid, json in rows]


def list_series_ids(viewer: Viewer, place: Place) -> Sequence[int]:
    """Numbers of the series of which something lies at a place."""
    statement = _served(viewer, place).with_only_columns(Instance.series_id).distinct()
    return db.session.scalars(statement).all()


def summarise_series(viewer: Viewer, place: Place) -> Sequence[SeriesSummary]:
    """Every series of a place, newest study first."""
    counted = (
        _served(viewer, place)
        .with_only_columns(
            Instance.series_id,
            func.count(Instance.id).label("instances"),
            func.min(Instance.id).label("first"),
        )
        .group_by(Instance.series_id)
        .subquery()
    )
    statement = (
        select(
            Study.served_uid,
            Series.served_uid,
            Series.modality,
            counted.c.instances,
            InstanceMetadata.json,
        )
        .select_from(counted)
        .join(Series, Series.id == counted.c.series_id)
        .join(Study, Study.id == Series.study_id)
        .join(InstanceMetadata, InstanceMetadata.instance_id == counted.c.first)
        .order_by(Study.study_date.desc().nulls_last(), Study.id.desc(), Series.number, Series.id)
    )
    rows = db.session.execute(scope.scoped_children(statement, of="case"))
    return [SeriesSummary(*row) for row in rows]


def _served(viewer: Viewer, place: Place) -> Select[Instance]:
    """Served objects of series that are neither struck out nor wait for release."""
    wanted: list[ColumnElement[bool]] = [
        Instance.case_id == place.case_id,
        Instance.served_key.is_not(None),
        Series.struck_at.is_(None),
        shown_to(viewer, Series),
    ]
    if place.study:
        wanted.append(_named(viewer, Study.served_uid, Study.study_uid, place.study))
    if place.series:
        wanted.append(_named(viewer, Series.served_uid, Series.series_uid, place.series))
    if place.instance:
        wanted.append(_named(viewer, Instance.served_uid, Instance.sop_uid, place.instance))
    return (
        scope.of_visible_case(viewer, Instance)
        .join(Series, Series.id == Instance.series_id)
        .join(Study, Study.id == Series.study_id)
        .where(*wanted)
    )


def _named(viewer: Viewer, served: Any, original: Any, uid: str) -> ColumnElement[bool]:
    """By its served UID; the hospital that sent it knows the original as well."""
    own = viewer.hospitals_as(*CLINICAL_ROLES)
    if not own:
        return served == uid
    return or_(served == uid, and_(original == uid, Case.hospital_id.in_(own)))


def _ordered(statement: Select[Instance]) -> Select[Instance]:
    return statement.order_by(
        Study.id, Series.number, Series.id, Instance.first_image, Instance.number, Instance.id
    )


def find_study(viewer: Viewer, place: Place) -> str:
    """The served UID of the study that a place names; empty where there is none yet."""
    if not place.study:
        return ""
    statement = (
        scope.of_visible_case(viewer, Study)
        .where(
            Study.case_id == place.case_id,
            _named(viewer, Study.served_uid, Study.study_uid, place.study),
        )
        .with_only_columns(Study.served_uid)
    )
    return db.session.scalar(statement) or ""
