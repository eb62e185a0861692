"""DICOM objects of strangers: read once, in the sandbox, into facts and the form that is served."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from mdt.adapters import sandbox
from mdt.adapters.dicom_reader import header_of
from mdt.adapters.sandbox_wire import Plain
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.black_out import FrameBox
from mdt.rules.imaging import DicomHeader

#: Every frame is decoded and compressed; a long cine loop takes its time.
INGEST_SECONDS = 60.0


@dataclass(frozen=True)
class Making:
    """How a served form is made.

    ``cleared``: somebody has looked at it and let it pass. ``renamed``: original UIDs that are
    served by another one than their mapping, as the pictures that they name were changed.
    ``boxes``: what is blacked out.
    """

    cleared: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)
    boxes: tuple[FrameBox, ...] = ()


AS_IT_CAME = Making()


@dataclass(frozen=True)
class ServedForm:
    """A de-identified DICOM file that everybody may get who may see the case.

    ``spans`` are places in ``data`` (offset, length): first of all that stands before the pixels,
    then of each frame, compressed ones as whole codestreams; no frames where they cannot be read
    one by one. ``metadata`` is DICOM JSON, addresses of bulk data relative to the instance.
    """

    data: bytes = field(repr=False)
    syntax_uid: str
    study_uid: str
    series_uid: str
    sop_uid: str
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    metadata: bytes = field(repr=False)


def ingest(data: bytes, secret: bytes, how: Making = AS_IT_CAME) -> tuple[DicomHeader, ServedForm]:
    """Read a DICOM file; ``secret`` is its case's, by which UIDs are mapped.

    Raises `FileRefused`: what `read_header` does, and pixels that cannot be decoded, or blacked
    out.
    """
    if not data:
        raise FileRefused(Refusal.EMPTY)
    boxes: list[Plain] = [list(box) for box in how.boxes]
    wanted: tuple[Plain, ...] = (how.cleared, dict(how.renamed), boxes)
    found = sandbox.call("ingest", data, secret, *wanted, seconds=INGEST_SECONDS)
    try:
        values = cast("dict[str, Any]", found)
        return header_of(values["header"]), _served(values["served"])
    except (KeyError, TypeError, ValueError) as error:
        raise FileRefused(Refusal.READING_CRASHED) from error


def _served(values: dict[str, Any]) -> ServedForm:
    spans = tuple((int(offset), int(length)) for offset, length in values["spans"])
    size = len(values["data"])
    if not spans or any(
        offset < 0 or length < 0 or offset + length > size for offset, length in spans
    ):
        raise ValueError("places outside the file")
    return ServedForm(
        data=_bytes(values["data"]),
        syntax_uid=str(values["syntax_uid"]),
        study_uid=str(values["study_uid"]),
        series_uid=str(values["series_uid"]),
        sop_uid=str(values["sop_uid"]),
        spans=spans,
        metadata=_bytes(values["metadata"]),
    )


def _bytes(value: Plain) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("not bytes")
    return value
