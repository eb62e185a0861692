"""Values of a DICOM object as bytes: read without converting, set without encoding."""

from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag
from pydicom.valuerep import VR

Element = DataElement | RawDataElement

# Those that can be written: a few stand for "one of two".
_KINDS = frozenset(member.value for member in VR if len(member.value) == 2)


def empty(dataset: Dataset, tag: BaseTag, element: Element) -> None:
    """Leave the attribute without a value."""
    kind = kind_of(tag, element)
    if kind == "SQ":
        dataset[tag] = DataElement(tag, "SQ", [])
    elif kind in _KINDS:
        put(dataset, tag, kind, b"")
    else:
        del dataset[tag]


def kind_of(tag: BaseTag, element: Element) -> str:
    """Return the VR by the dictionary where the file has none to offer."""
    named = element.VR
    if named is None or named == "UN":
        entry = DicomDictionary.get(int(tag))
        return entry[0] if entry else "UN"
    return str(named)


def put(dataset: Dataset, tag: BaseTag, kind: str, value: bytes, pad: bytes = b" ") -> None:
    """Set a value as the bytes that will stand in the file."""
    even = value + pad if len(value) % 2 else value
    dataset[tag] = RawDataElement(tag, kind, len(even), even, 0, False, True)


def put_text(dataset: Dataset, tag: BaseTag, kind: str, text: str) -> None:
    """Set a text in any script."""
    if text.isascii():
        put(dataset, tag, kind, text.encode("ascii"))
    else:  # to be written in the character set that the whole gets
        dataset[tag] = DataElement(tag, kind, text)


def bytes_of(element: Element) -> bytes:
    """Return the value as it lies in the file, or as it would."""
    value = element.value
    return value if isinstance(value, bytes) else text_in(element).encode("utf-8", "replace")


def text_in(element: Element) -> str:
    """Return the value as text, several joined by a backslash; bytes as Latin-1, whatever it is."""
    value = element.value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, list | tuple) or hasattr(value, "_list"):
        return "\\".join(map(str, value))
    return str(value)
