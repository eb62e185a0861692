"""Names of DICOM attributes."""

from pydicom.datadict import tag_for_keyword


def tag_named(name: str) -> str:
    """The tag (8 hexadecimal digits, capitals) of a keyword or a tag; empty for neither."""
    if len(name) == 8:
        try:
            return f"{int(name, 16):08X}"
        except ValueError:
            pass
    tag = tag_for_keyword(name)
    return "" if tag is None else f"{tag:08X}"
