"""Files of a case one by one: documents, series, where each picture lies, and who may do what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import contains_eager

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.cases import is_doctor_of, knows_patient, sees_identity
from mdt.queries.held import is_held, shown_to
from mdt.rules.access import CLINICAL_ROLES, Viewer
from mdt.rules.attachments import may_take_back
from mdt.rules.black_out import FrameBox, frame_boxes
from mdt.rules.case_state import LISTED, LOCKED
from mdt.rules.errors import NotFound
from mdt.rules.image_words import known_code, known_facts, known_words
from mdt.rules.orientation import EdgeLetters, edge_letters
from mdt.rules.series_labels import (
    NO_LABEL,
    SeriesLabel,
    described_label,
    header_label,
    label_of_series,
)


@dataclass(frozen=True)
class FileRights:
    """What this viewer may do with the files of a case."""

    add: bool
    take_back: bool
    strike: bool
    originals: bool
    names: bool


@dataclass(frozen=True)
class SeriesFacts:
    """A series as pages and the live room show it; nothing of it names the patient.

    Who may not know the patient gets only known words of technique and body: people type into
    headers whatever they like.
    ``image_count`` pictures are addressed by 1 to ``image_count``; ``facts`` are of the header:
    lengths in mm, window in units of the modality. ``body_part`` and ``enhanced`` are what counts,
    ``read`` and ``contrast`` (the agent) what the header says. ``added_by`` sent its first object.
    """

    id: int
    case_id: int
    study_date: date | None
    study_description: str
    number: int | None
    modality: str
    body_part: str
    description: str
    contrast: str
    image_count: int
    object_count: int
    facts: dict[str, object]
    struck_at: datetime | None = None
    struck_by: str = ""
    struck_reason: str = ""
    enhanced: bool | None = None
    read: SeriesLabel = NO_LABEL
    risk: str = ""
    held: bool = False
    revision: int = 0
    unconfirmed: bool = False
    added_by: str = ""

    @property
    def withheld(self) -> bool:
        """Not everybody at the table sees it yet."""
        return self.held or self.unconfirmed

    @property
    def pictures(self) -> str:
        """Which pictures these are: another text once one was added or changed."""
        return pictures_code(self.image_count, self.revision)

    @property
    def described(self) -> bool:
        """A doctor said what it shows."""
        return described_label(self.facts) is not None

    @property
    def title(self) -> str:
        """The machine's description, else what was taken of what."""
        return self.description or f"{self.modality} {self.body_part}".strip()

    @property
    def middle(self) -> int:
        """The picture that stands for the series."""
        return (self.image_count + 1) // 2


@dataclass(frozen=True)
class ImagePlace:
    """Where a picture lies: the blobs, the frame in them (0-based), how many the series has.

    ``rows`` and ``columns`` are its size in pixels. ``served_key`` is empty where there is no
    served form (yet); ``spans`` and ``boxes`` as in `mdt.models.attachments.Instance`.
    ``revision`` is the series', of its pictures.
    """

    series_id: int
    instance_id: int
    number: int
    storage_key: str
    frame: int
    image_count: int
    revision: int
    rows: int
    columns: int
    served_key: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    boxes: tuple[FrameBox, ...] = ()


@dataclass(frozen=True)
class OrientationMarks:
    """Letters at the edges of a series' pictures; not of those (0-based) in ``without``."""

    letters: EdgeLetters
    without: tuple[int, ...]


def file_rights(viewer: Viewer, case: Case) -> FileRights:
    """Decide from a case that was loaded with its history."""
    doctor = is_doctor_of(viewer, case)
    return FileRights(
        add=doctor and takes_files(case),
        take_back=doctor and may_take_back(case.state) and not was_listed(case),
        strike=doctor,
        originals=is_own_case(viewer, case),
        names=sees_identity(viewer, case),
    )


def takes_files(case: Case) -> bool:
    """Whether the doctors of its hospital may attach files to the case as it is now."""
    return case.state not in LOCKED


def was_listed(case: Case) -> bool:
    """Whether the case ever stood on an agenda: others have prepared on its files."""
    return any(step.to_state in LISTED for step in case.steps)


def is_own_case(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer treats patients at the case's hospital."""
    return case.hospital_id in viewer.hospitals_as(*CLINICAL_ROLES)


def list_series(viewer: Viewer, case_id: int) -> tuple[SeriesFacts, ...]:
    """Series with pictures that are not struck out, the newest study first, by number."""
    statement = _visible_series(viewer).where(
        Series.case_id == case_id, Series.struck_at.is_(None), Series.image_count > 0
    )
    return tuple(_facts_for(viewer, *row) for row in db.session.execute(statement))


def get_series(viewer: Viewer, case_id: int, series_id: int) -> SeriesFacts:
    """One series, struck or not; `NotFound` where the viewer may not see it."""
    statement = _visible_series(viewer).where(Series.case_id == case_id, Series.id == series_id)
    row = db.session.execute(statement).first()
    if row is None:
        raise NotFound
    return _facts_for(viewer, *row)


def series_of(case: Case, series_id: int) -> Series:
    """The row of a series of a case that was loaded for its viewer; raise `NotFound`."""
    statement = select(Series).where(Series.case_id == case.id, Series.id == series_id)
    found: Series | None = db.session.scalar(scope.scoped_children(statement, of="case"))
    if found is None:
        raise NotFound
    return found


def _facts_for(viewer: Viewer, row: Series, hospital_id: int, team_id: int | None) -> SeriesFacts:
    return series_facts(row, named=knows_patient(viewer, hospital_id, team_id))


def pictures_code(image_count: int, revision: int) -> str:
    """What an address says so that it names these very pictures of a series."""
    return f"{image_count}.{revision}" if revision else str(image_count)


def find_image(viewer: Viewer, case_id: int, series_id: int, number: int) -> ImagePlace:
    """Where the ``number``-th picture (from 1) of a series lies; `NotFound` beyond the last."""
    row = db.session.execute(
        scope.of_visible_case(viewer, Instance)
        .join(Series, Series.id == Instance.series_id)
        .where(
            Instance.case_id == case_id,
            Instance.series_id == series_id,
            Instance.first_image < number,
            _unstruck(viewer, Series),
        )
        .order_by(Instance.first_image.desc())
        .limit(1)
        .with_only_columns(
            Instance.id,
            Instance.storage_key,
            Instance.served_key,
            Instance.frame_spans,
            Instance.black_boxes,
            Instance.first_image,
            Instance.rows,
            Instance.columns,
            Series.image_count,
            Series.revision,
        )
    ).first()
    if row is None or not 1 <= number <= row.image_count:
        raise NotFound
    return ImagePlace(
        series_id=series_id,
        instance_id=row.id,
        number=number,
        storage_key=row.storage_key,
        frame=number - 1 - row.first_image,
        image_count=row.image_count,
        revision=row.revision,
        rows=row.rows,
        columns=row.columns,
        served_key=row.served_key or "",
        spans=tuple((offset, length) for offset, length in row.frame_spans or ()),
        boxes=frame_boxes(row.black_boxes),
    )


def orientation_marks(viewer: Viewer, series: SeriesFacts) -> OrientationMarks | None:
    """Where the patient's sides are, from the direction that the series is measured by.

    Kept for the series only: a slice in another plane, and the later pictures of an object of many,
    may lie otherwise and get no letters rather than wrong ones.
    """
    orientation = series.facts.get("orientation")
    letters = edge_letters(orientation if isinstance(orientation, list) else None)
    if letters is None:
        return None
    rows = db.session.execute(
        scope.of_visible_case(viewer, Instance)
        .where(
            Instance.case_id == series.case_id,
            Instance.series_id == series.id,
            Instance.first_image.is_not(None),
            or_(Instance.position.is_(None), Instance.frames > 1),
        )
        .order_by(Instance.first_image)
        .with_only_columns(Instance.first_image, Instance.position, Instance.frames)
    )
    without: list[int] = []
    for first, position, frames in rows:
        begin = first or 0
        without += range(begin if position is None else begin + 1, begin + frames)
    return OrientationMarks(letters, tuple(without))


def list_objects(viewer: Viewer, case_id: int, series_id: int) -> Sequence[tuple[str, int]]:
    """Blob and size in bytes of each object of a series, in the order of its pictures."""
    rows = db.session.execute(
        scope.of_visible_case(viewer, Instance)
        .where(Instance.case_id == case_id, Instance.series_id == series_id)
        .order_by(Instance.first_image, Instance.number, Instance.id)
        .with_only_columns(Instance.storage_key, Instance.size)
    ).all()
    return [(row.storage_key, row.size) for row in rows]


def blob_keys(viewer: Viewer, case_id: int, series_id: int) -> Sequence[str]:
    """Every blob of the objects of a series: as they were sent, and their served forms."""
    rows = db.session.execute(
        scope.of_visible_case(viewer, Instance)
        .where(Instance.case_id == case_id, Instance.series_id == series_id)
        .with_only_columns(Instance.storage_key, Instance.served_key)
    ).all()
    return [key for row in rows for key in row if key]


def get_document(viewer: Viewer, case_id: int, attachment_id: int) -> Attachment:
    """A document that the viewer may look at.

    A struck one only inside the own hospital, one that waits for release where the patient may be
    known.
    """
    found: Attachment | None = db.session.scalar(
        scope.of_visible_case(viewer, Attachment).where(
            Attachment.case_id == case_id,
            Attachment.id == attachment_id,
            _unstruck(viewer, Attachment),
        )
    )
    if found is None:
        raise NotFound
    return found


def _visible_series(viewer: Viewer) -> Select[Series, int, int | None]:
    """Series with hospital and team of their case."""
    return (
        scope.of_visible_case(viewer, Series)
        .join(Study, Study.id == Series.study_id)
        .options(contains_eager(Series.study))
        .where(_unstruck(viewer, Series))
        .order_by(Study.study_date.desc().nulls_last(), Study.id.desc(), Series.number, Series.id)
        .add_columns(Case.hospital_id, Case.team_id)
    )


def _unstruck(viewer: Viewer, table: type[Attachment | Series]) -> ColumnElement[bool]:
    """Neither struck out nor waiting for release, but for those who see that, too."""
    own = Case.hospital_id.in_(viewer.hospitals_as(*CLINICAL_ROLES))
    return and_(or_(table.struck_at.is_(None), own), shown_to(viewer, table))


def series_facts(row: Series, names: dict[int, str] | None = None, *, named: bool) -> SeriesFacts:
    """A loaded series as it is shown; ``names`` of people by their id.

    ``named`` says that the viewer may know the patient (`mdt.queries.cases.sees_identity`).
    """
    label = label_of_series(row.body_part, row.contrast, row.header)
    facts = SeriesFacts(
        id=row.id,
        case_id=row.case_id,
        study_date=row.study.study_date,
        study_description=row.study.description,
        number=row.number,
        modality=row.modality,
        body_part=label.body_part,
        description=row.description,
        contrast=row.contrast,
        image_count=row.image_count,
        object_count=row.instance_count,
        facts=row.header,
        struck_at=row.struck_at,
        struck_by=(names or {}).get(row.struck_by_id or 0, ""),
        struck_reason=row.struck_reason,
        enhanced=label.contrast,
        read=header_label(row.body_part, row.contrast),
        risk=row.risk,
        held=is_held(row),
        revision=row.revision,
        unconfirmed=bool(row.unconfirmed),
        added_by=(names or {}).get(row.by_user_id or row.study.by_user_id, ""),
    )
    return facts if named else _without_person(facts)


def _without_person(facts: SeriesFacts) -> SeriesFacts:
    return replace(
        facts,
        modality=known_code(facts.modality),
        body_part=known_code(facts.body_part),
        study_description=known_words(facts.study_description),
        description=known_words(facts.description),
        contrast=known_words(facts.contrast),
        facts=known_facts(facts.facts),
        read=NO_LABEL,
    )
