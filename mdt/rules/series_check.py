"""Each series of a case against the checklist: one light and one thing to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mdt.rules.conditions import Facts
from mdt.rules.content.checklists import ChecklistItem, ItemKind, Level, checklist
from mdt.rules.header_identity import years_before
from mdt.rules.pictures import (
    Document,
    Finding,
    Picture,
    Series,
    names_region,
    pictures,
    proof_by_picture,
    shows,
)
from mdt.rules.readiness import Light
from mdt.rules.wording import is_aid

_SHOWN_IN_SERIES = frozenset({"CR", "CT", "DX", "MG", "MR", "NM", "PT", "PX", "RF", "US", "XA"})


class SeriesNote(StrEnum):
    """What is said of a series beside the findings of its item. The words are in ``mdt.web``."""

    AGEING = "ageing"
    AID = "aid"
    LONG_BEFORE = "long_before"
    NOT_ASKED = "not_asked"
    OF_ANOTHER = "of_another"
    PART_UNKNOWN = "part_unknown"


@dataclass(frozen=True, slots=True)
class Days:
    """The days that ages are counted to; ``meets_on`` is the conference, or today without one."""

    submitted_on: date
    meets_on: date
    diagnosed_on: date | None = None


@dataclass(frozen=True, slots=True)
class SeriesCheck:
    """One series: ``item`` is what it serves best, if anything.

    ``age`` is its age in days on the day of the conference, ``before_diagnosis`` how many days
    before the diagnosis it was taken (negative: after); empty where a day is not known.
    """

    light: Light
    note: Finding | SeriesNote
    item: ChecklistItem | None = None
    age: int | None = None
    before_diagnosis: int | None = None
    reported: bool = False


def check_series(
    tumour_type: str,
    facts: Facts,
    series: Sequence[Series],
    documents: Sequence[Document],
    days: Days,
) -> tuple[SeriesCheck, ...]:
    """Judge every series, in the order given; ``tumour_type`` may be empty."""
    items = _items(tumour_type, facts) if tumour_type else ()
    told = iter(pictures([one for one in series if _counts(one)], documents))
    return tuple(
        _check(items, facts, one, next(told) if _counts(one) else None, days) for one in series
    )


def _counts(series: Series) -> bool:
    """It shows something, and of this patient."""
    shown = series.modality in _SHOWN_IN_SERIES and not is_aid(series.description)
    return shown and not series.of_another


def _items(tumour_type: str, facts: Facts) -> tuple[ChecklistItem, ...]:
    """Items of imaging that the case is asked for, or may be."""
    return tuple(
        item
        for item in checklist(tumour_type)
        if item.kind == ItemKind.IMAGING and item.condition.holds(facts) is not False
    )


def _check(
    items: Sequence[ChecklistItem],
    facts: Facts,
    series: Series,
    picture: Picture | None,
    days: Days,
) -> SeriesCheck:
    if series.of_another:
        return _dated(Light.RED, SeriesNote.OF_ANOTHER, None, series, days, reported=False)
    if picture is None:
        return _dated(Light.OFF, SeriesNote.AID, None, series, days, reported=False)
    found = [
        (proof_by_picture(item, picture, days.submitted_on).finding, item)
        for item in items
        if shows(item, picture)
    ]
    if not found:
        note = _unasked(items, picture)
        light = Light.AMBER if note is SeriesNote.PART_UNKNOWN else Light.OFF
        return _dated(light, note, None, series, days, reported=picture.reported)
    # What is surely owed speaks first: a plain CT may do for an item that nobody asks for.
    finding, item = min(
        found, key=lambda one: (not _owed(one[1], facts), one[0].rank, one[1].level)
    )
    said = _beyond(finding, item, series, days)
    light = _light(said, item, facts)
    return _dated(light, said, item, series, days, reported=picture.reported)


def _unasked(items: Sequence[ChecklistItem], picture: Picture) -> SeriesNote:
    wanted = any(picture.modalities & set(item.modalities) for item in items)
    unknown = wanted and not names_region(picture)
    return SeriesNote.PART_UNKNOWN if unknown else SeriesNote.NOT_ASKED


def _beyond(
    finding: Finding, item: ChecklistItem, series: Series, days: Days
) -> Finding | SeriesNote:
    """What is to be said of the age of a series that has nothing else to be said of."""
    if finding is not Finding.PRESENT or series.taken_on is None:
        return finding
    if years_before(series.taken_on, days.diagnosed_on):
        return SeriesNote.LONG_BEFORE
    limit = item.max_age_days
    too_old = limit is not None and (days.meets_on - series.taken_on).days > limit
    return SeriesNote.AGEING if too_old else finding


def _light(note: Finding | SeriesNote, item: ChecklistItem, facts: Facts) -> Light:
    if note is Finding.PRESENT:
        return Light.GREEN
    lacking = isinstance(note, Finding) and note.lacking
    return Light.RED if lacking and _owed(item, facts) else Light.AMBER


def _owed(item: ChecklistItem, facts: Facts) -> bool:
    """Required, and surely so in this case."""
    return item.level == Level.REQUIRED and item.condition.holds(facts) is True


def _dated(
    light: Light,
    note: Finding | SeriesNote,
    item: ChecklistItem | None,
    series: Series,
    days: Days,
    *,
    reported: bool,
) -> SeriesCheck:
    taken, diagnosed = series.taken_on, days.diagnosed_on
    return SeriesCheck(
        light=light,
        note=note,
        item=item,
        age=(days.meets_on - taken).days if taken else None,
        before_diagnosis=(diagnosed - taken).days if taken and diagnosed else None,
        reported=reported,
    )
