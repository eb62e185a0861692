"""Key images and lesions in the printed opinion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Spacer, Table, TableStyle

from mdt.adapters.pdf_layout import (
    CELL,
    EMBEDDED_FONT,
    LABEL,
    SMALL,
    TEXT_WIDTH,
    ruled_table,
    text,
)

_HEIGHT = 62 * mm
_HALF = TEXT_WIDTH / 2 - 4 * mm


@dataclass(frozen=True, slots=True)
class KeyImageLine:
    """A key image: what it is of, its caption; ``jpeg`` is empty where it cannot be shown."""

    title: str
    caption: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class LesionLine:
    """A lesion's lengths now and before, and the change, in words."""

    name: str
    current: str
    prior: str
    change: str


@dataclass(frozen=True, slots=True)
class PicturesPart:
    """What is printed of pictures; ``sums`` are those of the lesions' diameters, in words."""

    key_images: tuple[KeyImageLine, ...] = ()
    lesions: tuple[LesionLine, ...] = ()
    sums: str = ""


NO_PICTURES = PicturesPart()


def picture_sections(part: PicturesPart) -> list[tuple[str, Iterable[Flowable]]]:
    """Heading and content of each section that has something in it."""
    sections: list[tuple[str, Iterable[Flowable]]] = []
    if part.key_images:
        sections.append(("关键影像", _key_images(part.key_images)))
    if part.lesions:
        sections.append(("病灶对照", _lesions(part)))
    return sections


def _key_images(images: Sequence[KeyImageLine]) -> list[Flowable]:
    numbered = list(enumerate(images, start=1))
    cells = [
        (_picture(one.jpeg, _HEIGHT), f"{number}. {one.title}", one.caption)
        for number, one in numbered
    ]
    return [_in_columns(cells)]


def _lesions(part: PicturesPart) -> list[Flowable]:
    rows = [(one.name, one.prior, one.current, one.change) for one in part.lesions]
    table = ruled_table(("病灶", "既往", "本次", "变化"), rows, (34, 24, 24, 18))
    return [table, *([Spacer(0, 2), text(part.sums, SMALL)] if part.sums else [])]


def _picture(jpeg: bytes, height: float) -> Flowable:
    """A picture as large as half the text's width and ``height`` let it be; words where none is."""
    if not jpeg:
        return text("（此幅图像现不能提供）", SMALL)
    shown = Image(BytesIO(jpeg))
    scale = min(_HALF / shown.imageWidth, height / shown.imageHeight)
    shown.drawWidth, shown.drawHeight = shown.imageWidth * scale, shown.imageHeight * scale
    shown.hAlign = "LEFT"
    return shown


def _in_columns(pictures: Sequence[tuple[Flowable, str, str]]) -> Table:
    """Pictures in two columns, title and caption below each; a row stays on one page."""
    cells = [
        [shown, text(title, LABEL), *([text(caption, CELL)] if caption else [])]
        for shown, title, caption in pictures
    ]
    rows = [[*cells[n : n + 2], *[""] * (n + 2 - len(cells))] for n in range(0, len(cells), 2)]
    table = Table(rows, colWidths=[TEXT_WIDTH / 2] * 2)
    table.setStyle(
        TableStyle(
            [
                EMBEDDED_FONT,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    return table
