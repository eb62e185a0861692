"""What a file is, by its first bytes and by its extension; both have to agree.

An allow-list: DICOM, PDF, JPEG, PNG, ZIP. Everything else gets the refusal that tells the person
what to do. Reading the content proper (and being sure) is left to the sandbox.
"""

import re
import struct

from mdt.rules.attachments import Kind, Refusal, extension_of

HEAD_BYTES = 4096

_DICOM_MARK = slice(128, 132)
_EXTENSIONS: dict[Kind, frozenset[str]] = {
    # What machines, discs and PACS really write; numbers because names are often UIDs.
    Kind.DICOM: frozenset({"", "dcm", "dicom", "dic", "ima", "img", "dc3", "acr"}),
    Kind.JPEG: frozenset({"jpg", "jpeg", "jpe", "jfif"}),
    Kind.PDF: frozenset({"pdf"}),
    Kind.PNG: frozenset({"png"}),
    Kind.ZIP: frozenset({"zip"}),
}
_ALLOWED_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", Kind.PDF),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
)
_REFUSED_STARTS: tuple[tuple[bytes, Refusal], ...] = (
    (b"MZ", Refusal.EXECUTABLE),
    (b"\x7fELF", Refusal.EXECUTABLE),
    (b"#!", Refusal.EXECUTABLE),
    (b"\xfe\xed\xfa", Refusal.EXECUTABLE),
    (b"\xce\xfa\xed\xfe", Refusal.EXECUTABLE),
    (b"\xcf\xfa\xed\xfe", Refusal.EXECUTABLE),
    (b"\xca\xfe\xba\xbe", Refusal.EXECUTABLE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Refusal.OFFICE_DOCUMENT),
    (b"{\\rtf", Refusal.OFFICE_DOCUMENT),
    (b"Rar!\x1a\x07", Refusal.ARCHIVE_OTHER_FORMAT),
    (b"7z\xbc\xaf\x27\x1c", Refusal.ARCHIVE_OTHER_FORMAT),
    (b"\x1f\x8b", Refusal.ARCHIVE_OTHER_FORMAT),
    (b"BZh", Refusal.ARCHIVE_OTHER_FORMAT),
    (b"\xfd7zXZ\x00", Refusal.ARCHIVE_OTHER_FORMAT),
    (b"GIF8", Refusal.IMAGE_OTHER_FORMAT),
    (b"BM", Refusal.IMAGE_OTHER_FORMAT),
    (b"RIFF", Refusal.VIDEO),
    (b"\x1aE\xdf\xa3", Refusal.VIDEO),
    (b"KFB", Refusal.SLIDE_VENDOR),
)
_REFUSED_EXTENSIONS: dict[str, Refusal] = {
    **dict.fromkeys(
        ("exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "js", "jar", "sh", "py",
         "php", "apk", "lnk", "hta", "inf"),
        Refusal.EXECUTABLE,
    ),
    **dict.fromkeys(("svs", "ndpi", "mrxs", "scn", "bif"), Refusal.SLIDE),
    **dict.fromkeys(("kfb", "tmap", "sdpc"), Refusal.SLIDE_VENDOR),
    **dict.fromkeys(("mp4", "mov", "avi", "wmv", "mkv", "mpg", "mpeg", "flv"), Refusal.VIDEO),
    **dict.fromkeys(
        ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "rtf", "odt", "ofd"),
        Refusal.OFFICE_DOCUMENT,
    ),
    **dict.fromkeys(("rar", "7z", "gz", "tgz", "tar", "bz2", "xz"), Refusal.ARCHIVE_OTHER_FORMAT),
    **dict.fromkeys(
        ("tif", "tiff", "bmp", "gif", "heic", "heif", "webp", "avif"), Refusal.IMAGE_OTHER_FORMAT
    ),
    **dict.fromkeys(("svg", "svgz"), Refusal.SVG),
    **dict.fromkeys(("html", "htm", "mht", "mhtml", "xhtml"), Refusal.HTML),
}  # fmt: skip
_MARKUP = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|iframe|svg)\b", re.IGNORECASE)
_SVG = re.compile(rb"<\s*svg\b", re.IGNORECASE)
_HEADERLESS_GROUPS = (0x0002, 0x0008)
_LONG_VRS = frozenset({b"OB", b"OW", b"OF", b"SQ", b"UN", b"UT"})


def sniff(head: bytes, file_name: str) -> Kind | Refusal:
    """Say what the file is, or why it is not taken.

    ``head`` is the content or its first `HEAD_BYTES`; ``file_name`` as the browser sent it, used
    for its extension alone. A file that starts like a program and has the DICOM mark is taken as
    DICOM: the reader zeroes those first 128 bytes.
    """
    if not head:
        return Refusal.EMPTY
    extension = extension_of(file_name)
    kind = _kind_by_content(head)
    if kind is None:
        return _refusal(head, extension)
    if _extension_fits(kind, extension):
        return kind
    if kind is Kind.ZIP or extension in {"exe", "html", "htm", "js", "mrxs", "svg"}:
        # docx, jar, apk are ZIP inside, an MRXS is a JPEG: the extension tells what to do.
        return _REFUSED_EXTENSIONS.get(extension, Refusal.EXTENSION_MISMATCH)
    return Refusal.EXTENSION_MISMATCH


def has_dicom_mark(head: bytes) -> bool:
    """Whether ``DICM`` stands behind a preamble of 128 bytes."""
    return head[_DICOM_MARK] == b"DICM"


def _kind_by_content(head: bytes) -> Kind | None:
    # The mark first: a PDF or ZIP preamble before it makes a polyglot, which is read as DICOM.
    if has_dicom_mark(head):
        return Kind.DICOM
    for start, kind in _ALLOWED_STARTS:
        if head.startswith(start):
            return kind
    return Kind.DICOM if _looks_headerless(head) else None


def _looks_headerless(head: bytes) -> bool:
    """Whether the file begins with a data element of group 0002 or 0008 (no preamble)."""
    if len(head) < 8 + 4:
        return False
    for order in ("<", ">"):
        group, element = struct.unpack(f"{order}HH", head[:4])
        if group not in _HEADERLESS_GROUPS or element > 0x0100:
            continue
        if head[4:6].isalpha() and head[4:6].isupper():
            long = head[4:6] in _LONG_VRS
            where, size = (8, "I") if long else (6, "H")
        else:
            where, size = 4, "I"
        (length,) = struct.unpack_from(f"{order}{size}", head, where)
        if length <= 1024:
            return True
    return False


def _refusal(head: bytes, extension: str) -> Refusal:
    for start, refusal in _REFUSED_STARTS:
        if head.startswith(start):
            return refusal
    if head[4:8] == b"ftyp":
        still = head[8:12] in {b"heic", b"heix", b"mif1", b"avif"}
        return Refusal.IMAGE_OTHER_FORMAT if still else Refusal.VIDEO
    text = head[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    if text.lstrip()[:1] == b"<" and _MARKUP.search(text):
        return Refusal.SVG if _SVG.search(text) else Refusal.HTML
    if extension in _REFUSED_EXTENSIONS:
        return _REFUSED_EXTENSIONS[extension]
    if head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        return Refusal.IMAGE_OTHER_FORMAT
    claimed = any(extension in found for found in _EXTENSIONS.values() if extension)
    return Refusal.EXTENSION_MISMATCH if claimed else Refusal.UNKNOWN_FORMAT


def _extension_fits(kind: Kind, extension: str) -> bool:
    return extension in _EXTENSIONS[kind] or (kind is Kind.DICOM and extension.isdecimal())
