"""Slides of a case: which the viewer sees, and where a tile of one lies."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from mdt.extensions import db
from mdt.models.attachments import Instance, Series, Study
from mdt.models.cases import Case
from mdt.models.people import User
from mdt.models.slides import Slide, SlidePack
from mdt.queries import scope
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.slides import Pyramid, SlideFacts, SlideState

_Adder, _Striker = aliased(User), aliased(User)
#: Of an SM series: smaller ones are thumbnails that a viewer saved.
SLIDE_MODALITY = "SM"


@dataclass(frozen=True)
class SlideLine:
    """A slide as pages show it: nothing of it names the patient, nor does any file name.

    ``number`` (from 1) is its place among the case's slides; ``level`` the finest level that is
    wholly there, -1 for none; ``percent`` of the tiles.
    """

    id: int
    case_id: int
    number: int
    stain: str
    block: str
    state: SlideState
    failure: str
    facts: SlideFacts
    made: int
    revision: int
    size: int
    series_id: int | None
    added_by: str
    added_at: datetime
    struck_at: datetime | None = None
    struck_by: str = ""
    struck_reason: str = ""

    @property
    def pyramid(self) -> Pyramid:
        """Its tiles; only where its size is known."""
        return Pyramid(self.facts.width, self.facts.height)

    @property
    def level(self) -> int:
        """The finest level that can be shown."""
        return self.pyramid.whole_levels(self.made) if self.facts.width else -1

    @property
    def percent(self) -> int:
        """How much of it is drawn."""
        return 100 * self.made // self.pyramid.count if self.facts.width else 0

    @property
    def shown(self) -> bool:
        """There is something to look at."""
        return self.level >= 0 and self.state is not SlideState.FAILED

    @property
    def described(self) -> str:
        """What the hospital typed, in short."""
        return " · ".join(part for part in (self.stain, self.block) if part)


@dataclass(frozen=True)
class TilePlace:
    """Where a tile lies: its pack, its place in it (from 0), and the slide's revision."""

    key: str
    number: int
    revision: int


def list_slides(viewer: Viewer, case_id: int) -> tuple[SlideLine, ...]:
    """Slides of a case in the order in which they came, struck and failed ones for their hospital.

    Constant number of SELECTs: one.
    """
    rows = db.session.execute(_lines(viewer).where(Slide.case_id == case_id).order_by(Slide.id))
    return tuple(_line(row) for row in rows)


def count_slides(viewer: Viewer, case_ids: Collection[int]) -> dict[int, int]:
    """How many slides of each case this viewer sees; struck ones count for nobody."""
    if not case_ids:
        return {}
    rows = db.session.execute(
        scope.of_visible_case(viewer, Slide)
        .outerjoin(Series, Series.id == Slide.series_id)
        .where(
            Slide.case_id.in_(case_ids),
            Slide.struck_at.is_(None),
            _shown_to(scope.reach_of(viewer)),
        )
        .group_by(Slide.case_id)
        .with_only_columns(Slide.case_id, func.count(Slide.id))
    )
    return {row[0]: row[1] for row in rows}


def slides_seen(viewer: Viewer) -> Select[int]:
    """Numbers of the slides that can be shown and that the viewer sees, struck ones for nobody."""
    return (
        scope.of_visible_case(viewer, Slide)
        .outerjoin(Series, Series.id == Slide.series_id)
        .where(Slide.struck_at.is_(None), Slide.width > 0, _shown_to(scope.reach_of(viewer)))
        .with_only_columns(Slide.id)
    )


def get_slide(viewer: Viewer, case_id: int, slide_id: int) -> SlideLine:
    """One slide; `NotFound` where the viewer may not see it."""
    statement = _lines(viewer).where(Slide.case_id == case_id, Slide.id == slide_id)
    row = db.session.execute(statement).first()
    if row is None:
        raise NotFound
    return _line(row)


def _lines(viewer: Viewer) -> Select[Slide, int, str, str | None]:
    reach = scope.reach_of(viewer)
    earlier = aliased(Slide)
    place = (
        select(func.count(earlier.id))
        .where(earlier.case_id == Slide.case_id, earlier.id <= Slide.id)
        .correlate(Slide)
        .scalar_subquery()
    )
    return (
        scope.of_visible_case(viewer, Slide)
        .outerjoin(Series, Series.id == Slide.series_id)
        .join(_Adder, _Adder.id == Slide.by_user_id)
        .outerjoin(_Striker, _Striker.id == Slide.struck_by_id)
        .where(_shown_to(reach))
        .add_columns(place, _Adder.name, _Striker.name)
    )


def _shown_to(reach: scope.Reach) -> ColumnElement[bool]:
    """Condition on slide, series and case.

    What is struck out or could not be read stays inside its hospital. A series whose header names
    somebody else waits for a doctor's word (`mdt.queries.held`); that a name may be burned in holds
    nobody up, as label and overview are not among the tiles.
    """
    own = Case.hospital_id.in_(reach.hospitals)
    knows = or_(own, Case.team_id.in_(reach.teams))
    return and_(
        or_(and_(Slide.struck_at.is_(None), Slide.state != SlideState.FAILED), own),
        or_(
            Slide.series_id.is_(None),
            and_(
                or_(Series.struck_at.is_(None), own),
                or_(Series.unconfirmed.is_not(True), knows),
            ),
        ),
    )


def _line(row: Row[Slide, int, str, str | None]) -> SlideLine:
    slide, number, added_by, struck_by = row
    return SlideLine(
        id=slide.id,
        case_id=slide.case_id,
        number=number,
        stain=slide.stain,
        block=slide.block,
        state=SlideState(slide.state),
        failure=slide.failure,
        facts=SlideFacts(slide.width, slide.height, slide.mpp, slide.objective, slide.vendor),
        made=slide.made,
        revision=slide.revision,
        size=slide.size,
        series_id=slide.series_id,
        added_by=added_by,
        added_at=slide.at,
        struck_at=slide.struck_at,
        struck_by=struck_by or "",
        struck_reason=slide.struck_reason,
    )


def find_tile(
    viewer: Viewer, case_id: int, slide_id: int, level: int, column: int, row: int
) -> TilePlace:
    """Where a tile lies; `NotFound` for one that is not there (yet), or not for this viewer."""
    values = scope.reach_values(viewer) | {"case": case_id, "slide": slide_id}
    found = db.session.execute(_slide_of_tile(), values).first()
    if found is None or not found.width:
        raise NotFound
    number = Pyramid(found.width, found.height).number(level, column, row)
    if number is None or number >= found.made:
        raise NotFound
    pack = db.session.execute(_pack(), {"slide": slide_id, "tile": number}).first()
    if pack is None:
        raise NotFound
    return TilePlace(pack.storage_key, number - pack.first_tile, found.revision)


@cache
def _slide_of_tile() -> Select[int, int, int, int]:
    return (
        scope.of_visible_case(scope.ANYBODY, Slide)
        .outerjoin(Series, Series.id == Slide.series_id)
        .where(
            Slide.case_id == bindparam("case"),
            Slide.id == bindparam("slide"),
            _shown_to(scope.ANYBODY),
        )
        .with_only_columns(Slide.width, Slide.height, Slide.made, Slide.revision)
    )


@cache
def _pack() -> Select[int, str]:
    statement = (
        select(SlidePack.first_tile, SlidePack.storage_key)
        .where(SlidePack.slide_id == bindparam("slide"), SlidePack.first_tile <= bindparam("tile"))
        .order_by(SlidePack.first_tile.desc())
        .limit(1)
    )
    return scope.scoped_children(statement, of="slide")


def slide_of(case: Case, slide_id: int) -> Slide:
    """The row of a slide of a case that was loaded for its viewer; raise `NotFound`."""
    statement = select(Slide).where(Slide.case_id == case.id, Slide.id == slide_id)
    found: Slide | None = db.session.scalar(scope.scoped_children(statement, of="case"))
    if found is None:
        raise NotFound
    return found


def find_same(case_id: int, sha256: str) -> tuple[int, bool] | None:
    """A slide of the same content in a case that the caller has loaded; and whether it is struck.

    Of one that could not be read, nothing: it may be sent again.
    """
    statement = select(Slide.id, Slide.struck_at).where(
        Slide.case_id == case_id, Slide.sha256 == sha256
    )
    row = db.session.execute(scope.scoped_children(statement, of="case")).first()
    return None if row is None else (row.id, row.struck_at is not None)


def pack_keys(slide_id: int) -> Sequence[str]:
    """The blobs of the tiles of a slide that the caller has loaded."""
    statement = select(SlidePack.storage_key).where(SlidePack.slide_id == slide_id)
    return db.session.scalars(scope.scoped_children(statement, of="slide")).all()


_ALL = "tiles are drawn of every slide of every case"


def next_waiting(but: Collection[int]) -> Slide | None:
    """The first slide whose tiles are not all drawn, without some."""
    statement = (
        select(Slide)
        .where(Slide.state == SlideState.WAITING, Slide.id.not_in(but))
        .order_by(Slide.tries, Slide.id)
        .limit(1)
    )
    found: Slide | None = db.session.scalar(scope.unscoped(statement, because=_ALL))
    return found


def waiting_numbers() -> frozenset[int]:
    """Slides whose tiles are not all drawn."""
    statement = select(Slide.id).where(Slide.state == SlideState.WAITING)
    return frozenset(db.session.scalars(scope.unscoped(statement, because=_ALL)))


def waiting_slide(slide_id: int, revision: int) -> Slide | None:
    """The row, locked, if its tiles are still to be drawn as they were begun."""
    statement = (
        select(Slide)
        .where(Slide.id == slide_id, Slide.state == SlideState.WAITING, Slide.revision == revision)
        .with_for_update()
    )
    found: Slide | None = db.session.scalar(scope.unscoped(statement, because=_ALL))
    return found


@dataclass(frozen=True)
class SeriesOfSlide:
    """A DICOM series that is a slide: its objects as they were sent, and who sent it."""

    series_id: int
    case_id: int
    by_user_id: int
    objects: int


def list_series_to_offer(quiet_since: datetime) -> Sequence[SeriesOfSlide]:
    """Series of slides that are not offered yet, or got more objects, and are quiet since then."""
    last = select(func.max(Instance.at)).where(Instance.series_id == Series.id).scalar_subquery()
    statement = (
        select(
            Series.id,
            Series.case_id,
            func.coalesce(Series.by_user_id, Study.by_user_id),
            Series.instance_count,
        )
        .join(Study, Study.id == Series.study_id)
        .outerjoin(Slide, Slide.series_id == Series.id)
        .where(
            Series.modality == SLIDE_MODALITY,
            Series.image_count > 0,
            or_(Slide.id.is_(None), Slide.objects != Series.instance_count),
            last <= quiet_since,
        )
        .order_by(Series.id)
    )
    rows = db.session.execute(scope.unscoped(statement, because=_ALL))
    return [SeriesOfSlide(*row) for row in rows]


def slide_of_series(series_id: int) -> Slide | None:
    """The slide that a series is offered as."""
    statement = select(Slide).where(Slide.series_id == series_id).with_for_update()
    found: Slide | None = db.session.scalar(scope.unscoped(statement, because=_ALL))
    return found


def object_keys(series_id: int) -> Sequence[str]:
    """The objects of a series of a slide as they were sent, the largest picture first."""
    statement = (
        select(Instance.storage_key)
        .where(Instance.series_id == series_id)
        .order_by(Instance.frames.desc(), Instance.size.desc(), Instance.id)
    )
    return db.session.scalars(scope.unscoped(statement, because=_ALL)).all()
