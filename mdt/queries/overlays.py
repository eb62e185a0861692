"""Derived objects of a case, and the pictures of a series under them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_

from mdt.extensions import db
from mdt.models.attachments import Instance, InstanceMetadata, Series
from mdt.queries import scope
from mdt.queries.marks import series_shown
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.image_plane import plane_of
from mdt.rules.overlays import DERIVED_ROOTS, Base

_SERIES_UID, _FRAME_OF_REFERENCE = "0020000E", "00200052"


@dataclass(frozen=True)
class DerivedObject:
    """An object that is no picture by itself: its series, and its served form's blob and size."""

    series_id: int
    study_id: int
    sop_class_uid: str
    key: str
    size: int


def get_base(viewer: Viewer, case_id: int, series_id: int) -> tuple[int, Base]:
    """The study of a series with pictures, and where these lie.

    `NotFound` for what the viewer does not see, and for a series without pictures or served forms.
    """
    rows = db.session.execute(
        scope.of_visible_case(viewer, Instance)
        .join(Series, Series.id == Instance.series_id)
        .join(InstanceMetadata, InstanceMetadata.instance_id == Instance.id)
        .where(
            Instance.case_id == case_id,
            Instance.series_id == series_id,
            Instance.first_image.is_not(None),
            Instance.served_uid.is_not(None),
            series_shown(viewer),
        )
        .order_by(Instance.first_image)
        .with_only_columns(
            Series.study_id, Instance.served_uid, Instance.frames, InstanceMetadata.json
        )
    ).all()
    if not rows:
        raise NotFound
    planes, frame_of_reference, series_uid = {}, "", ""
    for row in rows:
        metadata = json.loads(row.json)
        frame_of_reference = frame_of_reference or _text(metadata, _FRAME_OF_REFERENCE)
        series_uid = series_uid or _text(metadata, _SERIES_UID)
        for frame in range(1, row.frames + 1):
            planes[row.served_uid, frame] = plane_of(metadata, frame)
    return rows[0].study_id, Base(series_uid, frame_of_reference, planes)


def _text(metadata: dict[str, Any], tag: str) -> str:
    values = metadata.get(tag, {}).get("Value") or [""]
    return str(values[0])


def list_derived(
    viewer: Viewer, case_id: int, series_id: int | None = None
) -> Sequence[DerivedObject]:
    """Derived objects that are served and that the viewer sees, in order; of one series or all."""
    statement = (
        scope.of_visible_case(viewer, Instance)
        .join(Series, Series.id == Instance.series_id)
        .where(
            Instance.case_id == case_id,
            Instance.served_key.is_not(None),
            or_(*(Instance.sop_class_uid.startswith(root) for root in DERIVED_ROOTS)),
            series_shown(viewer),
        )
        .order_by(Series.number, Series.id, Instance.number, Instance.id)
        .with_only_columns(
            Instance.series_id,
            Series.study_id,
            Instance.sop_class_uid,
            Instance.served_key,
            Instance.served_size,
        )
    )
    if series_id is not None:
        statement = statement.where(Instance.series_id == series_id)
    return [
        DerivedObject(
            series_id=row.series_id,
            study_id=row.study_id,
            sop_class_uid=row.sop_class_uid,
            key=row.served_key or "",
            size=row.served_size or 0,
        )
        for row in db.session.execute(statement)
    ]
