"""The look of printed documents: Chinese paragraphs, tables, page head and foot, watermark.

Lengths are points (1/72 inch). Text comes in as plain text; markup is made here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from reportlab.graphics.barcode.qr import QrCode
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    PageTemplate,
    Table,
    TableStyle,
)
from reportlab.platypus.paragraph import (
    Paragraph,
    ParaLines,
    _handleBulletWidth,
    cjkU,
    makeCJKParaLine,
)

from mdt.adapters.pdf_fonts import BOLD, CANNOT_START_LINE, REGULAR, markup, register_fonts, runs

INK = HexColor("#1b1f24")
QUIET = HexColor("#5b6570")
ACCENT = HexColor("#0b4f6c")
LINE = HexColor("#aab4bd")
SHADE = HexColor("#eef3f6")
WARNING = HexColor("#9b1c1c")
WATERMARK = Color(0.62, 0.65, 0.68, alpha=0.22)

SIDE, TOP, BOTTOM = 18 * mm, 22 * mm, 19 * mm
TEXT_WIDTH = A4[0] - 2 * SIDE
_TOLERANCE = 0.001
_CANNOT_START = frozenset(CANNOT_START_LINE + "!,.:;?)]}>%°′″")
_CANNOT_END = frozenset("（“‘〔【《「『([{<＜￥¥$#№")
#: Characters below this stand in words that are not divided; above it stand Chinese ones.
_FIRST_CHINESE = "\u2e80"


class ChineseParagraph(Paragraph):  # type: ignore[misc, unused-ignore]
    """A paragraph that breaks lines as Chinese print does.

    No closing mark begins a line, no opening mark ends one, and numbers and Latin words
    (``cT2aN1M0``, ``EGFR``) stay whole unless they are longer than the line.
    """

    def breakLinesCJK(self, maxWidths: float | Sequence[float]) -> Any:  # noqa: N802, N803
        """Break the fragments into lines; the name and the result are ReportLab's."""
        if getattr(self, "_splitpara", 0) and hasattr(self, "blPara"):
            return self.blPara
        widths = list(maxWidths) if isinstance(maxWidths, Sequence) else [maxWidths]
        self.height = 0
        _handleBulletWidth(self.bulletText, self.style, widths)
        units = [cjkU(c, frag, "utf8") for frag in self.frags for c in frag.text or ("",)]
        lines: list[Any] = []
        start = 0
        while start < len(units):
            width = widths[min(len(lines), len(widths) - 1)]
            end = _line_end(units, start, width)
            line, hard = units[start:end], _is_break(units[end - 1])
            used = sum(unit.width for unit in line)
            lines.append(makeCJKParaLine(line, width, used, width - used, hard, False))
            start = end
        return ParaLines(kind=1, lines=lines)

    def _get_split_blParaFunc(self) -> Any:  # noqa: N802
        """Go on over the page with the very text: ReportLab puts a space after each line."""
        return _words_of_lines


def _words_of_lines(broken: Any, start: int, stop: int) -> list[Any]:
    return [word for line in broken.lines[start:stop] for word in line.words]


def _line_end(units: Sequence[Any], start: int, width: float) -> int:
    """Find where the line that begins at ``start`` ends: always at least one further.

    Spaces at a break stay at the end of the line, where they take no room.
    """
    used = 0.0
    for at in range(start, len(units)):
        if _is_break(units[at]):
            return at + 1
        used += units[at].width
        if used > width + _TOLERANCE and units[at] != " ":
            fitting = range(at, start, -1)
            return next((end for end in fitting if _may_break(units, end)), max(at, start + 1))
    return len(units)


def _is_break(unit: Any) -> bool:
    return hasattr(unit.frag, "lineBreak")


def _may_break(units: Sequence[Any], at: int) -> bool:
    """Whether a line may end before the unit at ``at``."""
    before, after = str(units[at - 1]), str(units[at])
    if after == " " or after in _CANNOT_START or before in _CANNOT_END:
        return False
    if before == after and after in "…—":
        return False
    return before == " " or before >= _FIRST_CHINESE or after >= _FIRST_CHINESE


@dataclass(frozen=True)
class PageFrame:
    """What stands on the pages (the head from the second on), title, aware time of making.

    ``number`` is how a page is counted, with ``{page}`` and ``{pages}``.
    """

    title: str
    author: str
    head_left: str
    head_right: str
    foot_left: str
    made_at: datetime
    watermark: str = ""
    number: str = "第 {page} 页 / 共 {pages} 页"


def style(name: str, size: float = 10, **options: Any) -> ParagraphStyle:
    """Make a paragraph style in the house's font, line height 1.5."""
    options.setdefault("leading", size * 1.5)
    options.setdefault("textColor", INK)
    options.setdefault("fontName", REGULAR)
    return ParagraphStyle(name, fontSize=size, wordWrap="CJK", **options)


BODY = style("body")
SMALL = style("small", 8.5, textColor=QUIET)
CELL = style("cell", 9.2, leading=13.4)
LABEL = style("label", 9.2, leading=13.4, textColor=QUIET)
CELL_HEAD = style("cell head", 9.2, leading=13.4, fontName=BOLD, textColor=ACCENT)
HOSPITAL = style("hospital", 14, alignment=1, fontName=BOLD)
TITLE = style("title", 20, alignment=1, fontName=BOLD, leading=30)
SUBTITLE = style("subtitle", 9.2, alignment=1, textColor=QUIET)
HEADING = style("heading", 11.5, fontName=BOLD, textColor=ACCENT, spaceBefore=8, spaceAfter=3)
NOTICE = style("notice", 9.5, textColor=WARNING)


def text(words: str, look: ParagraphStyle = BODY) -> ChineseParagraph:
    """Set plain text as a paragraph; raises `MissingGlyph` for what no font can draw."""
    return ChineseParagraph(markup(words, bold=look.fontName == BOLD), look)


def labelled(label: str, words: str, look: ParagraphStyle = BODY) -> ChineseParagraph:
    """Set a bold label, a full-width colon, and words, as one paragraph."""
    return ChineseParagraph(markup(f"{label}：", bold=True) + markup(words), look)


def grid(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    """Lay out label and value in turns; widths are shares of the text's width."""
    looks = (LABEL, CELL)
    cells = [[text(cell, looks[n % 2]) for n, cell in enumerate(row)] for row in rows]
    table = Table(cells, colWidths=_points(widths), splitInRow=1)
    shaded = [("BACKGROUND", (n, 0), (n, -1), SHADE) for n in range(0, len(widths), 2)]
    table.setStyle(TableStyle([*_RULED, *shaded]))
    return table


def ruled_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float]
) -> Table:
    """Lay out a table whose head is repeated on each page; long rows flow over pages."""
    cells = [[text(cell, CELL_HEAD) for cell in head]]
    cells += [[text(cell, CELL) for cell in row] for row in rows]
    table = Table(cells, colWidths=_points(widths), repeatRows=1, splitInRow=1)
    table.setStyle(TableStyle([*_RULED, ("BACKGROUND", (0, 0), (-1, 0), SHADE)]))
    return table


def boxed(content: Sequence[Flowable], colour: Color) -> Table:
    """Set paragraphs in a box with a coloured bar on its left."""
    table = Table([[part] for part in content], colWidths=[TEXT_WIDTH], splitInRow=1)
    table.setStyle(
        TableStyle(
            [
                EMBEDDED_FONT,
                ("BACKGROUND", (0, 0), (-1, -1), SHADE),
                ("LINEBEFORE", (0, 0), (0, -1), 2.5, colour),
                ("LEFTPADDING", (0, 0), (-1, -1), 9),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def beside(left: Flowable, right: list[Flowable], left_width: float) -> Table:
    """Set one thing on the left and a column of others on its right, without lines."""
    table = Table([[left, right]], colWidths=[left_width, TEXT_WIDTH - left_width])
    table.setStyle(
        TableStyle(
            [
                EMBEDDED_FONT,
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (0, 0), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def heading(words: str) -> list[Flowable]:
    """Set a heading that does not stand alone at the foot of a page."""
    return [CondPageBreak(_ROOM_UNDER_HEADING), text(words, HEADING)]


def qr_code(content: str, size: float) -> Flowable:
    """Draw a QR code with its quiet zone, error correction M."""
    return QrCode(content, qrLevel="M", width=size, height=size, qrBorder=2)


def build_pdf(story: list[Flowable], page: PageFrame) -> bytes:
    """Set the story on A4; the same story gives the same bytes."""
    register_fonts()
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=page.title,
        author=page.author,
        lang="zh-CN",
        initialFontName=REGULAR,
        invariant=1,
    )
    frame = Frame(SIDE, BOTTOM, TEXT_WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [frame])])
    document.build(story, canvasmaker=_canvas_for(page))
    return out.getvalue()


#: Without it ReportLab names Helvetica, which is not embedded, before each cell.
EMBEDDED_FONT = ("FONTNAME", (0, 0), (-1, -1), REGULAR)
_ROOM_UNDER_HEADING = 26 * mm
_LARGEST_WATERMARK, _WATERMARK_WIDTH = 120, 560.0
_RULED: list[tuple[Any, ...]] = [
    EMBEDDED_FONT,
    ("GRID", (0, 0), (-1, -1), 0.5, LINE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 5),
    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
]


def _points(shares: Sequence[float]) -> list[float]:
    return [TEXT_WIDTH * share / sum(shares) for share in shares]


def _canvas_for(page: PageFrame) -> type[Canvas]:
    """Make a canvas that keeps its pages until their number is known."""

    class NumberedCanvas(Canvas):  # type: ignore[misc, unused-ignore]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.kept: list[dict[str, Any]] = []
            stamp = self._doc._timeStamp
            stamp.YMDhms = page.made_at.astimezone(UTC).timetuple()[:6]

        def showPage(self) -> None:  # noqa: N802
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, state in enumerate(self.kept, start=1):
                self.__dict__.update(state)
                _draw_frame(self, page, number, len(self.kept))
                super().showPage()
            super().save()

    return NumberedCanvas


def _draw_frame(canvas: Canvas, page: PageFrame, number: int, total: int) -> None:
    head, foot = A4[1] - TOP + 5 * mm, BOTTOM - 6 * mm
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(SIDE, foot + 12, A4[0] - SIDE, foot + 12)
    if number > 1:
        canvas.line(SIDE, head - 4, A4[0] - SIDE, head - 4)
        _draw_line(canvas, page.head_left, SIDE, head)
        _draw_line(canvas, page.head_right, A4[0] - SIDE, head, align=1)
    _draw_line(canvas, page.foot_left, SIDE, foot)
    counted = page.number.format(page=number, pages=total)
    _draw_line(canvas, counted, A4[0] - SIDE, foot, align=1)
    if page.watermark:
        _draw_watermark(canvas, page.watermark)


def _draw_watermark(canvas: Canvas, words: str) -> None:
    canvas.saveState()
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(40)
    width = sum(stringWidth(run, face, 1) for face, run in runs(words))
    size = min(_LARGEST_WATERMARK, _WATERMARK_WIDTH / width)
    _draw_line(canvas, words, 0, -0.375 * size, size=size, colour=WATERMARK, align=0.5)
    canvas.restoreState()


def _draw_line(
    canvas: Canvas,
    words: str,
    x: float,
    y: float,
    *,
    size: float = 8,
    colour: Color = QUIET,
    align: float = 0,
) -> None:
    """Draw one line; ``align`` is the share of its width that stands left of ``x``."""
    parts = runs(words)
    width = sum(stringWidth(run, face, size) for face, run in parts)
    line = canvas.beginText(x - align * width, y)
    line.setFillColor(colour)
    for face, run in parts:
        line.setFont(face, size)
        line.textOut(run)
    canvas.drawText(line)
