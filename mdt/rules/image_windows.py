"""Grey-scale windows to choose from, by organ."""

from dataclasses import dataclass
from enum import StrEnum


class WindowCode(StrEnum):
    """Windows of CT, alphabetical."""

    ABDOMEN = "abdomen"
    BONE = "bone"
    BRAIN = "brain"
    LIVER = "liver"
    LUNG = "lung"
    MEDIASTINUM = "mediastinum"


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width in Hounsfield units."""

    code: WindowCode
    center: float
    width: float


_W = WindowCode
_WINDOWS = {
    one.code: one
    for one in (
        Window(_W.ABDOMEN, 40, 350),
        Window(_W.BONE, 400, 1800),
        Window(_W.BRAIN, 40, 80),
        Window(_W.LIVER, 60, 160),
        Window(_W.LUNG, -600, 1500),
        Window(_W.MEDIASTINUM, 40, 400),
    )
}
_BODY = (_W.LUNG, _W.MEDIASTINUM, _W.ABDOMEN, _W.LIVER, _W.BONE)
_HEAD = (_W.BRAIN, _W.BONE)
_HEAD_PARTS = frozenset({"HEAD", "BRAIN", "SKULL"})
_ABDOMEN_PARTS = frozenset({"ABDOMEN", "LIVER", "PELVIS", "PANCREAS", "KIDNEY", "ABDOMENPELVIS"})


def window_presets(modality: str, body_part: str) -> tuple[Window, ...]:
    """The windows offered for a series, the likeliest first; only CT has a scale they fit."""
    if modality != "CT":
        return ()
    part = body_part.upper()
    if part in _HEAD_PARTS:
        return tuple(_WINDOWS[code] for code in _HEAD)
    if part in _ABDOMEN_PARTS:
        first = (_W.ABDOMEN, _W.LIVER, _W.BONE)
        rest = tuple(code for code in _BODY if code not in first)
        return tuple(_WINDOWS[code] for code in first + rest)
    return tuple(_WINDOWS[code] for code in _BODY)
