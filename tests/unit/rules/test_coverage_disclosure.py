"""What leaves the quality organisations: no small number is shown, and none can be computed."""

from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdt.rules.coverage import FIGURES, STRICT, By, Period, publish, summarise
from mdt.rules.coverage.published import (
    published_sentence,
    published_table,
    published_text,
    why_hidden,
)

QUARTER = Period(date(2026, 10, 1), date(2026, 12, 31))


def report(*pairs, **more):
    """Hospitals A, B, C... with numerator and denominator."""
    counted = []
    for at, (numerator, denominator) in enumerate(pairs):
        counts = dict.fromkeys(FIGURES, 0) | {"numerator": numerator, "denominator": denominator}
        counts["below"] = 1
        counted.append(((f"H{at}",), list(counts.values())))
    asked = {"by": By.HOSPITAL, "period": QUARTER, "definition": STRICT, "on": QUARTER.last}
    return summarise(counted, **asked, **more)


def shown(*pairs):
    published = publish(report(*pairs))
    return [(row.numerator, row.denominator) for row in (*published.rows, published.total)]


H = None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # Nothing small; a numerator of 0 or all of the denominator is no small number.
        (((10, 20), (6, 11)), [(10, 20), (6, 11), (16, 31)]),
        (((0, 20), (9, 9)), [(0, 20), (9, 9), (9, 29)]),
        (((5, 10), (5, 10)), [(5, 10), (5, 10), (10, 20)]),
        # A small numerator, and the smallest row that could give it away.
        (((4, 20), (15, 30), (9, 18)), [(H, 20), (15, 30), (H, 18), (28, 68)]),
        # A small difference of the two is as telling.
        (((17, 20), (15, 30), (9, 18)), [(H, 20), (15, 30), (H, 18), (41, 68)]),
        # A small denominator goes with its rate.
        (((2, 4), (15, 30), (9, 18)), [(H, H), (15, 30), (H, H), (26, 52)]),
        # Two hidden rows are together a small number: a third one goes with them.
        (((1, 30), (2, 40), (25, 50)), [(H, 30), (H, 40), (H, 50), (28, 120)]),
        # Where no row is left, the total goes.
        (((4, 20),), [(H, 20), (H, 20)]),
        (((1, 30), (0, 40)), [(H, 30), (0, 40), (H, 70)]),
        (((1, 1), (1, 1), (1, 1), (1, 1), (1, 1)), [(H, H)] * 6),
        (((0, 3),), [(H, H), (H, H)]),
        # An empty row hides nothing: everybody knows what is in it.
        (((3, 20), (0, 0), (20, 40)), [(H, 20), (0, 0), (H, 40), (23, 60)]),
    ],
)  # fmt: skip
def test_what_is_small_or_could_be_computed_is_hidden(given, expected):
    assert shown(*given) == expected


def lines():
    """Numerators and denominators, many of them small."""
    sizes = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9, 12, 40])
    line = sizes.flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size)))
    return st.lists(line, min_size=1, max_size=7)


def small(number):
    return 1 <= number <= 4


@settings(max_examples=300)
@given(pairs=lines())
def test_nothing_small_is_shown(pairs):
    published = publish(report(*pairs))
    for row in (*published.rows, published.total):
        figures = row.as_json()
        numbers = [figures["numerator"], figures["denominator"]]
        if figures["numerator"] is None:
            rest = [figures[name] for name in ("rate", "ci_low", "ci_high", "meets_target")]
            assert (rest, figures["hidden"]) == ([None] * 4, True)
        else:
            numbers.append(figures["denominator"] - figures["numerator"])
        assert [number for number in numbers if number is not None and small(number)] == []


@settings(max_examples=300)
@given(pairs=lines())
def test_no_hidden_number_follows_from_sums(pairs):
    """Unknowns of linear equations: one is given away where its unit vector is in their span."""
    published = publish(report(*pairs))
    rows = published.rows
    unknown = [("n", at) for at, row in enumerate(rows) if row.numerator is None]
    unknown += [("d", at) for at, row in enumerate(rows) if row.denominator is None]
    equations = []
    if published.total.numerator is not None:
        equations.append([Fraction(kind == "n") for kind, _ in unknown])
    if published.total.denominator is not None:
        equations.append([Fraction(kind == "d") for kind, _ in unknown])
    for index, (kind, at) in enumerate(unknown):
        line = rows[at].line
        if kind == "n" and not small(line.numerator):
            continue
        unit = [Fraction(one == index) for one in range(len(unknown))]
        assert rank([*equations, unit]) == rank(equations) + 1


def rank(matrix):
    """How many of these vectors are independent."""
    rows, found = [list(row) for row in matrix], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in rows[found:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(found, pivot)
        for at in range(found + 1, len(rows)):
            factor = rows[at][column] / pivot[column]
            rows[at] = [one - factor * other for one, other in zip(rows[at], pivot, strict=True)]
        found += 1
    return found


@settings(max_examples=60)
@given(
    pairs=st.lists(
        st.integers(1, 7).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))),
        min_size=2,
        max_size=3,
    )
)
def test_no_small_number_is_the_only_one_that_fits(pairs):
    """Everybody knows that counts are no less than 0, and that each hidden row has a tumour."""
    published = publish(report(*pairs))
    fitting = list(worlds(published))
    assert tuple(pairs) in fitting
    for at, (numerator, denominator) in enumerate(pairs):
        for value, read in (
            (numerator, lambda pair: pair[0]),
            (denominator, lambda pair: pair[1]),
            (denominator - numerator, lambda pair: pair[1] - pair[0]),
        ):
            if small(value):
                assert len({read(world[at]) for world in fitting}) > 1


def worlds(published):
    """Every table that says the same as what was published."""
    total = published.total
    most = 30 if total.denominator is None else total.denominator
    choices = [list(pairs_like(row, min(most, 9))) for row in published.rows]
    for world in product(*choices):
        if total.numerator not in {None, sum(pair[0] for pair in world)}:
            continue
        if total.denominator in {None, sum(pair[1] for pair in world)}:
            yield world


def pairs_like(row, most):
    denominators = range(1, most + 1) if row.denominator is None else [row.denominator]
    for denominator in denominators:
        for numerator in range(denominator + 1) if row.numerator is None else [row.numerator]:
            yield numerator, denominator


def test_a_table_for_outside_marks_what_it_hides():
    published = publish(report((4, 20), (15, 30), (9, 18)))
    header, rows = published_table(published, "zh")
    assert header[2:5] == ["已讨论（分子）", "III期及以上（分母）", "讨论率"]
    assert [row[2:5] for row in rows] == [
        ["*", 20, "*"], [15, 30, 0.5], ["*", 18, "*"], [28, 68, 0.4118],
    ]  # fmt: skip
    assert published_text(published, "en")[-1][:5] == ["", "Total", "28", "68", "41.2%"]
    assert "1 至 4 例" in why_hidden("zh")
    assert published_sentence(published, ("江西省",), "zh").startswith(
        "2026年第四季度，江西省 41.2%"
    )
    alone = publish(report((4, 20)))
    assert published_sentence(alone, (), "zh") == "2026年第四季度：III期及以上 20 例，讨论率不公布"
    assert published_sentence(publish(report((1, 2))), (), "zh").endswith("合计不公布")


def test_rows_stand_by_code_however_the_report_is_sorted():
    made = report((40, 50), (30, 60), (20, 70))
    turned = type(made)(made.definition, made.period, made.by, made.on, made.rows[::-1], made.total)
    assert [row.line.code for row in publish(turned).rows] == ["H0", "H1", "H2"]
