"""Walk a DICOM object and take the person out of it, by the rules of `mdt.rules.deidentification`.

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
from types import MappingProxyType
from typing import NamedTuple

from pydicom.charset import convert_encodings
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

from mdt.adapters.sandboxed.opening import DEPTH_LIMIT, tag_of
from mdt.adapters.sandboxed.raw_elements import (
    Element,
    bytes_of,
    empty,
    kind_of,
    put,
    put_text,
    text_in,
)
from mdt.adapters.sandboxed.texts import charsets_of, decode, text_of, uid_of
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.deidentification import (
    BASIC_PROFILE,
    CLEAN_DESCRIPTORS,
    CLEAN_PIXELS,
    CODE_VALUES,
    DESCRIPTIONS,
    KIND_UIDS,
    MACHINE_TEXTS,
    METHOD,
    Action,
    Risk,
    action_of,
    risk_of,
    served_patient,
    served_uid,
)
from mdt.rules.image_words import known_words

_CODE = re.compile(rb"[A-Za-z0-9 _.\-/+]{0,32}\0?")
_TECHNICAL = re.compile(rb"[\x20-\x7e]{0,64}\0?")
_LONG_NUMBER = re.compile(rb"\d{6}")
_WHOLE = re.compile(rb" *([+-]?\d{1,12}(\.0*)?)? *\0?")
_DECIMAL = re.compile(rb" *([+-]?(\d{1,12}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?)? *\0?")
_UID = re.compile(r"[0-9.]{1,64}")
_WORDS = re.compile(r"[^\W_]+")

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
_UTF8 = "ISO_IR 192"
_UTF8_ENCODINGS = convert_encodings(_UTF8)
_METHODS = Tag("DeidentificationMethodCodeSequence")
_PATIENT_ID = 0x00100020
_CODE_VALUE = 0x00080100
_CODE_MEANING = 0x00080104
_SCHEME = 0x00080102
# Codes by the standard, and typed by hand on many machines: modality, body part.
_TYPED_CODES = frozenset({0x00080060, 0x00180015})
_NAMES_OF_PERSON = (
    *("PatientName", "PatientID", "PatientBirthName", "OtherPatientNames", "OtherPatientIDs"),
)

_Person = frozenset[str]


class _Place(NamedTuple):
    """How deep a data set lies, and the character sets that its text is in."""

    depth: int
    charsets: tuple[str, ...]


_OUTSIDE = _Place(-1, ())
_NOTHING: Mapping[str, str] = MappingProxyType({})


def deidentify(
    dataset: Dataset,
    secret: bytes,
    *,
    cleared: bool = False,
    blacked_out: bool = False,
    renamed: Mapping[str, str] = _NOTHING,
) -> None:
    """Take the person out of ``dataset``, in place; pixels stay as they are.

    Preamble and file meta are left, as what is served gets its own (`served_file.meta_bytes`).

    ``secret`` is the case's, for `served_uid`; ``renamed`` are original UIDs that are served by
    another one. ``cleared`` says that somebody has looked at an object at risk and let it pass;
    without it the object says that it may still show a person. ``blacked_out`` says that what was
    to be read in its pixels is gone. Raises `FileRefused` for what is nested too deeply.
    """
    risk = _risk(dataset)
    _Walk(secret, _person(dataset), renamed).through(dataset)
    pixels = blacked_out or (cleared and risk not in {None, Risk.TEXT})
    _set_flags(dataset, secret, clean=risk is None or cleared, pixels=pixels)


def _risk(dataset: Dataset) -> Risk | None:
    image_type = text_of(dataset, "ImageType")[0].split("\\")
    return risk_of(
        uid_of(dataset, "SOPClassUID"),
        text_of(dataset, "Modality")[0],
        image_type,
        text_of(dataset, "BurnedInAnnotation")[0],
    )


def _person(dataset: Dataset) -> _Person:
    """Words that name the person, in capitals: technicians type them into any field."""
    words = {
        word.upper()
        for keyword in _NAMES_OF_PERSON
        for word in _WORDS.findall(text_of(dataset, keyword)[0])
    }
    return frozenset(word for word in words if len(word) > (2 if word.isascii() else 1))


class _Walk:
    """One pass through an object."""

    def __init__(self, secret: bytes, person: _Person, renamed: Mapping[str, str]) -> None:
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
            if word.upper() in text.upper():
                text = re.sub(re.escape(word), " ", text, flags=re.IGNORECASE)
        return text

    def _names(self, parts: list[bytes]) -> bool:
        """Whether a word of the person stands in one of the values."""
        if not self._person:
            return False
        return any(
            word in self._person
            for part in parts
            for word in _WORDS.findall(part.decode("latin-1").upper())
        )


_Treatment = Callable[[_Walk, Dataset, BaseTag, Element, _Place], None]


@lru_cache(maxsize=16384)
def _treatment(tag: int, vr: str | None) -> _Treatment | None:
    """Return what is done with an element; nothing for one that stays.

    ``vr`` is as the file has it; files with implicit VR leave it to the dictionary.
    """
    entry = DicomDictionary.get(tag)
    action = action_of(tag)
    if tag in DESCRIPTIONS and (vr or "LO") in _TEXT_KINDS:
        return _Walk.description
    if action is Action.DELETE or entry is None or tag < _FIRST or tag & 0xFFFF == 0:
        return _delete
    if tag == _CHARSET_TAG:
        return _delete
    if action is Action.EMPTY:
        return _emptied
    kind = vr or entry[0]
    if kind == "UN":
        return _Walk.unknown
    if kind == "SQ":
        return _Walk.sequence
    if action is Action.DUMMY:
        return _dummy
    if kind == "UI":
        return _Walk.class_uid if tag in KIND_UIDS else _Walk.uid
    return _delete if action is Action.UID else _by_kind(tag, kind, entry[1])


def _by_kind(tag: int, kind: str, multiplicity: str) -> _Treatment | None:
    """Return the treatment of an attribute that the table does not name."""
    if kind in _SIZES:
        return _numbers(_SIZES[kind], multiplicity)
    if kind in _BYTES:
        return None if tag >> 16 in _GROUPS_OF_BYTES else _delete
    if tag in _TYPED_CODES:
        return _Walk.description
    if kind == "CS":
        return _Walk.code
    if kind in {"DS", "IS"}:
        return _written_numbers(_WHOLE if kind == "IS" else _DECIMAL)
    if kind == "PN":
        return _dummy
    if tag in CODE_VALUES and kind in _TEXT_KINDS:
        return _Walk.code_value
    if tag == _CODE_MEANING and kind in _TEXT_KINDS:
        return _Walk.meaning
    if tag in MACHINE_TEXTS and kind in _TEXT_KINDS:
        return _Walk.text
    return _emptied if kind in _EMPTIED else _delete


def _numbers(size: int, multiplicity: str) -> _Treatment | None:
    most = int(multiplicity) * size if multiplicity.isdigit() else None

    def treat(walk: _Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        raw = element.value
        if isinstance(raw, bytes) and (len(raw) % size or (most is not None and len(raw) > most)):
            empty(dataset, tag, element)

    return treat


def _written_numbers(pattern: re.Pattern[bytes]) -> _Treatment:
    def treat(walk: _Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
        if not all(map(pattern.fullmatch, bytes_of(element).split(b"\\"))):
            empty(dataset, tag, element)

    return treat


def _delete(walk: _Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
    del dataset[tag]


def _emptied(walk: _Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
    empty(dataset, tag, element)


def _dummy(walk: _Walk, dataset: Dataset, tag: BaseTag, element: Element, place: _Place) -> None:
    kind = kind_of(tag, element)
    if kind in _DUMMIES:
        put(dataset, tag, kind, _DUMMIES[kind])
    else:
        del dataset[tag]


def _set_flags(dataset: Dataset, secret: bytes, *, clean: bool, pixels: bool) -> None:
    methods = (BASIC_PROFILE, *((CLEAN_PIXELS,) if pixels else ()), CLEAN_DESCRIPTORS)
    dataset[_METHODS] = DataElement(_METHODS, "SQ", [_code(*one) for one in methods])
    # Whatever stayed as it was is ASCII, so the new character set is true of all.
    put(dataset, Tag(_CHARSET_TAG), "CS", _UTF8.encode("ascii"))
    implicit, little = dataset.original_encoding
    dataset.set_original_encoding(implicit, little, _UTF8_ENCODINGS)
    put(dataset, tag_of("PatientIdentityRemoved"), "CS", b"YES" if clean else b"NO")
    put(dataset, tag_of("DeidentificationMethod"), "LO", METHOD.encode("ascii"))
    put(dataset, tag_of("LongitudinalTemporalInformationModified"), "CS", b"REMOVED")
    if pixels:
        # Of a picture that a person has looked at or blacked out, whatever its machine said.
        put(dataset, tag_of("BurnedInAnnotation"), "CS", b"NO")
    put(dataset, Tag(_PATIENT_ID), "LO", served_patient(secret).encode("ascii"))


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    put(code, Tag(_CODE_VALUE), "SH", value.encode("ascii"))
    put(code, Tag(_SCHEME), "SH", b"DCM")
    put(code, Tag(_CODE_MEANING), "LO", meaning.encode("ascii"))
    return code
