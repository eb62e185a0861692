"""How a frame of an image is drawn."""

from dataclasses import dataclass
from typing import Literal

from mdt.rules.black_out import FrameBox
from mdt.rules.errors import Invalid

#: Of JPEG, where nobody asks for another.
JPEG_QUALITY = 88
#: Longest edges in pixels that pictures are drawn at; without one they keep their own size.
PICTURE_SIZES = (160, 320, 512, 1024)


@dataclass(frozen=True)
class Drawing:
    """What is asked for; without any of it the picture as its header says, in its own size.

    ``center`` and ``width`` are the window in the units of the modality (Hounsfield units for CT),
    ``function`` replaces the header's VOI function (PS3.3 C.11.2.1.2). ``viewport`` is a width and
    height to fit, larger or smaller than the picture, and behind them, if only a part is shown, its
    left, top, width and height (PS3.18 8.3.5.1.3). ``size`` is the longest edge in pixels, never
    beyond the picture's own. ``black`` are rectangles to black out. ``invert`` turns greys around.
    """

    center: float | None = None
    width: float | None = None
    function: str = ""
    viewport: tuple[int, ...] = ()
    size: int | None = None
    quality: int = JPEG_QUALITY
    fmt: Literal["jpeg", "png"] = "jpeg"
    black: tuple[FrameBox, ...] = ()
    invert: bool = False

    @property
    def window(self) -> tuple[float, float] | None:
        """Centre and width, where both are asked for."""
        if self.center is None or self.width is None:
            return None
        return self.center, self.width


#: Nothing is asked for.
AS_IT_IS = Drawing()


def read_size(text: str | None) -> int | None:
    """The longest edge that an address asks for; nothing for the own size. Raises `Invalid`."""
    if not text:
        return None
    if text not in map(str, PICTURE_SIZES):
        raise Invalid({"size": "picture_size_unknown"})
    return int(text)
