"""The report card of a tumour as PDF, one page A4. Plain data in, bytes out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from mdt.adapters.pdf_fonts import marked
from mdt.adapters.pdf_layout import TITLE, PageFrame, build_pdf, grid, heading, text

Field = tuple[str, str]
_WIDTHS = (1.5, 2.7, 1.7, 2.5)


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A card: sections with their fields, and who made it (``mark`` at the foot)."""

    title: str
    sections: Sequence[tuple[str, Sequence[Field]]]
    mark: str
    watermark: str
    author: str
    made_at: datetime


def render_card(card: PrintedCard) -> bytes:
    """Set the card; the same card gives the same bytes. Raises `FontsNotInstalled`."""
    page = PageFrame(
        title=card.title,
        author=card.author,
        head_left=card.title,
        head_right="",
        foot_left=marked(card.mark),
        made_at=card.made_at,
        watermark=marked(card.watermark),
    )
    return build_pdf(list(_story(card)), page)


def _story(card: PrintedCard) -> Iterator[Flowable]:
    yield text(card.title, TITLE)
    yield Spacer(0, 2 * mm)
    for title, fields in card.sections:
        yield from heading(title)
        yield grid(list(_pairs(fields)), _WIDTHS)


def _pairs(fields: Sequence[Field]) -> Iterator[tuple[str, str, str, str]]:
    """Two fields to a line."""
    for one, other in zip_longest(fields[::2], fields[1::2], fillvalue=("", "")):
        yield (one[0], marked(one[1]), other[0], marked(other[1]))
