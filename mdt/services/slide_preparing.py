"""Tiles of slides are drawn once, in the background, and kept sealed.

A slide is begun with its coarsest level, so that it can be looked at long before all of it is
there. Each pack of tiles is committed, and the next job goes on after it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import delete

from mdt.adapters import devices
from mdt.adapters.queue import queue
from mdt.adapters.sandbox import SandboxFailure
from mdt.adapters.slide_copies import copy_in
from mdt.adapters.slide_reader import DrawnTiles, draw_tiles, read_slide
from mdt.adapters.storage import BlobError
from mdt.adapters.tile_packs import PACK_BYTES, build_pack
from mdt.models.slides import Slide, SlidePack
from mdt.queries import slides as queries
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.audit import AuditAction
from mdt.rules.jobs import JobName
from mdt.rules.slides import Pyramid, SlideFacts, SlideFormat, SlideState
from mdt.services.slide_sources import fill_copy
from mdt.services.stored_blobs import discard_later
from mdt.services.unit_of_work import Work, begin_reading, unit_of_work

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

#: Of one job: others wait meanwhile.
ONE_JOB = timedelta(seconds=45)
# Objects of a series arrive one after the other.
_QUIET = timedelta(seconds=20)
# A look at an arriving file takes minutes at most.
_LONGEST_LOOK = timedelta(hours=6)
_MOST_TRIES = 3


@dataclass(frozen=True)
class _Begun:
    """A slide as it was when this round began with it."""

    id: int
    case_id: int
    revision: int
    made: int
    facts: SlideFacts


def prepare_slides(*, clock: Clock) -> None:
    """Draw tiles that are missing, for as long as one job may take; another one goes on.

    Side effects: blobs, rows; an audit row for each slide that is whole; working copies of slides
    come and go.
    """
    until = clock() + ONE_JOB
    offer_series(now=clock())
    done: set[int] = set()
    while True:
        begin_reading()
        slide = queries.next_waiting(done)
        if slide is None:
            break
        if clock() >= until:
            queue().put(JobName.SLIDES_PREPARE)
            break
        done.add(slide.id)
        _prepare(slide, until, clock)
    _sweep(clock())


def offer_series(*, now: datetime) -> None:
    """Let DICOM series of slides be slides; one that got more objects is begun anew.

    Side effects: rows, and what was drawn of the latter goes.
    """
    begin_reading()
    found = queries.list_series_to_offer(now - _QUIET)
    for one in found:
        with unit_of_work(None, AuditAction.SLIDE_PREPARE, now=now) as work:
            work.silent = True
            slide = queries.slide_of_series(one.series_id)
            if slide is None:
                slide = Slide(
                    case_id=one.case_id,
                    series_id=one.series_id,
                    format=SlideFormat.DICOM.value,
                    by_user_id=one.by_user_id,
                    at=now,
                )
                work.session.add(slide)
            else:
                _begin_anew(work, slide)
            slide.objects = one.objects


def _begin_anew(work: Work, slide: Slide) -> None:
    discard_later(work, queries.pack_keys(slide.id))
    work.session.execute(delete(SlidePack).where(SlidePack.slide_id == slide.id))
    slide.state, slide.failure, slide.tries = SlideState.WAITING.value, "", 0
    slide.made = slide.made_bytes = slide.width = slide.height = 0
    slide.revision += 1
    number = slide.id
    work.after_commit(lambda: devices.slide_copies().drop(number))


def _prepare(slide: Slide, until: datetime, clock: Clock) -> None:
    """Draw tiles of one slide; what keeps it from being drawn is noted."""
    number, revision = slide.id, slide.revision
    copies = devices.slide_copies()
    with copies.held(number) as folder:
        if folder is None:
            return
        try:
            path = copy_in(folder, partial(fill_copy, slide))
            whole = _draw(_begin(slide, path, clock()), path, until, clock)
        except FileRefused as refused:
            passing = isinstance(refused, SandboxFailure) and refused.passing
            whole = _note_failure(number, revision, refused.refusal, clock(), passing=passing)
        except BlobError as error:
            log.exception("slide %s: %s", number, error.code)
            whole = _note_failure(number, revision, Refusal.READING_CRASHED, clock(), passing=True)
    if whole:
        copies.drop(number)


def _begin(slide: Slide, path: Path, now: datetime) -> _Begun:
    """What is known of the slide; its size is read where nobody has yet."""
    facts = SlideFacts(slide.width, slide.height, slide.mpp, slide.objective, slide.vendor)
    if not facts.width:
        facts = read_slide(path)
        with unit_of_work(None, AuditAction.SLIDE_PREPARE, now=now) as work:
            work.silent = True
            row = queries.waiting_slide(slide.id, slide.revision)
            if row is not None:
                row.width, row.height, row.vendor = facts.width, facts.height, facts.vendor
                row.mpp, row.objective = facts.mpp, facts.objective
    return _Begun(slide.id, slide.case_id, slide.revision, slide.made, facts)


def _draw(begun: _Begun, path: Path, until: datetime, clock: Clock) -> bool:
    """Draw pack after pack; true when there is nothing left to do."""
    pyramid, made = Pyramid(begun.facts.width, begun.facts.height), begun.made
    while made < pyramid.count:
        if clock() >= until:
            return False
        tiles = draw_tiles(path, made, PACK_BYTES)
        if not _keep(begun, pyramid, made, tiles, clock()):
            return True
        made += len(tiles.lengths)
    return True


def _keep(begun: _Begun, pyramid: Pyramid, first: int, tiles: DrawnTiles, now: datetime) -> bool:
    """Store a pack; false where the slide is gone, or others draw it."""
    pack = build_pack(tiles.data, tiles.lengths)
    blob = devices.storage().put(pack)
    with unit_of_work(None, AuditAction.SLIDE_PREPARE, now=now) as work:
        row = queries.waiting_slide(begun.id, begun.revision)
        work.silent = True
        if row is None or row.made != first:
            discard_later(work, [blob.key])
            return False
        count = len(tiles.lengths)
        work.session.add(
            SlidePack(
                case_id=begun.case_id,
                slide_id=begun.id,
                first_tile=first,
                tiles=count,
                storage_key=blob.key,
            )
        )
        row.made += count
        row.made_bytes += blob.size
        row.tries = 0
        if row.made >= pyramid.count:
            row.state = SlideState.READY.value
            work.silent = False
            work.about(row, case_id=row.case_id, tiles=row.made)
    return True


def _note_failure(
    number: int, revision: int, refusal: Refusal, now: datetime, *, passing: bool
) -> bool:
    """Give the slide up, or let it be tried again; true when there is nothing left to do."""
    with unit_of_work(None, AuditAction.SLIDE_PREPARE, now=now) as work:
        work.silent = True
        row = queries.waiting_slide(number, revision)
        if row is None:
            return True
        row.tries += 1
        if passing and row.tries < _MOST_TRIES:
            return False
        row.state, row.failure = SlideState.FAILED.value, refusal.value
        work.silent = False
        work.about(row, case_id=row.case_id, tiles=row.made)
        return True


def _sweep(now: datetime) -> None:
    begin_reading()
    before = (now - _LONGEST_LOOK).timestamp()
    devices.slide_copies().sweep(queries.waiting_numbers(), before=before)
