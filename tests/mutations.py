"""Files that somebody or something has damaged: the same ones for the same seed."""

import random
from collections.abc import Iterator, Sequence

from tests.attachment_kit import ct, packed, pdf, png
from tests.samples import SAMPLES

_EXTREMES = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\xfe\xff\x00\xe0")


def whole_files() -> list[tuple[str, bytes]]:
    """What is damaged: a few files of each kind, and real ones where there are samples."""
    own = [*ct(2), ("a.pdf", pdf(pages=2)), ("a.png", png()), ("a.zip", packed(*ct(2)))]
    folders = ("codecs", "objects", "modalities", "charsets", "malformed")
    found = sorted(path for name in folders for path in SAMPLES.glob(f"dicom/{name}/*.dcm"))
    small = [path for path in found if 0 < path.stat().st_size <= 300_000]
    return own + [(path.name, path.read_bytes()) for path in small]


def mutated(
    files: Sequence[tuple[str, bytes]], count: int, *, seed: int
) -> Iterator[tuple[str, bytes]]:
    """Damage the files one after the other, each time in another way."""
    chance = random.Random(seed)  # noqa: S311 -- the same each time
    ways = (_flip, _cut, _repeat, _insert, _extreme, _splice)
    for number in range(count):
        name, data = files[number % len(files)]
        damaged = data
        for _ in range(chance.choice((1, 1, 2))):
            damaged = chance.choice(ways)(chance, damaged, files)
        yield f"{number:04d}-{name}", damaged


Files = Sequence[tuple[str, bytes]]


def _flip(chance: random.Random, data: bytes, _: Files) -> bytes:
    changed = bytearray(data)
    for _place in range(chance.randint(1, 12) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(chance: random.Random, data: bytes, _: Files) -> bytes:
    return data[: chance.randint(0, len(data))]


def _repeat(chance: random.Random, data: bytes, _: Files) -> bytes:
    start = chance.randint(0, len(data))
    piece = data[start : start + chance.randint(1, 2000)]
    return data[:start] + piece * chance.randint(2, 20) + data[start:]


def _insert(chance: random.Random, data: bytes, _: Files) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + chance.randbytes(chance.randint(1, 300)) + data[start:]


def _extreme(chance: random.Random, data: bytes, _: Files) -> bytes:
    """A length or a number that is as large as it can be, near the beginning mostly."""
    start = min(len(data), int(chance.expovariate(1 / 1500)))
    return data[:start] + chance.choice(_EXTREMES) + data[start + 4 :]


def _splice(chance: random.Random, data: bytes, files: Files) -> bytes:
    _, other = chance.choice(files)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]
