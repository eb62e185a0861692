"""Slides of a case: looked at tile by tile, described, taken back, struck out, restored."""

from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import delete

from mdt.adapters import devices
from mdt.adapters.picture_cache import pictures
from mdt.adapters.tile_packs import read_tile
from mdt.models.marks import KeyImage, Mark
from mdt.models.slides import Slide, SlidePack
from mdt.queries.attachments import file_rights, is_own_case
from mdt.queries.cases import get_case, get_case_as_doctor
from mdt.queries.slides import SlideLine, find_tile, get_slide, pack_keys, slide_of
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.content.reasons import LONGEST_STRIKE_REASON, checked_words
from mdt.rules.errors import Forbidden, NotFound, Refused
from mdt.rules.slides import clean_label
from mdt.services.attachments import check_may_add
from mdt.services.audit_log import record_view, record_view_once
from mdt.services.stored_blobs import discard_later
from mdt.services.unit_of_work import unit_of_work

_ONE_LOOK = timedelta(minutes=10)


def open_slide(viewer: Viewer, case_id: int, slide_id: int, *, now: datetime) -> SlideLine:
    """A slide that somebody begins to look at. Side effects: an audit row once in ten minutes."""
    slide = get_slide(viewer, case_id, slide_id)
    _note_look(viewer, case_id, slide_id, now)
    return slide


def draw_tile(
    viewer: Viewer,
    case_id: int,
    slide_id: int,
    level: int,
    column: int,
    row: int,
    *,
    now: datetime,
) -> tuple[bytes, int]:
    """A tile as JPEG, and the revision of the slide that it is of.

    Raises `NotFound` also where it is not drawn yet. Side effects: opening a slide is written down
    once in ten minutes; its coarsest tile, which is the thumbnail, does not open it.
    """
    place = find_tile(viewer, case_id, slide_id, level, column, row)
    key = (place.key, place.number)
    tile = pictures.get(key, lambda: read_tile(devices.storage(), place.key, place.number))
    if level:
        _note_look(viewer, case_id, slide_id, now)
    return tile, place.revision


def _note_look(viewer: Viewer, case_id: int, slide_id: int, now: datetime) -> None:
    thing = (Slide.__tablename__, slide_id)
    looks = devices.remembered_looks()
    if not looks.is_new(viewer.user_id, thing, now=now, within=_ONE_LOOK):
        return
    try:
        record_view_once(
            viewer, AuditAction.SLIDE_VIEW, thing, now=now, within=_ONE_LOOK, case_id=case_id
        )
    except BaseException:
        looks.forget(viewer.user_id, thing)
        raise


def open_original(
    viewer: Viewer, case_id: int, slide_id: int, *, now: datetime
) -> tuple[BinaryIO, str]:
    """The file as it was sent, and the case's number; the own hospital's alone.

    Raises `NotFound`, also for a slide that lies in the case as DICOM objects, and `Forbidden`.
    Side effects: one audit row.
    """
    case = get_case(viewer, case_id)
    if not is_own_case(viewer, case):
        raise Forbidden
    slide = slide_of(case, slide_id)
    if slide.storage_key is None:
        raise NotFound
    record_view(viewer, AuditAction.SLIDE_VIEW, slide, now=now, case_id=case.id, original=True)
    return devices.storage().open(slide.storage_key), case.number


def describe_slide(
    viewer: Viewer, case_id: int, slide_id: int, stain: str, block: str, *, now: datetime
) -> None:
    """Say how a slide is stained and of which block it is. Side effects: row, audit row."""
    with unit_of_work(viewer, AuditAction.ATTACHMENT_EDIT, now=now) as work:
        case = get_case(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        slide = slide_of(case, slide_id)
        slide.stain, slide.block = clean_label(stain), clean_label(block)
        work.about(slide, case_id=case.id)


def take_back_slide(viewer: Viewer, case_id: int, slide_id: int, *, now: datetime) -> None:
    """Remove a slide that was attached by mistake, while nobody has prepared on it.

    Raises `Refused("attachment_listed")` once the case was on an agenda, and
    `Refused("slide_of_series")` for what goes with its series. Side effects: the row, and after the
    commit the bytes, are gone; one audit row.
    """
    with unit_of_work(viewer, AuditAction.ATTACHMENT_TAKE_BACK, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        if not file_rights(viewer, case).take_back:
            raise Refused("attachment_listed")
        slide = slide_of(case, slide_id)
        if slide.series_id is not None:
            raise Refused("slide_of_series")
        work.about(slide, case_id=case.id)
        keys = [*pack_keys(slide.id), *([slide.storage_key] if slide.storage_key else [])]
        for marked in (Mark, KeyImage):
            work.session.execute(delete(marked).where(marked.slide_id == slide.id))
        work.session.execute(delete(SlidePack).where(SlidePack.slide_id == slide.id))
        work.session.delete(slide)
        discard_later(work, keys)
        work.after_commit(lambda: devices.slide_copies().drop(slide_id))


def strike_slide(
    viewer: Viewer, case_id: int, slide_id: int, reason: str, *, now: datetime
) -> None:
    """Strike a slide out: it stays, is shown as struck to its own hospital, and counts no more.

    Raises `Invalid` without a reason. Side effects: row, one audit row.
    """
    words = checked_words(reason, longest=LONGEST_STRIKE_REASON, missing="strike_reason_required")
    with unit_of_work(viewer, AuditAction.ATTACHMENT_STRIKE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        slide = slide_of(case, slide_id)
        if slide.struck_at is not None:
            raise Refused("attachment_struck")
        slide.struck_at, slide.struck_by_id = now, viewer.user_id
        slide.struck_reason = words
        work.about(slide, case_id=case.id)


def restore_slide(viewer: Viewer, case_id: int, slide_id: int, *, now: datetime) -> None:
    """Undo a strike that was a mistake. Side effects: row, one audit row."""
    with unit_of_work(viewer, AuditAction.ATTACHMENT_RESTORE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        slide = slide_of(case, slide_id)
        if slide.struck_at is None:
            raise Refused("attachment_not_struck")
        slide.struck_at = slide.struck_by_id = None
        slide.struck_reason = ""
        work.about(slide, case_id=case.id)
