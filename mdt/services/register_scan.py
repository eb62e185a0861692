"""A look for viruses at a register file before anything reads it, where a scanner is configured."""

from typing import BinaryIO

from mdt.adapters import devices
from mdt.rules.attachments import FileRefused
from mdt.services.register_source import RegisterFileRefused

#: A workbook fits into one; a longer file is text, and a scanner looks at no file of any size.
_PIECE = 20 * 1024 * 1024
#: What lies over the end of a piece is looked at with the next.
_OVERLAP = 64 * 1024


def look_for_viruses(file: BinaryIO) -> None:
    """Have a file looked at, from its beginning; it is then at its beginning again.

    Raises `RegisterFileRefused` for a virus, `mdt.adapters.virus_scan.ScannerUnavailable`.
    """
    scanner = devices.scanner()
    if scanner is None:
        return
    file.seek(0)
    before = b""
    try:
        while piece := file.read(_PIECE):
            scanner.check(before + piece)
            before = piece[-_OVERLAP:]
    except FileRefused as error:
        raise RegisterFileRefused(f"register_{error.code}") from error
    file.seek(0)
