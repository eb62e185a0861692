"""Read the text of a PDF as a person who copies it would get it."""

import re
from io import BytesIO

import pikepdf


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, one line for each piece that is drawn."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [_page_text(page) for page in document.pages]


def fonts(pdf: bytes) -> dict[str, bool]:
    """Fonts by name without the subset's prefix, and whether each is embedded as a subset."""
    found = {}
    with pikepdf.open(BytesIO(pdf)) as document:
        for page in document.pages:
            for font in page.Resources.Font.values():
                prefix, _, name = str(font.BaseFont)[1:].rpartition("+")
                found[name] = bool(prefix) and "/FontFile2" in font.FontDescriptor
    return found


def _page_text(page: pikepdf.Page) -> str:
    tables = {name: _to_unicode(font) for name, font in page.Resources.Font.items()}
    table: dict[int, str] = {}
    pieces: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                table = tables[str(operands[0])]
            case "Tj":
                pieces.append("".join(table[code] for code in bytes(operands[0])))
            case "T*" | "ET":
                pieces.append("\n")
    return "".join(pieces)


def _to_unicode(font: pikepdf.Object) -> dict[int, str]:
    if "/ToUnicode" not in font:
        return {}
    pairs = re.findall(rb"<(\w{2})> <(\w{4,})>", font.ToUnicode.read_bytes())
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}
