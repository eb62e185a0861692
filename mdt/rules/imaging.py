"""What is known of a DICOM object from its header, and the order of the slices of a series."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

Triple = tuple[float, float, float]

# Slices lie on one stack when their row and column directions agree to about a tenth of a degree.
_SAME_DIRECTION = 2e-3


@dataclass(frozen=True)
class DicomPatient:
    """The patient as the header names them.

    ``name`` is the form for people (the ideographic group where there is one), ``name_dicom`` the
    whole decoded value; ``name_guessed`` says that its character set was wrong and was repaired.
    ``id`` is the number of whoever made the file, ``other_ids`` further ones.
    """

    name: str = ""
    name_dicom: str = ""
    name_guessed: bool = False
    id: str = ""
    sex: str = ""
    birth_date: date | None = None
    other_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class DicomHeader:
    """What is listed, sorted and shown of one DICOM object.

    Lengths in millimetres, positions in the patient coordinate system (PS3.3 C.7.6.2). ``notes``
    holds codes: ``preamble_zeroed``, ``no_file_meta``, ``charset_guessed``, ``pixels_short``,
    ``deflated``, ``burned_in``. ``rows`` is 0 for objects without an image.
    """

    sop_class_uid: str
    sop_instance_uid: str
    study_uid: str
    series_uid: str
    transfer_syntax_uid: str
    patient: DicomPatient = DicomPatient()
    study_date: date | None = None
    study_time: time | None = None
    study_id: str = ""
    accession_number: str = ""
    study_description: str = ""
    series_description: str = ""
    series_number: int | None = None
    instance_number: int | None = None
    modality: str = ""
    image_type: str = ""
    body_part: str = ""
    institution: str = ""
    manufacturer: str = ""
    protocol: str = ""
    contrast_agent: str = ""
    rows: int = 0
    columns: int = 0
    frames: int = 1
    samples: int = 1
    bits_allocated: int = 0
    bits_stored: int = 0
    photometric: str = ""
    pixel_spacing: tuple[float, float] | None = None
    slice_thickness: float | None = None
    image_position: Triple | None = None
    image_orientation: tuple[float, float, float, float, float, float] | None = None
    slice_location: float | None = None
    window_center: float | None = None
    window_width: float | None = None
    rescale_slope: float | None = None
    rescale_intercept: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def has_image(self) -> bool:
        """Whether there are pixels to draw."""
        return self.rows > 0 and self.columns > 0


@dataclass(frozen=True)
class Series:
    """The objects of one series in the order in which a reader pages through them."""

    study_uid: str
    series_uid: str
    headers: tuple[DicomHeader, ...]

    @property
    def first(self) -> DicomHeader:
        """The object that stands for the series in a list."""
        return self.headers[0]

    @property
    def frames(self) -> int:
        """How many pictures the series has."""
        return sum(header.frames for header in self.headers if header.has_image)


def group_and_sort(headers: Iterable[DicomHeader]) -> tuple[Series, ...]:
    """Group by series; order series by study date, study and number, slices by position.

    An instance that came twice (same UID) is kept once, the first.
    """
    groups: dict[tuple[str, str], dict[str, DicomHeader]] = {}
    for header in headers:
        group = groups.setdefault((header.study_uid, header.series_uid), {})
        group.setdefault(header.sop_instance_uid, header)
    found = [
        Series(study, series, sort_slices(tuple(group.values())))
        for (study, series), group in groups.items()
    ]
    return tuple(sorted(found, key=_series_order))


def sort_slices(headers: Sequence[DicomHeader]) -> tuple[DicomHeader, ...]:
    """Order by position along the normal of the slices, then by instance number, then by UID.

    The end to begin with is the one the machine numbered first (the head, as a rule). Only where
    all slices are parallel: a series that mixes planes (a localizer with its three views) keeps
    the numbers that the machine gave.
    """
    by_number = sorted(headers, key=_number_order)
    normal = _common_normal(by_number)
    if normal is None:
        return tuple(by_number)
    sign = -1 if _along(by_number[0], normal) > _along(by_number[-1], normal) else 1
    # The sort is stable: equal positions stay in the order of their numbers.
    return tuple(sorted(by_number, key=lambda header: sign * _along(header, normal)))


def slice_gaps(headers: Sequence[DicomHeader]) -> tuple[float, ...]:
    """Return the distances in mm between neighbours of a sorted series; empty if not parallel."""
    normal = _common_normal(headers)
    if normal is None:
        return ()
    places = [_along(header, normal) for header in headers]
    return tuple(abs(after - before) for before, after in pairwise(places))


def _series_order(series: Series) -> tuple[date, str, int, str]:
    first = series.first
    number = first.series_number if first.series_number is not None else 1_000_000
    return (first.study_date or date.max, series.study_uid, number, series.series_uid)


def _number_order(header: DicomHeader) -> tuple[int, str]:
    number = header.instance_number if header.instance_number is not None else 1_000_000
    return (number, header.sop_instance_uid)


def _common_normal(headers: Sequence[DicomHeader]) -> Triple | None:
    """Return the cross product of row and column direction, if all slices share them."""
    first = headers[0].image_orientation if headers else None
    if first is None:
        return None
    for header in headers:
        own = header.image_orientation
        if own is None or header.image_position is None:
            return None
        if any(abs(a - b) > _SAME_DIRECTION for a, b in zip(own, first, strict=True)):
            return None
    rx, ry, rz, cx, cy, cz = first
    return (ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx)


def _along(header: DicomHeader, normal: Triple) -> float:
    position = header.image_position or (0.0, 0.0, 0.0)
    # To a hundredth of a millimetre, so that repeated positions fall together and are ordered by
    # number.
    return round(sum(a * b for a, b in zip(position, normal, strict=True)), 2)
