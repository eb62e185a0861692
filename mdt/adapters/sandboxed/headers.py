"""The header of a DICOM object as plain data (see `mdt.rules.imaging.DicomHeader`)."""

import re
from datetime import date, time

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from mdt.adapters.sandbox_wire import Plain
from mdt.adapters.sandboxed.opening import (
    assumed_syntax,
    frame_count,
    group_of,
    open_dataset,
    real,
    reals,
    whole,
)
from mdt.adapters.sandboxed.texts import display_name, text_of, uid_of
from mdt.rules.attachments import FileRefused, Refusal

_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
_UID_LENGTH = 64
_NATIVE = frozenset({ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian})
_DATE = re.compile(r"(\d{4})[.\-/]?(\d{2})[.\-/]?(\d{2})")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?")
_TEXT_LIMIT = 200
_OTHER_IDS = 5
_TEXTS = {
    "study_id": "StudyID",
    "accession_number": "AccessionNumber",
    "study_description": "StudyDescription",
    "series_description": "SeriesDescription",
    "modality": "Modality",
    "image_type": "ImageType",
    "body_part": "BodyPartExamined",
    "institution": "InstitutionName",
    "manufacturer": "Manufacturer",
    "protocol": "ProtocolName",
    "contrast_agent": "ContrastBolusAgent",
    "photometric": "PhotometricInterpretation",
}


def read_header(data: bytes) -> Plain:
    """Return the fields of `DicomHeader`; dates and times as ISO text."""
    dataset, notes = open_dataset(data, pixels=False)
    return header_facts(dataset, notes, len(data))


def header_facts(dataset: Dataset, notes: list[str], size: int) -> dict[str, Plain]:
    """As `read_header`, of an object that is open; ``size`` is the file's, in bytes."""
    uids = _uids(dataset)
    found: dict[str, Plain] = {**uids, **_texts(dataset, notes), **_dates(dataset)}
    found |= {**_numbers(dataset), **_geometry(dataset), **_grey_scale(dataset)}
    found["patient"] = _patient(dataset, notes)
    if text_of(dataset, "BurnedInAnnotation")[0].upper() == "YES":
        notes.append("burned_in")
    if "deflated" not in notes and _is_short(dataset, uids, size):
        notes.append("pixels_short")
    found["notes"] = list[Plain](sorted(set(notes)))
    return found


def _uids(dataset: Dataset) -> dict[str, Plain]:
    meta = getattr(dataset, "file_meta", None) or Dataset()
    sop_class = _uid(dataset, "SOPClassUID") or _uid(meta, "MediaStorageSOPClassUID")
    instance = _uid(dataset, "SOPInstanceUID") or _uid(meta, "MediaStorageSOPInstanceUID")
    study, series = _uid(dataset, "StudyInstanceUID"), _uid(dataset, "SeriesInstanceUID")
    if sop_class == _MEDIA_DIRECTORY:
        raise FileRefused(Refusal.DICOM_DIRECTORY)
    if not sop_class and not study:
        # Bytes that happen to parse: no object says neither what it is nor where it belongs.
        raise FileRefused(Refusal.DICOM_UNREADABLE)
    if not (sop_class and instance and study and series):
        raise FileRefused(Refusal.DICOM_NO_UIDS)
    return {
        "sop_class_uid": sop_class,
        "sop_instance_uid": instance,
        "study_uid": study,
        "series_uid": series,
        "transfer_syntax_uid": _uid(meta, "TransferSyntaxUID") or assumed_syntax(dataset),
    }


def _uid(dataset: Dataset, keyword: str) -> str:
    """Return a UID that is fit to be a key, else nothing."""
    text = uid_of(dataset, keyword)
    return text if len(text) <= _UID_LENGTH and _UID.fullmatch(text) else ""


def _texts(dataset: Dataset, notes: list[str]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name, keyword in _TEXTS.items():
        text, guessed = text_of(dataset, keyword)
        found[name] = text[:_TEXT_LIMIT]
        if guessed:
            notes.append("charset_guessed")
    return found


def _patient(dataset: Dataset, notes: list[str]) -> Plain:
    name, guessed = text_of(dataset, "PatientName")
    if guessed:
        notes.append("charset_guessed")
    return {
        "name": display_name(name)[:_TEXT_LIMIT],
        "name_dicom": name[:_TEXT_LIMIT],
        "name_guessed": guessed,
        "id": text_of(dataset, "PatientID")[0][:_TEXT_LIMIT],
        "sex": text_of(dataset, "PatientSex")[0][:1].upper(),
        "birth_date": _date(text_of(dataset, "PatientBirthDate")[0]),
        "other_ids": _other_ids(dataset),
    }


def _other_ids(dataset: Dataset) -> Plain:
    """Return the patient's further numbers: the old list of texts and the sequence for it."""
    texts = text_of(dataset, "OtherPatientIDs")[0].split("\\")
    items = dataset.get("OtherPatientIDsSequence") or ()
    texts += [text_of(item, "PatientID")[0] for item in items if isinstance(item, Dataset)]
    found = dict.fromkeys(text.strip()[:_TEXT_LIMIT] for text in texts if text.strip())
    return list[Plain](found)[:_OTHER_IDS]


def _dates(dataset: Dataset) -> dict[str, Plain]:
    day = _date(text_of(dataset, "StudyDate")[0])
    return {"study_date": day, "study_time": _time(text_of(dataset, "StudyTime")[0])}


def _numbers(dataset: Dataset) -> dict[str, Plain]:
    return {
        "series_number": _number(dataset, "SeriesNumber"),
        "instance_number": _number(dataset, "InstanceNumber"),
        "rows": whole(dataset, "Rows", 0),
        "columns": whole(dataset, "Columns", 0),
        "frames": frame_count(dataset) if whole(dataset, "Rows", 0) else 1,
        "samples": whole(dataset, "SamplesPerPixel", 1),
        "bits_allocated": whole(dataset, "BitsAllocated", 0),
        "bits_stored": whole(dataset, "BitsStored", 0),
    }


def _number(dataset: Dataset, keyword: str) -> int | None:
    """Return a number that orders, if it fits the 32 bits that the standard allows."""
    number = real(dataset, keyword)
    return None if number is None or abs(number) >= 2**31 else int(number)


def _geometry(dataset: Dataset) -> dict[str, Plain]:
    measures = group_of(dataset, 0, "PixelMeasuresSequence")
    return {
        "pixel_spacing": _spacing(measures, "PixelSpacing")
        or _spacing(dataset, "ImagerPixelSpacing"),
        "slice_thickness": real(measures, "SliceThickness"),
        "image_position": _several(
            group_of(dataset, 0, "PlanePositionSequence"), "ImagePositionPatient", 3
        ),
        "image_orientation": _several(
            group_of(dataset, 0, "PlaneOrientationSequence"), "ImageOrientationPatient", 6
        ),
        "slice_location": real(dataset, "SliceLocation"),
    }


def _grey_scale(dataset: Dataset) -> dict[str, Plain]:
    window = group_of(dataset, 0, "FrameVOILUTSequence")
    transform = group_of(dataset, 0, "PixelValueTransformationSequence")
    return {
        "window_center": real(window, "WindowCenter"),
        "window_width": real(window, "WindowWidth"),
        "rescale_slope": real(transform, "RescaleSlope"),
        "rescale_intercept": real(transform, "RescaleIntercept"),
    }


def _several(dataset: Dataset, keyword: str, count: int) -> Plain:
    numbers = reals(dataset, keyword)
    return list[Plain](numbers) if len(numbers) == count else None


def _spacing(dataset: Dataset, keyword: str) -> Plain:
    """Return row and column spacing in mm; zeros stand in files and mean nothing."""
    numbers = reals(dataset, keyword)
    return list[Plain](numbers) if len(numbers) == 2 and min(numbers) > 0 else None


def _is_short(dataset: Dataset, uids: dict[str, Plain], size: int) -> bool:
    """Whether uncompressed pixels are declared that the file cannot hold."""
    if uids["transfer_syntax_uid"] not in _NATIVE:
        return False
    bits = whole(dataset, "Rows", 0) * whole(dataset, "Columns", 0)
    bits *= _stored_samples(dataset) * whole(dataset, "BitsAllocated", 0)
    return bits * frame_count(dataset) // 8 > size


def _stored_samples(dataset: Dataset) -> int:
    """Return how many values each pixel takes; chrominance may be kept for every other one only."""
    halved = text_of(dataset, "PhotometricInterpretation")[0] == "YBR_FULL_422"
    return 2 if halved else whole(dataset, "SamplesPerPixel", 1)


def _date(text: str) -> str | None:
    found = _DATE.match(text)
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None


def _time(text: str) -> str | None:
    found = _TIME.match(text)
    try:
        if found is None:
            return None
        hour, minute, second = (int(part or 0) for part in found.groups())
        return time(hour, minute, second).isoformat()
    except ValueError:
        return None
