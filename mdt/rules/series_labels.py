"""What a series shows: by its header, or as a doctor described it where the header does not say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mdt.rules.content.terms import Term
from mdt.rules.errors import Invalid

#: Key among a series' facts under which a description by hand is kept.
DESCRIBED = "described"

#: Defined terms of DICOM that a doctor may choose from.
BODY_PARTS = (
    Term("CHEST", "胸部", "Chest"),
    Term("ABDOMEN", "腹部", "Abdomen"),
    Term("PELVIS", "盆腔", "Pelvis"),
    Term("CHESTABDOMEN", "胸腹部", "Chest and abdomen"),
    Term("ABDOMENPELVIS", "腹盆腔", "Abdomen and pelvis"),
    Term("CHESTABDPELVIS", "胸腹盆腔", "Chest, abdomen and pelvis"),
    Term("NECKCHEST", "颈胸部", "Neck and chest"),
    Term("NECK", "颈部", "Neck"),
    Term("HEADNECK", "头颈部", "Head and neck"),
    Term("HEAD", "头部", "Head"),
    Term("BRAIN", "颅脑", "Brain"),
    Term("LIVER", "肝脏", "Liver"),
    Term("PANCREAS", "胰腺", "Pancreas"),
    Term("KIDNEY", "肾脏", "Kidney"),
    Term("BREAST", "乳腺", "Breast"),
    Term("THYROID", "甲状腺", "Thyroid"),
    Term("ESOPHAGUS", "食管", "Oesophagus"),
    Term("RECTUM", "直肠", "Rectum"),
    Term("BLADDER", "膀胱", "Bladder"),
    Term("PROSTATE", "前列腺", "Prostate"),
    Term("UTERUS", "子宫", "Uterus"),
    Term("SPINE", "脊柱", "Spine"),
    Term("EXTREMITY", "四肢", "Extremity"),
    Term("WHOLEBODY", "全身", "Whole body"),
)
_CONTRAST = {"yes": True, "no": False, "": None}
_CODES = {None: "", True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class SeriesLabel:
    """Body part as a defined term, and whether contrast was given; ``None`` where nobody says."""

    body_part: str = ""
    contrast: bool | None = None

    @property
    def contrast_code(self) -> str:
        """``yes``, ``no`` or empty."""
        return _CODES[self.contrast]


#: Nobody says anything.
NO_LABEL = SeriesLabel()


def header_label(body_part: str, agent: str) -> SeriesLabel:
    """What the header says; it never says that no contrast was given."""
    return SeriesLabel(body_part, True if agent else None)


def described_label(facts: Mapping[str, Any]) -> SeriesLabel | None:
    """What a doctor described, if any, out of the facts of a series."""
    kept = facts.get(DESCRIBED)
    if not kept:
        return None
    return SeriesLabel(kept["body_part"], _CONTRAST[kept["contrast"]])


def label_of_series(body_part: str, agent: str, facts: Mapping[str, Any]) -> SeriesLabel:
    """What counts: the doctor's words first, the header's where they leave something open."""
    read, said = header_label(body_part, agent), described_label(facts)
    if said is None:
        return read
    contrast = read.contrast if said.contrast is None else said.contrast
    return SeriesLabel(said.body_part or read.body_part, contrast)


def checked_label(body_part: str, contrast: str) -> SeriesLabel:
    """A description as it was sent. Raises `Invalid` for codes that are not offered."""
    wrong = {}
    if body_part and body_part not in {one.code for one in BODY_PARTS}:
        wrong["body_part"] = "body_part_unknown"
    if contrast not in _CONTRAST:
        wrong["contrast"] = "contrast_unknown"
    if wrong:
        raise Invalid(wrong)
    return SeriesLabel(body_part, _CONTRAST[contrast])


def with_label(facts: Mapping[str, Any], label: SeriesLabel) -> dict[str, Any]:
    """The facts of a series with a description; without one where it says nothing."""
    rest = {name: value for name, value in facts.items() if name != DESCRIBED}
    if label == NO_LABEL:
        return rest
    kept = {"body_part": label.body_part, "contrast": label.contrast_code}
    return {**rest, DESCRIBED: kept}
