"""What a DICOMweb client says that it takes (PS3.18 8.3.3 and 8.7): its Accept header, read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from mdt.rules.errors import MdtError

JSON = "application/dicom+json"
DICOM = "application/dicom"
BYTES = "application/octet-stream"
MULTIPART = "multipart/related"
ANY = "*/*"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
#: Media types of frames by their transfer syntax (PS3.18 table 8.7.3-5).
FRAME_TYPES = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.4.201": "image/jphc",
    "1.2.840.10008.1.2.4.202": "image/jphc",
    "1.2.840.10008.1.2.4.203": "image/jphc",
}


class NotAcceptable(MdtError):
    """Nothing that the client takes can be given."""

    status = 406

    def __init__(self) -> None:
        super().__init__("dicomweb_not_acceptable")


class Malformed(MdtError):
    """A request that does not keep to PS3.18."""


@dataclass(frozen=True)
class Wanted:
    """One thing that a client takes: its media type, of each part where there are several."""

    media_type: str
    multipart: bool = False
    syntax: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Given:
    """What is sent: media type of the whole or of each part, encoding, one part or several."""

    media_type: str
    syntax: str
    multipart: bool
    #: The pixels have to be decoded for it.
    decoded: bool = field(default=False)


# A viewer says the same with every picture.
@lru_cache(maxsize=128)
def read_accept(header: str) -> tuple[Wanted, ...]:
    """The kinds that are taken, the dearest first; everything where nothing is said."""
    found = [one for part in _split(header, ",") if (one := _wanted(part))]
    return tuple(sorted(found, key=lambda one: -one.weight)) or (Wanted(ANY),)


def choose_dicom(wanted: Sequence[Wanted], stored: str, *, single: bool) -> Given:
    """How objects stored in a syntax are sent; raise `NotAcceptable`.

    One object alone (``single``) may go by itself. A client that names no syntax gets explicit
    little endian, which is what the standard says that everybody reads.
    """
    for one in wanted:
        if one.media_type not in {DICOM, ANY} or not (one.multipart or single or _anything(one)):
            continue
        syntax = _syntax(one, stored)
        if syntax:
            multipart = one.multipart or not single or _anything(one)
            return Given(DICOM, syntax, multipart, syntax != stored)
    raise NotAcceptable


def choose_frames(wanted: Sequence[Wanted], stored: str, *, single: bool) -> Given:
    """How frames stored in a syntax are sent; as `choose_dicom`."""
    own = FRAME_TYPES.get(stored, "")
    for one in wanted:
        if not (one.multipart or single or _anything(one)):
            continue
        multipart = one.multipart or not single or _anything(one)
        if own and one.media_type == own and one.syntax in {"", "*", stored}:
            return Given(own, stored, multipart)
        syntax = _syntax(one, stored) if one.media_type in {BYTES, ANY} else ""
        if syntax:
            return Given(BYTES, syntax, multipart, syntax != stored)
    raise NotAcceptable


def choose_bytes(wanted: Sequence[Wanted]) -> Given:
    """How bulk data is sent, which are bytes and nothing else."""
    for one in wanted:
        if one.media_type in {BYTES, ANY}:
            return Given(BYTES, EXPLICIT_LITTLE, one.multipart)
    raise NotAcceptable


def choose_json(wanted: Sequence[Wanted]) -> str:
    """The media type of an answer in DICOM JSON."""
    for one in wanted:
        if not one.multipart and one.media_type in {JSON, "application/json"}:
            return one.media_type
        if not one.multipart and one.media_type in {ANY, "application/*"}:
            return JSON
    raise NotAcceptable


def choose_picture(wanted: Sequence[Wanted]) -> str:
    """``jpeg`` or ``png``."""
    for one in wanted:
        if one.media_type in {"image/jpeg", "image/*", ANY}:
            return "jpeg"
        if one.media_type == "image/png":
            return "png"
    raise NotAcceptable


def _anything(one: Wanted) -> bool:
    return one.media_type == ANY and not one.multipart


def _syntax(one: Wanted, stored: str) -> str:
    """The syntax to send by, of the stored one and the plain one; empty for any other."""
    if one.syntax == "*" or (not one.syntax and one.media_type == ANY):
        return stored
    wanted = one.syntax or EXPLICIT_LITTLE
    return wanted if wanted in {stored, EXPLICIT_LITTLE} else ""


def _wanted(part: str) -> Wanted | None:
    media_type, *parameters = (piece.strip() for piece in _split(part, ";"))
    named = {}
    for one in parameters:
        name, _, value = one.partition("=")
        named[name.strip().lower()] = value.strip().strip('"')
    media_type = media_type.lower()
    if not media_type:
        return None
    try:
        weight = float(named.get("q", "1"))
    except ValueError:
        weight = 1.0
    if weight <= 0:
        return None
    syntax = named.get("transfer-syntax", "")
    if media_type == MULTIPART:
        return Wanted(named.get("type", ANY).lower(), True, syntax, weight)
    return Wanted(media_type, False, syntax, weight)


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that does not stand within quotes."""
    pieces, quoted = [""], False
    for character in text:
        if character == '"':
            quoted = not quoted
        if character == mark and not quoted:
            pieces.append("")
        else:
            pieces[-1] += character
    return [piece.strip() for piece in pieces]
