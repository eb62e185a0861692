"""Charts that the server draws: plain geometry, which a template turns into SVG."""

import unicodedata
from dataclasses import dataclass

from mdt.rules.coverage import Line, Report, first_groups

_ROW_HEIGHT = 26
_TALL_ROW_HEIGHT = 36
_LINE_HEIGHT = 14
_LABEL_WIDTH = 250
_PLOT_WIDTH = 620
_FIGURES_WIDTH = 130
_TOP = 26
#: Halves of a Chinese character that the label's column holds.
_LABEL_UNITS = 38


@dataclass(frozen=True)
class RateMark:
    """One line of the chart: a rate with its interval; positions in pixels of the drawing.

    ``label`` is the name in one line or two, each with where it stands.
    """

    name: str
    label: tuple[tuple[float, str], ...]
    rate: float
    numerator: int
    denominator: int
    y: float
    x: float
    left: float
    right: float
    meets_target: bool
    small: bool
    total: bool


@dataclass(frozen=True)
class RateChart:
    """A drawing of rates against their target."""

    width: int
    height: int
    plot_left: int
    plot_right: int
    plot_bottom: float
    target_x: float
    target: float
    ticks: tuple[tuple[float, int], ...]
    marks: tuple[RateMark, ...]


def draw_rates(report: Report) -> RateChart:
    """Lay out the rates of a report that have a denominator, the total last.

    By two groupings those of the first alone: a mark for each pair would fill pages.
    """
    lines = [line for line in first_groups(report) if line.denominator]
    if report.total.denominator:
        lines.append(report.total)
    long = any(len(wrap_label(line.name)) > 1 for line in lines)
    height = _TALL_ROW_HEIGHT if long else _ROW_HEIGHT
    marks = tuple(_mark(line, _TOP + height * (at + 0.5)) for at, line in enumerate(lines))
    bottom = _TOP + height * len(marks)
    target = float(report.definition.target)
    return RateChart(
        width=_LABEL_WIDTH + _PLOT_WIDTH + _FIGURES_WIDTH,
        height=bottom + 28,
        plot_left=_LABEL_WIDTH,
        plot_right=_LABEL_WIDTH + _PLOT_WIDTH,
        plot_bottom=bottom,
        target_x=_x(target),
        target=target,
        ticks=tuple((_x(percent / 100), percent) for percent in range(0, 101, 25)),
        marks=marks,
    )


def _x(share: float) -> float:
    return round(_LABEL_WIDTH + share * _PLOT_WIDTH, 1)


def _mark(line: Line, y: float) -> RateMark:
    low, high = line.exact.interval
    rate = line.exact.rate or 0.0
    return RateMark(
        name=line.name,
        label=_placed(wrap_label(line.name), y),
        rate=rate,
        numerator=line.numerator,
        denominator=line.denominator,
        y=y,
        x=_x(rate),
        left=_x(low or 0.0),
        right=_x(high or 0.0),
        meets_target=line.meets_target,
        small=line.is_small,
        total=line.code == "",
    )


def _placed(lines: tuple[str, ...], y: float) -> tuple[tuple[float, str], ...]:
    first = y - _LINE_HEIGHT * (len(lines) - 1) / 2
    return tuple((first + _LINE_HEIGHT * at, line) for at, line in enumerate(lines))


def wrap_label(name: str) -> tuple[str, ...]:
    """Break a name that the label's column can't hold into two lines, between words if it has any.

    What the second line can't hold is cut.
    """
    fits = _fitting(name)
    if fits == len(name):
        return (name,)
    space = name.rfind(" ", 0, fits + 1)
    first = name[:space] if space > 0 else name[:fits]
    rest = name[len(first) :].lstrip()
    end = _fitting(rest)
    return first, rest if end == len(rest) else rest[: end - 1] + "…"


def _fitting(text: str) -> int:
    """How many characters fit into a line; a Chinese one is two letters wide."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > _LABEL_UNITS:
            return index
    return len(text)
