"""Take the person out of a DICOM object, by the rules of `mdt.rules.deidentification`.

Element by element (`mdt.adapters.sandboxed.treatments`); then the object says what was done to it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from mdt.adapters.sandboxed.opening import tag_of
from mdt.adapters.sandboxed.raw_elements import put
from mdt.adapters.sandboxed.texts import text_of, uid_of
from mdt.adapters.sandboxed.treatments import WORDS, Walk
from mdt.rules.deidentification import (
    BASIC_PROFILE,
    CLEAN_DESCRIPTORS,
    CLEAN_PIXELS,
    METHOD,
    Risk,
    risk_of,
    served_patient,
)

_UTF8 = "ISO_IR 192"
_UTF8_ENCODINGS = convert_encodings(_UTF8)
_NAMES_OF_PERSON = (
    *("PatientName", "PatientID", "PatientBirthName", "OtherPatientNames", "OtherPatientIDs"),
)
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

    Preamble and file meta stay as well: what is served gets its own (`served_file.meta_bytes`).
    ``secret`` is the case's, for `served_uid`; ``renamed`` are original UIDs that are served by
    another one. ``cleared`` says that somebody has looked at an object at risk and let it pass;
    without it the object says that it may still show a person. ``blacked_out`` says that what was
    to be read in its pixels is gone. Raises `FileRefused` for what is nested too deeply.
    """
    risk = _risk(dataset)
    Walk(secret, _person(dataset), renamed).through(dataset)
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


def _person(dataset: Dataset) -> frozenset[str]:
    """Words that name the person, in capitals: technicians type them into any field."""
    words = {
        word.upper()
        for keyword in _NAMES_OF_PERSON
        for word in WORDS.findall(text_of(dataset, keyword)[0])
    }
    return frozenset(word for word in words if len(word) > (2 if word.isascii() else 1))


def _set_flags(dataset: Dataset, secret: bytes, *, clean: bool, pixels: bool) -> None:
    methods = (BASIC_PROFILE, *((CLEAN_PIXELS,) if pixels else ()), CLEAN_DESCRIPTORS)
    tag = tag_of("DeidentificationMethodCodeSequence")
    dataset[tag] = DataElement(tag, "SQ", [_code(*one) for one in methods])
    # Whatever stayed as it was is ASCII, so the new character set is true of all.
    put(dataset, tag_of("SpecificCharacterSet"), "CS", _UTF8.encode("ascii"))
    implicit, little = dataset.original_encoding
    dataset.set_original_encoding(implicit, little, _UTF8_ENCODINGS)
    put(dataset, tag_of("PatientIdentityRemoved"), "CS", b"YES" if clean else b"NO")
    put(dataset, tag_of("DeidentificationMethod"), "LO", METHOD.encode("ascii"))
    put(dataset, tag_of("LongitudinalTemporalInformationModified"), "CS", b"REMOVED")
    if pixels:
        # Of a picture that a person has looked at or blacked out, whatever its machine said.
        put(dataset, tag_of("BurnedInAnnotation"), "CS", b"NO")
    put(dataset, tag_of("PatientID"), "LO", served_patient(secret).encode("ascii"))


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    put(code, tag_of("CodeValue"), "SH", value.encode("ascii"))
    put(code, tag_of("CodingSchemeDesignator"), "SH", b"DCM")
    put(code, tag_of("CodeMeaning"), "LO", meaning.encode("ascii"))
    return code
