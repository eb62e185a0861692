"""Marks, key images and lesions of a case, each where its viewer may see the picture under it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from mdt.extensions import db
from mdt.models.attachments import Instance, InstanceMetadata, Series
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.marks import KeyImage, Lesion, Mark
from mdt.models.people import User
from mdt.models.slides import Slide
from mdt.queries import scope
from mdt.queries.held import not_withheld, shown_to
from mdt.queries.live import actor_of
from mdt.queries.slides import slides_seen
from mdt.rules.access import MARKING_SEATS, Role, Viewer, may_mark
from mdt.rules.case_state import LOCKED
from mdt.rules.errors import Forbidden, NotFound, Refused
from mdt.rules.events import Actor
from mdt.rules.image_plane import ImagePlane, plane_of

_MICROMETRES = 1000
Row = TypeVar("Row", Mark, KeyImage, Lesion)


@dataclass(frozen=True)
class Struck:
    """Who struck something out, when and why."""

    by: Actor
    at: datetime
    reason: str


@dataclass(frozen=True)
class Picture:
    """What is meant on a series: ``image`` is its UID as it is served, empty where there is none.

    ``index`` counts the pictures of the series from 0, ``frame`` those of the object from 1.
    """

    series_id: int | None
    slide_id: int | None
    image: str
    frame: int
    index: int | None


@dataclass(frozen=True)
class MarkFacts:
    """A mark as it is shown; ``points`` and ``value`` as in `mdt.rules.measuring`."""

    id: int
    case_id: int
    picture: Picture
    kind: str
    points: Sequence[Sequence[float]]
    text: str
    value: dict[str, Any]
    by: Actor
    at: datetime
    struck: Struck | None


@dataclass(frozen=True)
class MarkedPlace:
    """A frame (from 1) of an object that somebody marks: its row, its blob, where its pixels lie.

    Or a slide, and then nothing but that, its size and its plane.

    ``plane`` is empty where there is no served form yet, ``spans`` as in `Instance`.
    """

    series_id: int | None
    instance_id: int | None
    frame: int
    rows: int
    columns: int
    key: str
    spans: tuple[tuple[int, int], ...]
    plane: ImagePlane
    slide_id: int | None = None


def can_mark(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer may mark the pictures of a loaded case now."""
    return case.state not in LOCKED and _may_mark(viewer, case)


def check_marks(viewer: Viewer, case: Case) -> None:
    """Raise unless the viewer may mark the pictures of a loaded case now."""
    if not _may_mark(viewer, case):
        raise Forbidden
    if case.state in LOCKED:
        raise Refused("marks_locked")


def _may_mark(viewer: Viewer, case: Case) -> bool:
    return may_mark(viewer, case.hospital_id, _seats(viewer, case))


def _seats(viewer: Viewer, case: Case) -> frozenset[str]:
    """What the viewer sits as at the agenda items of a case that was loaded for them."""
    items = (
        select(AgendaItem.conference_id)
        .join(Conference, Conference.id == AgendaItem.conference_id)
        .where(
            AgendaItem.case_id == case.id,
            AgendaItem.state != "undiscussed",
            Conference.state != "cancelled",
        )
    )
    invited = select(Invitation.role).where(
        Invitation.user_id == viewer.user_id,
        Invitation.role.in_(MARKING_SEATS),
        Invitation.withdrawn_at.is_(None),
        Invitation.answer != "declined",
        Invitation.conference_id.in_(items),
        or_(
            Invitation.item_id.is_(None),
            exists(
                select(AgendaItem.id).where(
                    AgendaItem.id == Invitation.item_id, AgendaItem.case_id == case.id
                )
            ),
        ),
    )
    seats = set(db.session.scalars(scope.scoped_children(invited, of="case")))
    if viewer.teams_as(Role.CHAIR):
        desk = items.where(Conference.team_id.in_(viewer.teams_as(Role.CHAIR))).limit(1)
        if db.session.scalar(scope.scoped_children(desk, of="case")) is not None:
            seats.add(Role.CHAIR.value)
    return frozenset(seats)


def find_place(
    viewer: Viewer, case_id: int, series_id: int, *, image: str, frame: int, index: int | None
) -> MarkedPlace:
    """Where a picture lies that the viewer sees: by its served UID and frame, else by its index.

    `NotFound` for any other, for one that is struck out or waits, and beyond the last.
    """
    statement = (
        scope.of_visible_case(viewer, Instance)
        .join(Series, Series.id == Instance.series_id)
        .outerjoin(InstanceMetadata, InstanceMetadata.instance_id == Instance.id)
        .where(
            Instance.case_id == case_id,
            Instance.series_id == series_id,
            Instance.first_image.is_not(None),
            series_shown(viewer),
        )
    )
    if image:
        statement = statement.where(Instance.served_uid == image)
    else:
        statement = statement.where(Instance.first_image <= (index or 0))
        statement = statement.order_by(Instance.first_image.desc()).limit(1)
    row = db.session.execute(
        statement.with_only_columns(
            Instance.id,
            Instance.first_image,
            Instance.frames,
            Instance.rows,
            Instance.columns,
            Instance.served_key,
            Instance.frame_spans,
            InstanceMetadata.json,
        )
    ).first()
    if row is None:
        raise NotFound
    if not image:
        frame = (index or 0) - row.first_image + 1
    if not 1 <= frame <= row.frames:
        raise NotFound
    metadata = json.loads(row.json) if row.json else {}
    plane = plane_of(metadata, frame) if row.json else ImagePlane(row.rows, row.columns)
    return MarkedPlace(
        series_id=series_id,
        instance_id=row.id,
        frame=frame,
        rows=row.rows,
        columns=row.columns,
        key=row.served_key or "",
        spans=tuple((begin, size) for begin, size in row.frame_spans or ()),
        plane=plane,
    )


def find_slide(viewer: Viewer, case_id: int, slide_id: int) -> MarkedPlace:
    """A slide that the viewer sees, as a plane of its full resolution; raises `NotFound`."""
    slide = db.session.execute(
        slides_seen(viewer)
        .where(Slide.case_id == case_id, Slide.id == slide_id)
        .with_only_columns(Slide.width, Slide.height, Slide.mpp)
    ).first()
    if slide is None:
        raise NotFound
    size = slide.mpp / _MICROMETRES if slide.mpp else None
    plane = ImagePlane(slide.height, slide.width, (size, size) if size else None)
    return MarkedPlace(None, None, 1, slide.height, slide.width, "", (), plane, slide_id)


def series_shown(viewer: Viewer) -> ColumnElement[bool]:
    """Series that are not struck out and that the viewer sees, for a statement with the case."""
    return and_(Series.struck_at.is_(None), shown_to(viewer, Series))


def list_marks(viewer: Viewer, case_id: int, *, for_all: bool = False) -> tuple[MarkFacts, ...]:
    """Marks of a case, struck ones too, the oldest first; the viewer sees what lies under each.

    ``for_all``: only those under which lies what everybody sees who sees the case.
    """
    statement = _marks(viewer).where(Mark.case_id == case_id)
    if for_all:
        statement = statement.where(or_(Mark.slide_id.is_not(None), not_withheld(Series)))
    return _mark_facts(db.session.execute(statement).all())


def get_mark(viewer: Viewer, case_id: int, mark_id: int) -> MarkFacts:
    """One mark, as `list_marks`; raises `NotFound`."""
    rows = db.session.execute(
        _marks(viewer).where(Mark.case_id == case_id, Mark.id == mark_id)
    ).all()
    if not rows:
        raise NotFound
    return _mark_facts(rows)[0]


def _marks(viewer: Viewer) -> Select[Mark, str | None, int | None]:
    return (
        scope.of_visible_case(viewer, Mark)
        .outerjoin(Series, Series.id == Mark.series_id)
        .outerjoin(Instance, Instance.id == Mark.instance_id)
        # Of a slide that was taken back nothing else tells that another one got its number.
        .outerjoin(Slide, and_(Slide.id == Mark.slide_id, Slide.at <= Mark.at))
        .where(
            or_(
                and_(Mark.series_id.is_not(None), series_shown(viewer)),
                Slide.id.in_(slides_seen(viewer)),
            )
        )
        .order_by(Mark.id)
        .add_columns(Instance.served_uid, Instance.first_image)
    )


def _mark_facts(rows: Sequence[Any]) -> tuple[MarkFacts, ...]:
    people = people_of(row for row, *_ in rows)
    return tuple(
        MarkFacts(
            id=row.id,
            case_id=row.case_id,
            picture=picture_of(row, uid, first),
            kind=row.kind,
            points=row.points,
            text=row.text,
            value=row.value,
            by=people[row.by_user_id],
            at=row.at,
            struck=struck_of(row, people),
        )
        for row, uid, first in rows
    )


def picture_of(row: Mark | KeyImage, uid: str | None, first: int | None) -> Picture:
    """What a row is on; ``uid`` and ``first`` are of its object."""
    index = None if first is None else first + row.frame - 1
    return Picture(row.series_id, row.slide_id, uid or "", row.frame, index)


def struck_of(row: Mark | KeyImage | Lesion, people: dict[int, Actor]) -> Struck | None:
    """Who struck a row out."""
    if row.struck_at is None or row.struck_by_id is None:
        return None
    return Struck(people[row.struck_by_id], row.struck_at, row.struck_reason)


def people_of(rows: Iterable[Mark | KeyImage | Lesion]) -> dict[int, Actor]:
    """Who made these and who struck them out."""
    ids = {number for row in rows for number in (row.by_user_id, row.struck_by_id) if number}
    users = db.session.scalars(select(User).where(User.id.in_(ids)))
    return {user.id: actor_of(user) for user in users}


def find_made(
    viewer: Viewer, case_id: int, table: type[Mark | KeyImage | Lesion], key: str
) -> int | None:
    """Number of what this viewer made in a case under this key."""
    statement = (
        scope.of_visible_case(viewer, table)
        .where(table.case_id == case_id, table.by_user_id == viewer.user_id, table.key == key)
        .with_only_columns(table.id)
    )
    found: int | None = db.session.scalar(statement)
    return found


def row_in(case_id: int, table: type[Row], number: int) -> Row:
    """A row of a case that was found for its viewer just before, to be changed."""
    statement = select(table).where(table.case_id == case_id, table.id == number)
    found: Row | None = db.session.scalar(scope.scoped_children(statement, of="case"))
    if found is None:
        raise NotFound
    return found
