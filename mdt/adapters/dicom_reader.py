"""DICOM files of strangers: their headers, read in the sandbox, and their bytes made harmless."""

from dataclasses import fields
from datetime import date, time
from pathlib import Path
from typing import Any, cast

from mdt.adapters import sandbox
from mdt.adapters.sandbox_wire import Plain
from mdt.adapters.sniffing import has_dicom_mark
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.imaging import DicomHeader, DicomPatient

_PREAMBLE = 128
_TUPLES = ("pixel_spacing", "image_position", "image_orientation", "notes")
_HEADER_NAMES = frozenset(field.name for field in fields(DicomHeader))


def read_header(source: bytes | Path) -> DicomHeader:
    """Read the header of a DICOM file, with or without preamble, in any character set.

    Objects without an image (reports, plans) are read too. Raises `FileRefused`: not DICOM, no
    UIDs, a DICOMDIR, too many pixels declared, too deeply nested, a deflate bomb, too slow.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    if not data:
        raise FileRefused(Refusal.EMPTY)
    found = sandbox.call("read_header", data, seconds=sandbox.HEADER_SECONDS)
    try:
        return header_of(found)
    except (KeyError, TypeError, ValueError) as error:
        raise FileRefused(Refusal.READING_CRASHED) from error


def read_directory(data: bytes) -> tuple[tuple[str, str], ...]:
    """Return UID and path of each object that a DICOMDIR lists. Raises `FileRefused`."""
    found = sandbox.call("list_directory", data, seconds=sandbox.HEADER_SECONDS)
    objects = cast("dict[str, list[list[str]]]", found)["objects"]
    return tuple((uid, path) for uid, path in objects)


def clean_bytes(data: bytes) -> bytes:
    """Return the file with its preamble zeroed, so that it is DICOM and nothing else.

    The preamble may hold a program, a PDF or a web page (CVE-2019-11687); DICOM never needs it.
    """
    if has_dicom_mark(data) and data[:_PREAMBLE].strip(b"\0"):
        return bytes(_PREAMBLE) + data[_PREAMBLE:]
    return data


def header_of(found: Plain) -> DicomHeader:
    """Facts as the sandbox gives them; raise `KeyError`, `TypeError` or `ValueError`."""
    if not isinstance(found, dict):
        raise TypeError
    values = cast("dict[str, Any]", found)
    patient = values["patient"]
    known: dict[str, Any] = {name: values[name] for name in _HEADER_NAMES & values.keys()}
    known |= {name: _tuple(values[name]) for name in _TUPLES}
    known["study_date"] = _date(values["study_date"])
    known["study_time"] = (
        None if values["study_time"] is None else time.fromisoformat(values["study_time"])
    )
    known["patient"] = DicomPatient(
        name=patient["name"],
        name_dicom=patient["name_dicom"],
        name_guessed=patient["name_guessed"],
        id=patient["id"],
        sex=patient["sex"],
        birth_date=_date(patient["birth_date"]),
        other_ids=tuple(patient["other_ids"]),
    )
    return DicomHeader(**known)


def _tuple(value: list[Any] | None) -> tuple[Any, ...] | None:
    return None if value is None else tuple(value)


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
