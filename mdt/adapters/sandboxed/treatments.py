"""Each element of an object is treated by its attribute and its kind.

The standard's table comes first. Of what it does not name, numbers and codes stay and all that can
hold a sentence goes: dates, names and free text are emptied, whatever attribute they stand in.
Texts that viewers need stay if they are a machine's (a unit, a kernel, the meaning of a code) or,
where people type them too, by their known words (the standard's Clean Descriptors Option). Bytes
that are not what their kind says are emptied as well, since somebody would decode them. Values are
looked at as they lie in the file: converting each would take ten times as long.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from mdt.adapters.sandboxed.opening import DEPTH_LIMIT
from mdt.adapters.sandboxed.raw_elements import (
    Element,
    bytes_of,
    empty,
    kind_of,
    put,
    put_text,
    text_in,
)
from mdt.adapters.sandboxed.texts import charsets_of, decode
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.deidentification import (
    CODE_VALUES,
    DESCRIPTIONS,
    KIND_UIDS,
    MACHINE_TEXTS,
    Action,
    action_of,
    served_uid,
)
from mdt.rules.image_words import known_words

_CODE = re.compile(rb"[A-Za-z0-9 _.\-/+]{0,32}\0?")
_TECHNICAL = re.compile(rb"[\x20-\x7e]{0,64}\0?")
_LONG_NUMBER = re.compile(rb"\d{6}")
_WHOLE = re.compile(rb" *([+-]?\d{1,12}(\.0*)?)? *\0?")
_DECIMAL = re.compile(rb" *([+-]?(\d{1,12}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?)? *\0?")
_UID = re.compile(r"[0-9.]{1,64}")
WORDS = re.compile(r"[^\W_]+")

_SIZES = {
    **dict.fromkeys(("SS", "US"), 2),
    **dict.fromkeys(("AT", "FL", "OF", "OL", "SL", "UL"), 4),
    **dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), 8),
    # What only the rest of the object decides, in files that do not say it.
    **dict.fromkeys(("US or OW", "US or SS", "US or SS or OW"), 2),
}
_BYTES = frozenset({"OB", "OW", "OB or OW"})
# Look-up tables, surfaces, segments, waveforms, spectra, pixels.
_GROUPS_OF_BYTES = frozenset({0x0028, 0x0062, 0x0066, 0x5400, 0x5600, 0x7FE0})
_TEXT_KINDS = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
_EMPTIED = _TEXT_KINDS | {"AE", "AS", "DA", "DT", "TM", "UR"}
_DUMMIES = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), b"REMOVED "),
    **dict.fromkeys(("DS", "IS"), b"0 "),
    "AS": b"000Y",
    "DA": b"19000101",
    "DT": b"19000101000000",
    "OB": b"\0\0",
    "TM": b"000000",
    "UR": b"about:blank ",
}
# Commands, file meta and directory records have no place in an object.
_FIRST = 0x00080000
_CHARSET_TAG = 0x00080005
_CODE_MEANING = 0x00080104
_SCHEME = 0x00080102
# Codes by the standard, and typed by hand on many machines: modality, body part.
_TYPED_CODES = frozenset({0x00080060, 0x00180015})


class _Place(NamedTuple):
    """How deep a data set lies, and the character sets that its text is in."""

    depth: int
    charsets: tuple[str, ...]


_OUTSIDE = _Place(-1, ())


class Walk:
    """One pass through an object, whose ``person`` are words that name them, in capitals."""

    def __init__(self, secret: bytes, person: frozenset[str], renamed: Mapping[str, str]) -> None:
        self._secret = secret
        self._person = person
        self._uids = dict(renamed)

    def through(self, dataset: Dataset, outside: _Place = _OUTSIDE) -> None:
        """Treat every element, those of all sequences included."""
        place = _Place(outside.depth + 1, tuple(charsets_of(dataset)) or outside.charsets)
        if place.depth > DEPTH_LIMIT:
            raise FileRefused(Refusal.DICOM_TOO_DEEP)
        for tag, element in list(dataset.items()):
            treatment = _treatment(int(tag), element.VR)
            if treatment is not None:
                treatment(self, dataset, tag, element, place)

    def uid(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Put the served UIDs in place of the original ones."""
        served = "\\".join(self._served(uid) for uid in text_in(element).split("\\"))
        put(dataset, tag, "UI", served.encode("ascii"), b"\0")

    def _served(self, uid: str) -> str:
        plain = uid.strip("\0 ")
        known = self._uids.get(plain)
        if known is None:
            known = self._uids[plain] = served_uid(self._secret, plain)
        return known

    def class_uid(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Keep the UID of a class, a syntax or a code list, if it is one at all."""
        for uid in text_in(element).split("\\"):
            if uid.strip("\0 ") and not _UID.fullmatch(uid.strip("\0 ")):
                self.uid(dataset, tag, element, place)

    def sequence(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Go through the items; a sequence that cannot be read goes."""
        try:
            found = dataset[tag].value
        except RecursionError as error:
            raise FileRefused(Refusal.DICOM_TOO_DEEP) from error
        except Exception:  # whatever a parser raises on bytes that only claim to be a sequence
            del dataset[tag]
            return
        if not isinstance(found, Sequence):
            del dataset[tag]
            return
        for item in found:
            self.through(item, place)

    def unknown(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Read by the dictionary what the file calls unknown; what stays unknown goes."""
        try:
            known = dataset[tag]
        except Exception:  # as above
            del dataset[tag]
            return
        if known.VR == "UN":
            del dataset[tag]
            return
        treatment = _treatment(int(tag), known.VR)
        if treatment is not None:
            treatment(self, dataset, tag, known, place)

    def code(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Keep code strings that are codes."""
        parts = bytes_of(element).split(b"\\")
        if not all(map(_CODE.fullmatch, parts)) or self._names(parts):
            empty(dataset, tag, element)

    def text(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Keep a machine's words: plain letters, no long number, nothing of the person."""
        raw = bytes_of(element)
        if not _TECHNICAL.fullmatch(raw) or _LONG_NUMBER.search(raw) or self._names([raw]):
            empty(dataset, tag, element)

    def code_value(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Keep the value of a code."""
        raw = bytes_of(element)
        if not _TECHNICAL.fullmatch(raw) or self._names([raw]):
            empty(dataset, tag, element)

    def meaning(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Keep what a public list of codes calls its code, of others the known words."""
        named = text_in(dataset.get_item(_SCHEME)).strip("\0 ") if _SCHEME in dataset else ""
        local = not named or named == "L" or named.startswith("99")
        if local or not bytes_of(element).isascii():
            self.description(dataset, tag, element, place)
        else:
            self.text(dataset, tag, element, place)

    def description(self, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        """Keep the known words of what somebody typed."""
        raw = element.value
        text = decode(raw, place.charsets)[0] if isinstance(raw, bytes) else text_in(element)
        parts = [known_words(self._without_person(part)) for part in text.split("\\")]
        kept = "\\".join(parts).strip("\\")
        if kept:
            put_text(dataset, tag, kind_of(tag, element), kept)
        elif action_of(int(tag)) is Action.DELETE:
            del dataset[tag]
        else:
            empty(dataset, tag, element)

    def _without_person(self, text: str) -> str:
        for word in self._person:
            if word in text.upper():
                text = re.sub(re.escape(word), " ", text, flags=re.IGNORECASE)
        return text

    def _names(self, parts: list[bytes]) -> bool:
        """Whether a word of the person stands in one of the values."""
        if not self._person:
            return False
        return any(
            word in self._person
            for part in parts
            for word in WORDS.findall(part.decode("latin-1").upper())
        )


_Treatment = Callable[[Walk, Dataset, BaseTag, Element, _Place], None]


@lru_cache(maxsize=16384)
def _treatment(tag: int, vr: str | None) -> _Treatment | None:
    """Return what is done with an element; nothing for one that stays.

    ``vr`` is as the file has it; files with implicit VR leave it to the dictionary.
    """
    entry = DicomDictionary.get(tag)
    action = action_of(tag)
    if tag in DESCRIPTIONS and (vr or "LO") in _TEXT_KINDS:
        return Walk.description
    if action is Action.DELETE or entry is None or tag < _FIRST or tag & 0xFFFF == 0:
        return _delete
    if tag == _CHARSET_TAG:
        return _delete
    if action is Action.EMPTY:
        return _emptied
    kind = vr or entry[0]
    if kind == "UN":
        return Walk.unknown
    if kind == "SQ":
        return Walk.sequence
    if action is Action.DUMMY:
        return _dummy
    if kind == "UI":
        return Walk.class_uid if tag in KIND_UIDS else Walk.uid
    return _delete if action is Action.UID else _by_kind(tag, kind, entry[1])


def _by_kind(tag: int, kind: str, multiplicity: str) -> _Treatment | None:
    """Return the treatment of an attribute that the table does not name."""
    if kind in _SIZES:
        return _numbers(_SIZES[kind], multiplicity)
    if kind in _BYTES:
        return None if tag >> 16 in _GROUPS_OF_BYTES else _delete
    if tag in _TYPED_CODES:
        return Walk.description
    if kind == "CS":
        return Walk.code
    if kind in {"DS", "IS"}:
        return _written_numbers(_WHOLE if kind == "IS" else _DECIMAL)
    if kind == "PN":
        return _dummy
    if tag in CODE_VALUES and kind in _TEXT_KINDS:
        return Walk.code_value
    if tag == _CODE_MEANING and kind in _TEXT_KINDS:
        return Walk.meaning
    if tag in MACHINE_TEXTS and kind in _TEXT_KINDS:
        return Walk.text
    return _emptied if kind in _EMPTIED else _delete


def _numbers(size: int, multiplicity: str) -> _Treatment | None:
    most = int(multiplicity) * size if multiplicity.isdigit() else None

    def treat(walk: Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        raw = element.value
        if isinstance(raw, bytes) and (len(raw) % size or (most is not None and len(raw) > most)):
            empty(dataset, tag, element)

    return treat


def _written_numbers(pattern: re.Pattern[bytes]) -> _Treatment:
    def treat(walk: Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        if not all(map(pattern.fullmatch, bytes_of(element).split(b"\\"))):
            empty(dataset, tag, element)

    return treat


def _delete(walk: Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
    del dataset[tag]


def _emptied(walk: Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
    empty(dataset, tag, element)


def _dummy(walk: Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
    kind = kind_of(tag, element)
    if kind in _DUMMIES:
        put(dataset, tag, kind, _DUMMIES[kind])
    else:
        del dataset[tag]
