"""The images of a case by their served UIDs, as DICOMweb addresses them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from mdt.extensions import db
from mdt.models.attachments import Instance, InstanceMetadata, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.held import shown_to
from mdt.queries.prepared import Prepared
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


@dataclass(frozen=True)
class ServedMetadata:
    """DICOM JSON of an object, addresses of bulk data relative to it."""

    series_id: int
    study_uid: str
    series_uid: str
    uid: str
    json: bytes


#: The attributes of a place that name something, with the columns of its two UIDs.
_LEVELS: dict[str, tuple[Any, Any]] = {
    "study": (Study.served_uid, Study.study_uid),
    "series": (Series.served_uid, Series.series_uid),
    "instance": (Instance.served_uid, Instance.sop_uid),
}
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
    return [ServedInstance(*row) for row in _rows(viewer, place, _whole)]


def _whole(served: Select[Instance]) -> Select[*tuple[Any, ...]]:
    return _ordered(served).with_only_columns(*_COLUMNS)


def list_described(viewer: Viewer, place: Place) -> Sequence[tuple[ServedInstance, bytes]]:
    """The same with the JSON of each, read at one moment: its picture may just be changed."""
    return [(ServedInstance(*row), json) for *row, json in _rows(viewer, place, _described)]


def _described(served: Select[Instance]) -> Select[*tuple[Any, ...]]:
    return (
        _ordered(served)
        .join(InstanceMetadata, InstanceMetadata.instance_id == Instance.id)
        .with_only_columns(*_COLUMNS, InstanceMetadata.json)
    )


def get_instance(viewer: Viewer, place: Place) -> ServedInstance:
    """One object with the spans of its frames; `NotFound` where the viewer may not see it."""
    row = _rows(viewer, place, _first).first()
    if row is None:
        raise NotFound
    columns = list(row)
    columns[-1] = tuple((begin, size) for begin, size in columns[-1] or ())
    return ServedInstance(*columns)


def find_series(viewer: Viewer, case_id: int, series_id: int) -> Place | None:
    """Where a series is addressed whose pictures all have a served form; else none.

    None for a struck one, too: it is seen in its drawn pictures only.
    """
    row = db.session.execute(
        scope.of_visible_case(viewer, Series)
        .join(Study, Study.id == Series.study_id)
        .where(
            Series.case_id == case_id,
            Series.id == series_id,
            Series.struck_at.is_(None),
            shown_to(viewer, Series),
            ~exists().where(
                Instance.series_id == Series.id,
                Instance.first_image.is_not(None),
                Instance.served_key.is_(None),
            ),
        )
        .with_only_columns(Study.served_uid, Series.served_uid)
    ).first()
    study, series = row or (None, None)
    return Place(case_id, study, series) if study and series else None


def _first(served: Select[Instance]) -> Select[*tuple[Any, ...]]:
    return served.with_only_columns(*_COLUMNS, Instance.frame_spans).limit(1)


def list_metadata(viewer: Viewer, place: Place) -> Sequence[ServedMetadata]:
    """The JSON of each object of a place, in order."""
    return [ServedMetadata(*row) for row in _rows(viewer, place, _metadata)]


def _metadata(served: Select[Instance]) -> Select[*tuple[Any, ...]]:
    return (
        _ordered(served)
        .join(InstanceMetadata, InstanceMetadata.instance_id == Instance.id)
        .with_only_columns(
            Instance.series_id,
            Study.served_uid,
            Series.served_uid,
            Instance.served_uid,
            InstanceMetadata.json,
        )
    )


def summarise_series(viewer: Viewer, place: Place) -> Sequence[SeriesSummary]:
    """Every series of a place, newest study first."""
    return [SeriesSummary(*row) for row in _rows(viewer, place, _summary)]


def _summary(served: Select[Instance]) -> Select[*tuple[Any, ...]]:
    counted = (
        served.with_only_columns(
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
    return scope.scoped_children(statement, of="case")


_Shape = Callable[[Select[Instance]], Select[*tuple[Any, ...]]]


def _rows(viewer: Viewer, place: Place, shape: _Shape) -> CursorResult[*tuple[Any, ...]]:
    """What ``shape`` makes of the served objects of a place that the viewer may see."""
    named = tuple(level for level in _LEVELS if getattr(place, level))
    own = bool(viewer.hospitals_as(*CLINICAL_ROLES))
    return _statement(shape, named, own=own)(_values(viewer, place))


# A viewer fetches one picture after the other: to put this together takes longer than to run it.
@cache
def _statement(shape: _Shape, named: tuple[str, ...], *, own: bool) -> Prepared:
    return Prepared(shape(_served(named, own=own)))


def _values(viewer: Viewer, place: Place) -> dict[str, Any]:
    return scope.reach_values(viewer) | {
        "case": place.case_id,
        **{level: getattr(place, level) for level in _LEVELS},
    }


def _served(named: tuple[str, ...], *, own: bool) -> Select[Instance]:
    """Served objects of series that are neither struck out nor wait for release."""
    return (
        scope.of_visible_case(scope.ANYBODY, Instance)
        .join(Series, Series.id == Instance.series_id)
        .join(Study, Study.id == Series.study_id)
        .where(
            Instance.case_id == bindparam("case"),
            Instance.served_key.is_not(None),
            Series.struck_at.is_(None),
            shown_to(scope.ANYBODY, Series),
            *(_named(level, own=own) for level in named),
        )
    )


def _named(level: str, *, own: bool) -> ColumnElement[bool]:
    """By its served UID; the hospital that sent it (one of the viewer's ``own``) knows another."""
    served, original = _LEVELS[level]
    uid = bindparam(level, type_=String)
    if not own:
        return served == uid
    sender = Case.hospital_id.in_(scope.ANYBODY.hospitals)
    return or_(served == uid, and_(original == uid, sender))


def _ordered(statement: Select[Instance]) -> Select[Instance]:
    return statement.order_by(
        Study.id, Series.number, Series.id, Instance.first_image, Instance.number, Instance.id
    )


def find_study(viewer: Viewer, place: Place) -> str:
    """The served UID of the study that a place names; empty where there is none yet."""
    if not place.study:
        return ""
    own = bool(viewer.hospitals_as(*CLINICAL_ROLES))
    statement = (
        scope.of_visible_case(scope.ANYBODY, Study)
        .where(Study.case_id == bindparam("case"), _named("study", own=own))
        .with_only_columns(Study.served_uid)
    )
    return db.session.scalar(statement, _values(viewer, place)) or ""
