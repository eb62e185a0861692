"""Slides read in the sandbox."""

from dataclasses import dataclass
from pathlib import Path

from mdt.adapters import sandbox
from mdt.rules.slides import SlideFacts

#: Of one call (security.md row 38); a call is asked to be done long before.
SLIDE_SECONDS = 30.0
_TILES_SECONDS = 8.0


@dataclass(frozen=True)
class DrawnTiles:
    """Tiles that follow one another, as JPEG."""

    data: bytes
    lengths: tuple[int, ...]


def read_slide(path: Path) -> SlideFacts:
    """Read what a slide is. Raises `FileRefused`."""
    found = sandbox.call("slide_facts", str(path), seconds=SLIDE_SECONDS)
    if not isinstance(found, dict):
        raise sandbox.SandboxFailure("crashed")
    return SlideFacts(**found)  # type: ignore[arg-type]  # as `sandboxed.slides` gives them


def draw_tiles(path: Path, first: int, most_bytes: int) -> DrawnTiles:
    """Draw some tiles from ``first`` on, one at least. Raises `FileRefused`."""
    found = sandbox.call(
        "slide_tiles", str(path), first, most_bytes, _TILES_SECONDS, seconds=SLIDE_SECONDS
    )
    match found:
        case {"data": bytes(data), "lengths": list(lengths)}:
            return DrawnTiles(data, tuple(one for one in lengths if isinstance(one, int)))
    raise sandbox.SandboxFailure("crashed")
