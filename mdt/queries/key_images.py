"""Key images of a case, in order, each where its viewer may see the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from mdt.extensions import db
from mdt.models.attachments import Instance, Series, Study
from mdt.models.cases import Case
from mdt.models.marks import KeyImage
from mdt.queries import scope
from mdt.queries.attachments import ImagePlace
from mdt.queries.held import not_withheld
from mdt.queries.marks import Picture, Struck, people_of, picture_of, series_shown, struck_of
from mdt.rules.access import Viewer
from mdt.rules.black_out import frame_boxes
from mdt.rules.errors import NotFound
from mdt.rules.events import Actor


@dataclass(frozen=True)
class KeyImageFacts:
    """A key image as it is shown; ``state`` as in `mdt.rules.viewer_state`."""

    id: int
    case_id: int
    picture: Picture
    modality: str
    study_date: Any
    state: dict[str, Any]
    caption: str
    by: Actor
    at: datetime
    struck: Struck | None
    #: Of the row of its object.
    instance_id: int | None
    #: Names these very pixels: another once the picture was changed.
    version: str

    @property
    def number(self) -> int | None:
        """Its place in the series, from 1."""
        return None if self.picture.index is None else self.picture.index + 1


def list_key_images(
    viewer: Viewer, case_id: int, *, for_all: bool = False
) -> tuple[KeyImageFacts, ...]:
    """Key images of a case in their order, without those that are struck out.

    ``for_all``: only what everybody sees who sees the case.
    """
    statement = _key_images(viewer).where(KeyImage.case_id == case_id, KeyImage.struck_at.is_(None))
    if for_all:
        statement = statement.where(not_withheld(Series))
    return _facts(db.session.execute(statement).all())


def key_places(viewer: Viewer, case_id: int, series_id: int) -> list[int]:
    """Places (0-based) of the key images of a series, in their order."""
    rows = db.session.execute(
        _key_images(viewer).where(
            KeyImage.case_id == case_id,
            KeyImage.series_id == series_id,
            KeyImage.struck_at.is_(None),
            Instance.first_image.is_not(None),
        )
    ).all()
    places = (row.first_image + row.KeyImage.frame - 1 for row in rows)
    return list(dict.fromkeys(places))


def get_key_image(viewer: Viewer, case_id: int, number: int) -> KeyImageFacts:
    """One of them, struck or not; raises `NotFound`."""
    statement = _key_images(viewer).where(KeyImage.case_id == case_id, KeyImage.id == number)
    rows = db.session.execute(statement).all()
    if not rows:
        raise NotFound
    return _facts(rows)[0]


def _key_images(viewer: Viewer) -> Select[Any]:
    return (
        scope.of_visible_case(viewer, KeyImage)
        .join(Series, Series.id == KeyImage.series_id)
        .join(Study, Study.id == Series.study_id)
        .join(Instance, Instance.id == KeyImage.instance_id)
        .where(series_shown(viewer))
        .order_by(KeyImage.place, KeyImage.id)
        .add_columns(
            Instance.served_uid,
            Instance.first_image,
            Series.modality,
            Series.revision,
            Study.study_date,
        )
    )


def _facts(rows: Sequence[Any]) -> tuple[KeyImageFacts, ...]:
    people = people_of(row.KeyImage for row in rows)
    return tuple(
        KeyImageFacts(
            id=row.KeyImage.id,
            case_id=row.KeyImage.case_id,
            picture=picture_of(row.KeyImage, row.served_uid, row.first_image),
            modality=row.modality,
            study_date=row.study_date,
            state=row.KeyImage.state,
            caption=row.KeyImage.caption,
            by=people[row.KeyImage.by_user_id],
            at=row.KeyImage.at,
            struck=struck_of(row.KeyImage, people),
            instance_id=row.KeyImage.instance_id,
            version=f"{row.KeyImage.instance_id}.{row.revision}",
        )
        for row in rows
    )


def rows_in_order(case_id: int) -> Sequence[KeyImage]:
    """Every key image of a case that is not struck out, seen by whom it may be, to be changed."""
    statement = (
        select(KeyImage)
        .where(KeyImage.case_id == case_id, KeyImage.struck_at.is_(None))
        .order_by(KeyImage.place, KeyImage.id)
    )
    return db.session.scalars(scope.scoped_children(statement, of="case")).all()


def next_place(case_id: int) -> int:
    """The place behind the last one."""
    statement = select(func.max(KeyImage.place)).where(KeyImage.case_id == case_id)
    return (db.session.scalar(scope.scoped_children(statement, of="case")) or 0) + 1


def place_for_all(case: Case, instance_id: int, frame: int) -> ImagePlace | None:
    """Where a frame (from 1) of an object of a loaded case lies, if everybody may see it.

    Nothing where its series was struck out, taken back, or waits.
    """
    row = db.session.execute(
        scope.scoped_children(
            select(Instance, Series)
            .join(Series, Series.id == Instance.series_id)
            .where(
                Instance.case_id == case.id,
                Instance.id == instance_id,
                Instance.frames >= frame,
                Series.struck_at.is_(None),
                not_withheld(Series),
            ),
            of="case",
        )
    ).first()
    if row is None:
        return None
    found, series = row
    return ImagePlace(
        series_id=series.id,
        instance_id=found.id,
        number=(found.first_image or 0) + frame,
        storage_key=found.storage_key,
        frame=frame - 1,
        image_count=series.image_count,
        revision=series.revision,
        rows=found.rows,
        columns=found.columns,
        served_key=found.served_key or "",
        spans=tuple((offset, length) for offset, length in found.frame_spans or ()),
        boxes=frame_boxes(found.black_boxes),
    )
