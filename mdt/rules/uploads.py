"""Uploads that go on after a cut line, after the tus protocol 1.0 (https://tus.io/protocols).

An upload has a length that is known before its first byte and an offset up to which its bytes are
on disk. It holds one file, or a bundle of small ones (a tar), and is taken into the case when it
is whole.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from mdt.rules.attachments import MEBIBYTE, SIZE_LIMITS, Kind, extension_of
from mdt.rules.errors import Invalid, MdtError
from mdt.rules.slides import LARGEST_SLIDE, SLIDE_EXTENSIONS

#: Longest that an upload that is not whole is kept, and what became of one that is.
LIFE = timedelta(days=7)
#: Longest that files wait for the virus scanner.
QUARANTINE_LIFE = timedelta(days=30)
LARGEST = SIZE_LIMITS[Kind.ZIP]
#: Bytes of one request that carries a part.
LARGEST_PART = 64 * MEBIBYTE
#: A bundle is held in memory when it is opened.
LARGEST_BUNDLE = 64 * MEBIBYTE
#: Of one person in one case; a browser sends one after the other.
MOST_OPEN = 200
#: Of one person, over all cases.
MOST_OPEN_BYTES = 20 * 1024 * MEBIBYTE
#: Checksums of a part that are understood, as the protocol names them.
CHECKSUMS = ("sha256", "sha1")
_NAME_LENGTH = 255


class UploadConflict(MdtError):
    """The part does not begin where the last one ended, or another is being written."""

    status = 409


class UploadBusy(MdtError):
    """Another request is writing to this upload, or taking it."""

    status = 423


class ChecksumMismatch(MdtError):
    """The bytes that arrived are not those that were sent (the protocol's own status)."""

    status = 460


@dataclass(frozen=True)
class UploadOffer:
    """What is going to be sent: bytes, and the sender's name of the file; a bundle has none."""

    length: int
    name: str = ""
    bundle: bool = False


@dataclass(frozen=True)
class Checksum:
    """The hash of one part, as the sender made it."""

    algorithm: str
    digest: bytes


def read_offer(length: str, metadata: str) -> UploadOffer:
    """Read the headers ``Upload-Length`` and ``Upload-Metadata``; raise `Invalid`."""
    if not (length.isascii() and length.isdigit()):
        raise Invalid({"length": "upload_length"})
    said = read_metadata(metadata)
    bundle = said.get("bundle") == "1"
    name = said.get("filename", "")
    largest = LARGEST_BUNDLE if bundle else largest_file(name)
    if not 0 < int(length) <= largest:
        raise Invalid({"length": "upload_too_large"}, limit=largest)
    if not bundle and not name:
        raise Invalid({"filename": "upload_name"})
    return UploadOffer(int(length), name[-_NAME_LENGTH:], bundle)


def largest_file(name: str) -> int:
    """Bytes that a file of this name may have: slides may be larger than anything else."""
    return LARGEST_SLIDE if extension_of(name) in SLIDE_EXTENSIONS else LARGEST


def read_metadata(header: str) -> Mapping[str, str]:
    """Read ``key base64, key base64``; raise `Invalid`."""
    said = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            said[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Invalid({"metadata": "upload_metadata"}) from error
    return said


def read_checksum(header: str) -> Checksum | None:
    """Read ``Upload-Checksum``, where there is one; raise `Invalid`."""
    if not header:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise Invalid({"checksum": "upload_checksum"}) from error
    if algorithm not in CHECKSUMS:
        raise Invalid({"checksum": "upload_checksum"})
    return Checksum(algorithm, digest)
