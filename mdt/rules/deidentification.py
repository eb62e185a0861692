"""What is taken out of a DICOM object before anybody sees it (DICOM PS3.15, Annex E).

The table E.1-1 of the standard (edition 2026c, Basic Application Level Confidentiality Profile)
stands in ``mdt/rules/data/dicom/confidentiality_profile.csv`` with the standard's own action codes.
It names only what its authors thought of, so what it leaves out is judged by its kind of value: see
`mdt.adapters.sandboxed.treatments`, which walks the object.
"""

import csv
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

TABLE = Path(__file__).parent / "data" / "dicom" / "confidentiality_profile.csv"

#: Value of Deidentification Method (0012,0063).
METHOD = "DICOM PS3.15 2026c Annex E, Basic Profile, clean descriptors"
#: Code values (scheme DCM) and meanings of Deidentification Method Code Sequence (0012,0064).
BASIC_PROFILE = ("113100", "Basic Application Confidentiality Profile")
CLEAN_DESCRIPTORS = ("113105", "Clean Descriptors Option")
CLEAN_PIXELS = ("113101", "Clean Pixel Data Option")


#: Attributes whose UID names a kind of thing and never a thing (classes, syntaxes, code lists):
#: they stay, private classes too.
KIND_UIDS = frozenset(
    {
        *(0x00020002, 0x00020010, 0x00080016, 0x0008001A, 0x0008001B, 0x00080062, 0x0008010C),
        *(0x00080117, 0x00080118, 0x0008040E, 0x00081150, 0x0008115A, 0x00083002, 0x00340003),
        *(0x04000010, 0x30100052, 0x30100053),
    }
)

#: Texts that viewers need and machines write.
MACHINE_TEXTS = frozenset(
    {
        0x00080102,  # Coding Scheme Designator
        0x00080103,  # Coding Scheme Version
        0x00180024,  # Sequence Name
        0x00181210,  # Convolution Kernel
        0x00281054,  # Rescale Type
        0x00283004,  # Modality LUT Type
    }
)
#: Texts that people write, too: their known words stay (Clean Descriptors Option).
DESCRIPTIONS = frozenset(
    {
        0x00080070,  # Manufacturer
        0x00081030,  # Study Description
        0x0008103E,  # Series Description
        0x00081090,  # Manufacturer's Model Name
        0x00180010,  # Contrast/Bolus Agent
        0x00180031,  # Radiopharmaceutical
        0x00181030,  # Protocol Name
        0x00209421,  # Dimension Description Label
        0x00280A04,  # Pixel Spacing Calibration Description
        0x00281055,  # Window Center & Width Explanation
        0x00283003,  # LUT Explanation
        0x00620005,  # Segment Label
        0x30060026,  # ROI Name
        0x00700006,  # Unformatted Text Value
    }
)
#: Code Value and Long Code Value: SNOMED's numbers have 18 digits.
CODE_VALUES = frozenset({0x00080100, 0x00080119})


class Action(StrEnum):
    """What happens to an attribute of the table."""

    DELETE = "X"
    DUMMY = "D"
    EMPTY = "Z"
    UID = "U"


class Risk(StrEnum):
    """Why a name may stand in the pixels, or the content is text."""

    DECLARED = "declared"
    MODALITY = "modality"
    #: Somebody has marked where; see `mdt.services.black_out`.
    MARKED = "marked"
    SCREEN = "screen"
    TEXT = "text"


# Where the standard leaves the choice to the kind of object, the attribute stays and is empty if it
# may, else it goes: an invented date or name in front of a doctor is worse than none.
_CHOSEN = {
    "D": Action.DUMMY,
    "U": Action.UID,
    "X": Action.DELETE,
    "X/D": Action.DELETE,
    "X/Z": Action.EMPTY,
    "X/Z/D": Action.EMPTY,
    "X/Z/U*": Action.UID,
    "Z": Action.EMPTY,
    "Z/D": Action.EMPTY,
}
_CURVES = range(0x5000, 0x5100)
_OVERLAYS = range(0x6000, 0x6100)

# UIDs that DICOM itself has given out: classes, syntaxes, code lists, well-known frames of
# reference. Their parts are short; a longer one is somebody's own number under a borrowed root.
_STANDARD_UID = re.compile(r"1\.2\.840\.10008(\.(0|[1-9]\d{0,3})){1,9}")

# Photographs, films, screens: names and dates are drawn into them, or a face is to be seen.
_RISKY_MODALITIES = frozenset(
    {
        *("DMS", "DOC", "ECG", "EPS", "ES", "GM", "HC", "IVOCT", "IVUS", "OP", "OPT", "OT", "RF"),
        *("SC", "SM", "SMR", "US", "VIDD", "XA", "XC"),
    }
)
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_SCREENS = frozenset({"SCREEN SAVE", "SCREEN_SAVE", "SCREENSAVE", "SECONDARY"})
# Structured reports, encapsulated documents, dictated voice.
_TEXT_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.88.",
    "1.2.840.10008.5.1.4.1.1.104.",
    "1.2.840.10008.5.1.4.1.1.9.4.",
)


def action_of(tag: int) -> Action | None:
    """Return what the profile says of ``tag`` (group and element in one number), or nothing.

    Private groups, curves and overlays go as a whole: an overlay without its data is no overlay.
    """
    group = tag >> 16
    if group % 2 or group in _CURVES or group in _OVERLAYS:
        return Action.DELETE
    return _actions().get(tag)


@cache
def _actions() -> Mapping[int, Action]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if "x" not in row["tag"]]
    return MappingProxyType(
        {int(row["tag"].replace(",", ""), 16): _CHOSEN[row["action"]] for row in rows}
    )


def served_uid(secret: bytes, uid: str) -> str:
    """Return the UID that stands for ``uid`` wherever the case's images are served.

    The same secret and UID give the same answer on every worker, so references keep pointing where
    they did; without the secret nobody finds the way back. UIDs of the standard stay.
    """
    if not uid or is_standard_uid(uid):
        return uid
    digest = hmac.digest(secret, uid.encode("utf-8", "surrogateescape"), sha256)
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def changed_uid(secret: bytes, uid: str, revision: int) -> str:
    """Return the UID of an object whose picture was changed: what was served before is another."""
    return served_uid(secret, f"{uid}#{revision}")


@dataclass(frozen=True)
class CaseUids:
    """How the UIDs of a case are served: by its secret, but for those of changed pictures.

    ``renamed`` leads from their original UIDs to the served ones, wherever they are named.
    """

    secret: bytes = field(repr=False)
    renamed: Mapping[str, str] = field(default_factory=dict)


def is_standard_uid(uid: str) -> bool:
    """Whether DICOM itself has given out this UID."""
    return uid.startswith("1.2.840.10008.") and _STANDARD_UID.fullmatch(uid) is not None


def served_patient(secret: bytes) -> str:
    """Return the patient's number in everything that is served of a case."""
    return hmac.digest(secret, b"patient", sha256)[:8].hex().upper()


def burned_in_risk(
    sop_class_uid: str, modality: str, image_type: Iterable[str], burned_in: str
) -> Risk | None:
    """Whether a person has to look at the pixels before others see them, and why.

    ``image_type`` and ``burned_in`` are the values of (0008,0008) and (0028,0301). A header that
    says NO is not believed for a risky kind: machines write it without looking.
    """
    if burned_in.strip().upper() == "YES":
        return Risk.DECLARED
    kinds = {value.strip().upper() for value in image_type}
    secondary = sop_class_uid == _SECONDARY_CAPTURE
    if secondary or sop_class_uid.startswith(f"{_SECONDARY_CAPTURE}.") or kinds & _SCREENS:
        return Risk.SCREEN
    return Risk.MODALITY if modality.strip().upper() in _RISKY_MODALITIES else None


def needs_person(sop_class_uid: str) -> bool:
    """Whether the object is a text or a voice, which no table can clean."""
    return sop_class_uid.startswith(_TEXT_CLASSES)


def risk_of(
    sop_class_uid: str, modality: str, image_type: Iterable[str], burned_in: str
) -> Risk | None:
    """Why an object waits for a person, if it does."""
    if needs_person(sop_class_uid):
        return Risk.TEXT
    return burned_in_risk(sop_class_uid, modality, image_type, burned_in)
