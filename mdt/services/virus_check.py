"""Files are looked at by the virus scanner before anything else reads them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from mdt.adapters import devices
from mdt.rules.attachments import FileRefused
from mdt.services.file_intake import Piece

_THREADS = 4


def checked(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Refuse those that carry a virus; without a configured scanner all are as they were.

    Raises `ScannerUnavailable` where the scanner does not answer: then none of them may be taken.
    """
    scanner = devices.scanner()
    if scanner is None:
        return pieces

    def look(piece: Piece) -> Piece:
        if piece.refusal is not None:
            return piece
        try:
            scanner.check(piece.data)
        except FileRefused as refused:
            return replace(piece, data=b"", refusal=refused.refusal)
        return piece

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(look, pieces))
