"""Segmentations, structure sets and presentation states over the pictures that they belong to.

They are read out of their served form when somebody asks, and what was read is kept in memory.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mdt.adapters import devices
from mdt.adapters.overlay_reader import read_overlay
from mdt.adapters.picture_cache import pictures
from mdt.queries.attachments import SeriesFacts, get_series
from mdt.queries.overlays import DerivedObject, get_base, list_derived
from mdt.rules.access import Viewer
from mdt.rules.attachments import PASSING, FileRefused
from mdt.rules.overlays import (
    BYTES_LIMIT,
    Base,
    Laid,
    NotShown,
    kind_of,
    lay,
    not_shown,
    refers_to,
    segments_of,
)
from mdt.services.imaging import open_series

_SERIES_LIMIT = 100


@dataclass(frozen=True)
class Overlay:
    """A derived series: what it draws over another one, or why nothing of it is shown.

    ``segments`` have ``number`` (over all of its objects), ``label`` and ``colour``.
    """

    series: SeriesFacts
    kind: str
    segments: list[dict[str, Any]] = field(default_factory=list)
    why_not: NotShown | None = None


@dataclass(frozen=True)
class OverlayContent:
    """What a derived series draws over the pictures of another; see `mdt.rules.overlays.Laid`.

    ``cut``: it holds more than is read.
    """

    overlay: Overlay
    laid: Laid
    cut: bool


def list_overlays(viewer: Viewer, case_id: int, series_id: int) -> Sequence[Overlay]:
    """What is there to be drawn over a series, and what of its study is not shown at all.

    Raises `NotFound` for a series that the viewer does not see.
    """
    study_id, base = get_base(viewer, case_id, series_id)
    found = []
    for number, objects in _by_series(list_derived(viewer, case_id)).items():
        if number == series_id:
            continue
        one = _overlay(viewer, case_id, objects, base)
        if one is not None and (one.why_not is None or objects[0].study_id == study_id):
            found.append(one)
    return found


def read_overlays(
    viewer: Viewer, case_id: int, series_id: int, derived_id: int, *, now: datetime
) -> OverlayContent:
    """What a derived series draws over the pictures of a series.

    Empty where the one does not refer to the other. Raises `NotFound` unless the viewer sees both.
    Side effects: an audit row for the derived series, once in ten minutes.
    """
    _, base = get_base(viewer, case_id, series_id)
    facts = open_series(viewer, case_id, derived_id, now=now)
    objects = list_derived(viewer, case_id, derived_id)
    overlay = _overlay(viewer, case_id, objects, base) if objects else None
    if overlay is None or overlay.why_not is not None:
        return OverlayContent(Overlay(facts, ""), Laid([], {}, 0), cut=False)
    pictures_: dict[str, dict[str, list[dict[str, Any]]]] = {}
    left_out, first, cut = 0, 0, False
    for found in _referring(objects, base):
        laid = lay(found, base)
        numbers = _numbers(laid.segments, first)
        for uid, frames in laid.pictures.items():
            for frame, drawings in frames.items():
                renumbered = [{**one, "segment": numbers[one["segment"]]} for one in drawings]
                pictures_.setdefault(uid, {}).setdefault(frame, []).extend(renumbered)
        left_out += laid.left_out
        first += len(laid.segments)
        cut = cut or found["cut"]
    return OverlayContent(overlay, Laid(overlay.segments, pictures_, left_out), cut)


def _overlay(
    viewer: Viewer, case_id: int, objects: Sequence[DerivedObject], base: Base
) -> Overlay | None:
    """A derived series as it is for another one; nothing where it is none of its business."""
    kind = kind_of(objects[0].sop_class_uid)
    if kind is None:
        reason = not_shown(objects[0].sop_class_uid)
        facts = get_series(viewer, case_id, objects[0].series_id)
        return Overlay(facts, "", why_not=reason) if reason else None
    referring, reasons = [], set()
    for one in objects:
        found = _read(one)
        if isinstance(found, NotShown):
            reasons.add(found)
        elif refers_to(found, base):
            referring.append(found)
    if not referring and not reasons:
        return None
    facts = get_series(viewer, case_id, objects[0].series_id)
    if not referring:
        return Overlay(facts, kind.value, why_not=min(reasons))
    segments: list[dict[str, Any]] = []
    for found in referring:
        own = segments_of(found)
        numbers = _numbers(own, len(segments))
        segments += [{**one, "number": numbers[one["number"]]} for one in own]
    return Overlay(facts, kind.value, segments)


def _numbers(segments: Sequence[Mapping[str, Any]], first: int) -> Mapping[int, int]:
    """Numbers that are unique over several objects, by those of the object itself."""
    return _Numbered({one["number"]: first + at for at, one in enumerate(segments, start=1)})


class _Numbered(dict[int, int]):
    def __missing__(self, number: int) -> int:
        # Drawn for a segment that is not described: switched with the first.
        return next(iter(self.values()), 1)


def _referring(objects: Sequence[DerivedObject], base: Base) -> list[Mapping[str, Any]]:
    read = [_read(one) for one in objects]
    return [one for one in read if not isinstance(one, NotShown) and refers_to(one, base)]


def _read(one: DerivedObject) -> Mapping[str, Any] | NotShown:
    if one.size > BYTES_LIMIT:
        return NotShown.TOO_BIG
    try:
        text = pictures.get((one.key, "overlay"), lambda: _drawn(one.key))
    except FileRefused:
        return NotShown.UNREADABLE
    found: Mapping[str, Any] | None = json.loads(text)
    return found or NotShown.UNREADABLE


def _drawn(key: str) -> bytes:
    """The object as JSON; ``null`` for one that cannot be read, which is not tried again."""
    try:
        return read_overlay(devices.storage().read(key))
    except FileRefused as error:
        if error.refusal in PASSING:
            raise
        return b"null"


def _by_series(objects: Sequence[DerivedObject]) -> dict[int, list[DerivedObject]]:
    found: dict[int, list[DerivedObject]] = {}
    for one in objects:
        if one.series_id in found or len(found) < _SERIES_LIMIT:
            found.setdefault(one.series_id, []).append(one)
    return found
