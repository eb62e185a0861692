"""Images of a case: studies and series out of headers, pictures drawn for the page and the room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from mdt.adapters import devices
from mdt.adapters.dicom_ingest import ServedForm
from mdt.adapters.dicom_pixels import render, render_frame
from mdt.adapters.picture_cache import pictures
from mdt.adapters.storage import StoredBlob
from mdt.models.attachments import Instance, InstanceMetadata, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.attachments import (
    ImagePlace,
    SeriesFacts,
    find_image,
    get_series,
    pictures_code,
)
from mdt.queries.sealed_files import NamedPerson, open_people, seal_people
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.completeness import completeness
from mdt.rules.drawing import PICTURE_SIZES, Drawing
from mdt.rules.header_identity import without_identity
from mdt.rules.image_order import StoredSlice, first_pictures, position_along
from mdt.rules.imaging import DicomHeader
from mdt.services.audit_log import record_view_once
from mdt.services.identity_marks import mark_series
from mdt.services.release import hold_at_risk
from mdt.services.served_images import served_columns
from mdt.services.unit_of_work import Work

_ONE_LOOK = timedelta(minutes=10)
#: Far more than a study has; of a disc full of strangers the newest.
_PEOPLE_KEPT = 100
_FACT_LENGTH = 120


def draw_image(
    viewer: Viewer,
    case_id: int,
    series_id: int,
    number: int,
    how: Drawing,
    *,
    now: datetime,
    ahead: bool = False,
) -> tuple[bytes, str]:
    """Draw the ``number``-th picture (from 1) of a series as JPEG; also say which they are.

    Raises `NotFound`, or `FileRefused` where the pixels cannot be read. Side effects: opening a
    series is written down once in ten minutes; thumbnails do not open it. ``ahead``: a browser
    fetches before a conference what nobody looks at yet, and the trail says that instead.
    """
    place = find_image(viewer, case_id, series_id, number)
    # Other cases' objects may lie in the same original, with other rectangles.
    key = (place.served_key or place.storage_key, place.frame, place.boxes, how)
    picture = pictures.get(key, lambda: draw_place(place, how))
    if how.size is None or how.size > PICTURE_SIZES[0]:
        action = AuditAction.SERIES_PREPARE if ahead else AuditAction.SERIES_VIEW
        _note_look(viewer, case_id, series_id, now, action)
    return picture, pictures_code(place.image_count, place.revision)


def draw_place(place: ImagePlace, how: Drawing) -> bytes:
    """Draw from the served form, or from the original until there is one.

    The caller has found the place for its viewer.
    """
    if place.served_key:
        return draw_served(place.served_key, place.spans, place.frame, how)
    # Taken by an earlier version, or taken over, and not prepared yet.
    whole = devices.storage().read(place.storage_key)
    return render(whole, place.frame, replace(how, black=(*place.boxes, *how.black)))


def draw_served(key: str, spans: Sequence[tuple[int, int]], frame: int, how: Drawing) -> bytes:
    """Draw a frame (from 0) of a served form, of which only header and frame are read."""
    storage = devices.storage()
    if len(spans) < 2:
        # Frames of single bits, one beginning within the other's last byte.
        return render(storage.read(key), frame, how)
    header, stored = (storage.read_range(key, *span) for span in (spans[0], spans[1 + frame]))
    return render_frame(header, stored, frame, how)


def open_series(viewer: Viewer, case_id: int, series_id: int, *, now: datetime) -> SeriesFacts:
    """A series that somebody begins to look at. Side effects: an audit row once in ten minutes."""
    series = get_series(viewer, case_id, series_id)
    _note_look(viewer, case_id, series_id, now)
    return series


def _note_look(
    viewer: Viewer,
    case_id: int,
    series_id: int,
    now: datetime,
    action: AuditAction = AuditAction.SERIES_VIEW,
) -> None:
    record_view_once(
        viewer,
        action,
        (Series.__tablename__, series_id),
        now=now,
        within=_ONE_LOOK,
        case_id=case_id,
    )


@dataclass(frozen=True)
class StoredImage:
    """An object whose two blobs are on disk: the file as it was sent, and its served form."""

    header: DicomHeader
    blob: StoredBlob
    served: ServedForm
    served_blob: StoredBlob


def add_images(work: Work, case: Case, images: Sequence[StoredImage]) -> Sequence[int]:
    """Add stored objects to their series, inside the running unit of work.

    Gives the series of each. Side effects: studies and series where they are new; the order of the
    pictures is made anew, as slices arrive in any order.
    """
    if not images:
        return []
    studies = _studies(work, case, images)
    series = _series(work, case, studies, images)
    places = [series[one.header.study_uid, one.header.series_uid] for one in images]
    rows = [_instance(case, row, one, work.now) for row, one in zip(places, images, strict=True)]
    ids = work.session.scalars(
        insert(Instance).returning(Instance.id, sort_by_parameter_order=True), rows
    ).all()
    metadata = [
        {"instance_id": number, "json": one.served.metadata}
        for number, one in zip(ids, images, strict=True)
    ]
    work.session.execute(insert(InstanceMetadata), metadata)
    for row in series.values():
        _count(work, row)
    mark_series(case, [(studies[study], row) for (study, _), row in series.items()])
    for row, one in zip(places, images, strict=True):
        hold_at_risk(row, one.header)
    return [row.id for row in places]


def _studies(work: Work, case: Case, images: Sequence[StoredImage]) -> dict[str, Study]:
    wanted = {one.header.study_uid: one for one in images}
    statement = select(Study).where(Study.case_id == case.id, Study.study_uid.in_(wanted))
    found = {
        row.study_uid: row
        for row in work.session.scalars(scope.scoped_children(statement, of="case"))
    }
    for uid in sorted(wanted):
        own = [one.header for one in images if one.header.study_uid == uid]
        people = open_people(found[uid]) if uid in found else ()
        named = _named(people, own)
        if uid not in found:
            found[uid] = _study(work, case, own[0])
        found[uid].served_uid = wanted[uid].served.study_uid
        if named != people:
            found[uid].sealed_patient = seal_people(case.id, uid, named)
        work.session.add(found[uid])
    work.session.flush()
    return found


def _named(
    before: tuple[NamedPerson, ...], headers: Iterable[DicomHeader]
) -> tuple[NamedPerson, ...]:
    """Everybody whom the headers name, each once, with the series that name them."""
    people = {one.patient: set(one.series_uids) for one in before}
    for header in headers:
        people.setdefault(header.patient, set()).add(header.series_uid)
    named = [NamedPerson(who, frozenset(series)) for who, series in people.items()]
    return tuple(named[-_PEOPLE_KEPT:])


def _study(work: Work, case: Case, header: DicomHeader) -> Study:
    return Study(
        case_id=case.id,
        study_uid=header.study_uid,
        study_date=header.study_date,
        description=_text(header.study_description, header),
        by_user_id=work.viewer.user_id if work.viewer else case.created_by_id,
        at=work.now,
    )


def _series(
    work: Work, case: Case, studies: dict[str, Study], images: Sequence[StoredImage]
) -> dict[tuple[str, str], Series]:
    uids = {study.id: uid for uid, study in studies.items()}
    statement = select(Series).where(Series.study_id.in_(uids))
    rows = work.session.scalars(scope.scoped_children(statement, of="study"))
    known = {(uids[row.study_id], row.series_uid): row for row in rows}
    found = {}
    for one in images:
        key = (one.header.study_uid, one.header.series_uid)
        if key not in known:
            known[key] = _new_series(work, case, studies[one.header.study_uid], one.header)
            work.session.add(known[key])
        known[key].served_uid = one.served.series_uid
        found[key] = known[key]
    work.session.flush()
    return found


def _new_series(work: Work, case: Case, study: Study, header: DicomHeader) -> Series:
    return Series(
        case_id=case.id,
        study_id=study.id,
        series_uid=header.series_uid,
        by_user_id=work.viewer.user_id if work.viewer else case.created_by_id,
        number=header.series_number,
        modality=_text(header.modality, header)[:16].upper(),
        body_part=_text(header.body_part, header)[:40],
        description=_text(header.series_description, header),
        contrast=_text(header.contrast_agent, header),
        header=_facts(header),
    )


def _facts(header: DicomHeader) -> dict[str, object]:
    """What is shown of a series' technique; from its first object, and nothing of the person."""
    return {
        "columns": header.columns,
        "manufacturer": _text(header.manufacturer, header),
        "notes": list(header.notes),
        "orientation": list(header.image_orientation) if header.image_orientation else None,
        "pixel_spacing": list(header.pixel_spacing) if header.pixel_spacing else None,
        "protocol": _text(header.protocol, header),
        "rows": header.rows,
        "slice_thickness": header.slice_thickness,
        "transfer_syntax": header.transfer_syntax_uid,
        "window_center": header.window_center,
        "window_width": header.window_width,
    }


def _text(text: str, header: DicomHeader) -> str:
    plain = without_identity(text.replace("\0", ""), header.patient)
    return plain[:_FACT_LENGTH]


def _instance(case: Case, series: Series, one: StoredImage, now: datetime) -> dict[str, object]:
    header, blob = one.header, one.blob
    return {
        "case_id": case.id,
        "series_id": series.id,
        "sop_uid": header.sop_instance_uid,
        "sop_class_uid": header.sop_class_uid,
        "number": header.instance_number,
        "position": position_along(header, series.header.get("orientation")),
        "rows": max(header.rows, 0),
        "columns": max(header.columns, 0),
        "frames": header.frames,
        "storage_key": blob.key,
        "sha256": blob.sha256,
        "size": blob.size,
        "at": now,
        **served_columns(one.served, one.served_blob),
    }


def _count(work: Work, series: Series) -> None:
    """Order the pictures of a series and count them; only what moved is written."""
    statement = select(
        Instance.id,
        Instance.sop_uid,
        Instance.number,
        Instance.position,
        Instance.rows,
        Instance.columns,
        Instance.frames,
        Instance.first_image,
    ).where(Instance.series_id == series.id)
    rows = work.session.execute(scope.scoped_children(statement, of="series")).all()
    slices = [
        StoredSlice(
            row.id,
            row.sop_uid,
            row.number,
            row.position,
            row.frames if row.rows and row.columns else 0,
        )
        for row in rows
    ]
    places = first_pictures(slices)
    moved = [
        {"id": row.id, "first_image": places[row.id]}
        for row in rows
        if row.first_image != places[row.id]
    ]
    if moved:
        work.session.execute(update(Instance), moved)
    whole = completeness(
        (row.position, row.number)
        for row in rows
        if row.position is not None and row.rows and row.columns and row.frames == 1
    )
    series.slices_missing = whole.missing if whole else None
    series.slices_doubled = whole.doubled if whole else None
    series.instance_count = len(rows)
    series.image_count = sum(one.pictures for one in slices)
