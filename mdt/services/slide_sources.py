"""The file that OpenSlide opens, made of the sealed original, whatever form that came in."""

import re
from pathlib import Path
from typing import BinaryIO

from mdt.adapters import devices
from mdt.adapters.archives import ArchiveLimits, copy_zip, list_zip
from mdt.adapters.slide_copies import convert, write_copy
from mdt.models.slides import Slide
from mdt.queries.slides import object_keys
from mdt.rules.attachments import MEBIBYTE, FileRefused, Refusal, extension_of
from mdt.rules.slides import SlideFormat

_ZIP_STARTS = b"PK\3\4"
#: What an MRXS consists of: an index, data files of hundreds of megabytes, and few of them.
_LIMITS = ArchiveLimits(files=2000, file_bytes=4096 * MEBIBYTE, total_bytes=6144 * MEBIBYTE)
_PART = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def mrxs_in(stream: BinaryIO, head: bytes, name: str) -> bool:
    """Whether a file is a ZIP of one MRXS slide."""
    if not head.startswith(_ZIP_STARTS) or extension_of(name) != "zip":
        return False
    try:
        return _mrxs_name(list_zip(stream, _LIMITS)) != ""
    except FileRefused:
        return False


def unpack_mrxs(stream: BinaryIO, folder: Path) -> Path:
    """Unpack the slide and its folder under names of our own; raise `FileRefused`."""
    name = _mrxs_name(list_zip(stream, _LIMITS))
    if not name:
        raise FileRefused(Refusal.SLIDE_UNREADABLE)
    beside = f"{name.removesuffix(name[-5:])}/"
    (folder / "slide").mkdir(mode=0o700)

    def place(inside: str) -> Path | None:
        if inside == name:
            return folder / "slide.mrxs"
        part = inside.removeprefix(beside) if inside.startswith(beside) else ""
        return folder / "slide" / part if _PART.fullmatch(part) else None

    copy_zip(stream, place, _LIMITS)
    return folder / "slide.mrxs"


def _mrxs_name(names: list[str]) -> str:
    """The one slide in the ZIP; of several, none: each is a slide of its own."""
    found = [name for name in names if name.lower().endswith(".mrxs")]
    return found[0] if len(found) == 1 else ""


def fill_copy(slide: Slide, folder: Path) -> Path:
    """Open a slide's original into a folder and give the file to be read.

    Raises `FileRefused` and what the storage raises.
    """
    if slide.series_id is not None:
        return _objects(slide.series_id, folder)
    with devices.storage().open(slide.storage_key or "") as stream:
        if slide.format == SlideFormat.MRXS_ZIP:
            return unpack_mrxs(stream, folder)
        extension = slide.extension or "slide"
        copy = write_copy(stream, folder / f"slide.{extension}")
    if slide.format != SlideFormat.VENDOR:
        return copy
    command = devices.settings().slide_converter
    if command is None:
        raise FileRefused(Refusal.SLIDE_VENDOR)
    return convert(command, copy)


def _objects(series_id: int, folder: Path) -> Path:
    """All objects of the series: the reader looks for its levels beside the one that is opened."""
    storage = devices.storage()
    first: Path | None = None
    for number, key in enumerate(object_keys(series_id)):
        with storage.open(key) as stream:
            copy = write_copy(stream, folder / f"{number}.dcm")
        first = first or copy
    if first is None:
        raise FileRefused(Refusal.SLIDE_UNREADABLE)
    return first
