"""Where the marks of a drawing stand."""

from datetime import date

import pytest

from mdt.rules.coverage import DEFINITIONS, Board, By, CoverageRow, Period
from mdt.web.charts import draw_rates, wrap_label
from tests.unit.rules.coverage_tally import summarise

DAY = date(2026, 10, 1)
BOARD = (Board(DAY, quorum=True, signed=True),)


def report(*hospitals):
    rows = [
        CoverageRow(
            f"{code}{n}", code, "", "", "360000", "new", "C34.1", DAY,
            boards=BOARD if n < discussed else (), iii_plus=iii_plus,
        )
        for code, discussed, number, iii_plus in hospitals
        for n in range(number)
    ]  # fmt: skip
    period = Period(DAY, DAY)
    return summarise(rows, by=By.HOSPITAL, period=period, definition=DEFINITIONS["strict"], on=DAY)


def test_rates_stand_on_one_scale_with_the_target():
    chart = draw_rates(report(("A", 6, 10, "yes"), ("B", 1, 4, "yes"), ("C", 0, 3, "no")))
    assert [(mark.name, mark.x, mark.meets_target, mark.small) for mark in chart.marks] == [
        ("A", 622.0, True, False),
        ("B", 405.0, False, True),
        ("", 560.0, False, False),
    ]
    assert (chart.target_x, chart.ticks[0], chart.ticks[-1]) == (560.0, (250.0, 0), (870.0, 100))
    assert all(mark.left < mark.x < mark.right for mark in chart.marks)
    assert [mark.y for mark in chart.marks] == [39.0, 65.0, 91.0]


def test_nothing_to_draw_is_no_mark():
    assert draw_rates(report()).marks == ()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("安远示范医院（虚构）", ("安远示范医院（虚构）",)),
        ("字" * 20, ("字" * 19, "字")),
        ("字" * 40, ("字" * 19, "字" * 18 + "…")),
        ("Jiangxi Example Cancer Hospital", ("Jiangxi Example Cancer Hospital",)),
        (
            "Wuning County Traditional Chinese Medicine Hospital (fictional)",
            ("Wuning County Traditional Chinese", "Medicine Hospital (fictional)"),
        ),
        ("x" * 77, ("x" * 38, "x" * 37 + "…")),
    ],
)
def test_long_names_are_wrapped_by_their_width(name, shown):
    assert wrap_label(name) == shown


def test_rows_are_taller_where_a_name_has_two_lines():
    chart = draw_rates(report(("A", 1, 2, "yes"), ("x" * 50, 1, 2, "yes")))
    assert [mark.y for mark in chart.marks] == [44.0, 80.0, 116.0]
    assert [y for y, _ in chart.marks[1].label] == [73.0, 87.0]
