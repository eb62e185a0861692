"""Pictures and reports about them: what they show, and how well they prove an item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from mdt.rules import wording
from mdt.rules.completeness import Completeness
from mdt.rules.content.checklists import ChecklistItem, Contrast

#: A report of the same kind that is farther away is another examination's.
REPORT_WITHIN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Document:
    """An attached document: its type, the day of what it reports, and its title or file name."""

    document_type: str
    dated_on: date | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A DICOM series by its header; ``contrast`` is ``None`` where the header does not say.

    ``protocol`` and ``study`` are the names of the protocol and of the study, which say what the
    series' own description leaves open. ``whole`` is ``None`` where gaps can't be seen.
    ``of_another``: a header names somebody else, and no doctor has said that it is the patient.
    """

    modality: str
    body_part: str = ""
    description: str = ""
    contrast: bool | None = None
    taken_on: date | None = None
    protocol: str = ""
    study: str = ""
    whole: Completeness | None = None
    of_another: bool = False
    #: Thickness of its slices in mm, where the header says it.
    thickness: float | None = None


class Finding(StrEnum):
    """What was found of an item, from the best to the worst."""

    PRESENT = "present"
    PICTURES_ONLY = "pictures_only"
    SLICES_DOUBLED = "slices_doubled"
    SLICES_THICK = "slices_thick"
    REPORT_ONLY = "report_only"
    CONTRAST_UNKNOWN = "contrast_unknown"
    DATE_UNKNOWN = "date_unknown"
    REPORT_LACKING = "report_lacking"
    SLICES_MISSING = "slices_missing"
    INCOMPLETE = "incomplete"
    UNCONFIRMED = "unconfirmed"
    SERIES_TORN = "series_torn"
    TOO_OLD = "too_old"
    CONTRAST_LACKING = "contrast_lacking"
    MISSING = "missing"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(Finding).index(self)

    @property
    def lacking(self) -> bool:
        """The item is not there, or not in a form that counts."""
        return self.rank >= Finding.SERIES_TORN.rank


@dataclass(frozen=True, slots=True)
class Proof:
    """How well an item is proved, and the day of what proves it."""

    finding: Finding
    on: date | None = None


NOTHING = Proof(Finding.MISSING)

_REPORTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ct_report": frozenset({"CT"}),
        "mg_report": frozenset({"MG"}),
        "mr_report": frozenset({"MR"}),
        "nm_report": frozenset({"NM"}),
        "pet_report": frozenset({"PT"}),
        "us_report": frozenset({"US"}),
        "xr_report": frozenset({"CR", "DX", "RF", "PX"}),
    }
)
#: The board wants to see these pictures and not only read about them.
_PICTURES_WANTED = frozenset({"CT", "MR", "PT"})
#: Another examination of the same region does not stand for these: they must be named.
_BY_NAME = frozenset({"cta_vessel", "mr_mrcp", "psma_pet", "renal_scan", "volumetry"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A series, or a report about one; ``reported`` says that a series has its report."""

    modalities: frozenset[str]
    regions: frozenset[str]
    words: frozenset[str]
    text: str
    contrast: bool | None
    on: date | None
    report: bool
    reported: bool = False
    whole: Completeness | None = None
    thickness: float | None = None


def pictures(series: Iterable[Series], documents: Iterable[Document]) -> Sequence[Picture]:
    """Everything that shows or tells what was seen; scouts and dose reports do not.

    A report belongs to the examination that it can be about; of several, to that of the nearest
    day.
    """
    reports = [_picture_of_report(one) for one in documents if one.document_type in _REPORTS]
    shown = [picture_of_series(one) for one in series if not wording.is_aid(one.description)]
    reported = {place for report in reports for place in _told_by(report, shown)}
    told = (replace(one, reported=place in reported) for place, one in enumerate(shown))
    return [*told, *reports]


def picture_of_series(series: Series) -> Picture:
    """What a series shows, by its own words first, then those of its protocol and study."""
    texts = (series.description, series.protocol, series.study)
    part = wording.body_parts_in(series.body_part) | set(wording.covered(series.body_part.upper()))
    own = wording.body_parts_in(series.description) | (part - {""})
    named = (wording.body_parts_in(text) for text in texts[1:])
    return Picture(
        frozenset({series.modality}),
        own if _known(own) else next((found for found in named if _known(found)), own),
        next((found for text in texts if (found := wording.body_words_in(text))), frozenset()),
        " ".join(text for text in texts if text),
        _contrast(series),
        series.taken_on,
        report=False,
        whole=series.whole,
        thickness=series.thickness,
    )


def names_region(picture: Picture) -> bool:
    """Anything says which part of the body it is."""
    return _known(picture.regions)


def _known(regions: frozenset[str]) -> bool:
    return bool(regions & wording.body_part_codes())


def _contrast(series: Series) -> bool | None:
    said = (
        series.contrast,
        wording.contrast_in(series.description),
        wording.contrast_in(series.protocol),
        wording.contrast_of_study(series.study),
    )
    return next((one for one in said if one is not None), None)


def _picture_of_report(document: Document) -> Picture:
    return Picture(
        _REPORTS[document.document_type],
        wording.body_parts_in(document.title),
        wording.body_words_in(document.title),
        document.title,
        wording.contrast_in(document.title),
        document.dated_on,
        report=True,
    )


def _told_by(report: Picture, shown: Sequence[Picture]) -> Iterable[int]:
    """Places of the pictures that a report is about."""
    found = [place for place, one in enumerate(shown) if _reports_on(report, one)]
    away = {place: _days_between(report, shown[place]) for place in found}
    nearest = min(away.values(), default=0)
    return [place for place in found if away[place] == nearest]


def _days_between(one: Picture, other: Picture) -> int:
    """0 where a day is not known."""
    return abs((one.on - other.on).days) if one.on and other.on else 0


def _reports_on(report: Picture, picture: Picture) -> bool:
    """A report of this kind, of the region or of none by its title, from about the same day."""
    if not report.modalities & picture.modalities:
        return False
    if _known(report.regions) and _known(picture.regions) and not report.regions & picture.regions:
        return False
    if report.on is None or picture.on is None:
        return True
    return abs((report.on - picture.on).days) <= REPORT_WITHIN_DAYS


def is_report_of(document: Document, series: Iterable[Series]) -> bool:
    """Whether a document reports on one of these series."""
    if document.document_type not in _REPORTS:
        return False
    report = _picture_of_report(document)
    return any(_reports_on(report, picture_of_series(one)) for one in series)


def shows(item: ChecklistItem, picture: Picture) -> bool:
    """The picture is of the item's sort and region."""
    if not picture.modalities & set(item.modalities):
        return False
    if item.base not in _BY_NAME and picture.regions & set(item.body_parts):
        return True
    if any(
        term in picture.words if wording.is_body_word(term) else wording.names(picture.text, term)
        for term in item.terms
    ):
        return True
    # A PET-CT names itself and not a region.
    return picture.modalities == {"PT"} and item.base == "pet_ct"


def age_of(item: ChecklistItem, finding: Finding, taken: date | None, day: date) -> Proof:
    """The finding, made worse by an age over the limit or unknown."""
    if item.max_age_days is None:
        return Proof(finding, taken)
    if taken is None:
        return Proof(_worst((finding, Finding.DATE_UNKNOWN)))
    too_old = (day - taken).days > item.max_age_days
    return Proof(_worst((finding, Finding.TOO_OLD)) if too_old else finding, taken)


def proof_by_picture(item: ChecklistItem, picture: Picture, day: date) -> Proof:
    """How well a picture that shows the item proves it on a day: its worst side speaks."""
    found = [Finding.PRESENT, *_form(picture), *_slices(picture.whole)]
    if item.most_mm and picture.thickness and picture.thickness > item.most_mm:
        found.append(Finding.SLICES_THICK)
    if item.contrast == Contrast.REQUIRED and picture.contrast is None:
        found.append(Finding.CONTRAST_UNKNOWN)
    if item.contrast == Contrast.REQUIRED and picture.contrast is False:
        found.append(Finding.CONTRAST_LACKING)
    return age_of(item, _worst(found), picture.on, day)


def _form(picture: Picture) -> Iterable[Finding]:
    if picture.report and picture.modalities & _PICTURES_WANTED:
        yield Finding.REPORT_ONLY
    if not picture.report and not picture.reported:
        yield Finding.PICTURES_ONLY


def _slices(whole: Completeness | None) -> Iterable[Finding]:
    if whole is None:
        return
    if whole.doubled:
        yield Finding.SLICES_DOUBLED
    if whole.missing:
        yield Finding.SERIES_TORN if whole.torn else Finding.SLICES_MISSING


def _worst(findings: Iterable[Finding]) -> Finding:
    return max(findings, key=lambda one: one.rank)
