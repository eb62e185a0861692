"""Tiles of a slide in one blob: how many, where each begins, then one after the other.

A pack is small enough to be written at once and large enough that a slide has few. What is read of
it is the two places of a tile and the tile: the storage opens no more than the chunks around them.
"""

import struct
from collections.abc import Sequence
from itertools import accumulate

from mdt.adapters.storage import CorruptBlob, Storage

#: A pack holds about so much.
PACK_BYTES = 8 * 1024 * 1024
_COUNT = struct.Struct("<I")
_PLACE = struct.Struct("<I")
_TWO_PLACES = struct.Struct("<II")


def build_pack(data: bytes, lengths: Sequence[int]) -> bytes:
    """Put tiles that lie one after the other in ``data`` into a pack."""
    first = _COUNT.size + _PLACE.size * (len(lengths) + 1)
    places = b"".join(_PLACE.pack(first + end) for end in accumulate(lengths, initial=0))
    return _COUNT.pack(len(lengths)) + places + data


def read_tile(storage: Storage, key: str, number: int) -> bytes:
    """The ``number``-th tile (from 0) of a pack; raise a `BlobError` where there is none."""
    with storage.open(key) as pack:
        (count,) = _COUNT.unpack(pack.read(_COUNT.size))
        if number >= count:
            raise CorruptBlob(key)
        pack.seek(_COUNT.size + _PLACE.size * number)
        begin, end = _TWO_PLACES.unpack(pack.read(_TWO_PLACES.size))
        pack.seek(begin)
        return pack.read(end - begin)
