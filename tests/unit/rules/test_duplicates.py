"""Which row of the register counts after people decided, and which decisions make no sense."""

from datetime import date

import pytest

from mdt.rules.errors import Invalid
from mdt.rules.registry.duplicates import (
    DuplicateVerdict,
    Merger,
    Place,
    counting_rows,
    fit,
    kept_row,
)


@pytest.mark.parametrize(
    ("mergers", "counting"),
    [
        ([], {}),
        ([(2, 1)], {2: 1}),
        ([(1, 2)], {1: 2}),
        ([(2, 1), (1, 3)], {2: 3, 1: 3}),
        ([(1, 3), (2, 1)], {2: 3, 1: 3}),
        ([(2, 1), (3, 1)], {2: 1, 3: 1}),
        ([(2, 1), (1, 3), (3, 4), (6, 5)], {2: 4, 1: 4, 3: 4, 6: 5}),
    ],
)
def test_no_row_points_to_a_row_that_is_itself_a_duplicate(mergers, counting):
    found = counting_rows(Merger(dropped, kept) for dropped, kept in mergers)
    assert found == counting
    assert not set(found.values()) & set(found)


@pytest.mark.parametrize(
    ("mergers", "words"),
    [
        ([(2, 1), (2, 3)], "row 2 is dropped twice"),
        ([(1, 2), (2, 1)], "row 1 is dropped for itself"),
        ([(1, 2), (2, 3), (3, 1)], "row 1 is dropped for itself"),
    ],
)
def test_rows_that_would_count_nowhere_are_refused(mergers, words):
    with pytest.raises(ValueError, match=words):
        counting_rows(Merger(dropped, kept) for dropped, kept in mergers)


@pytest.mark.parametrize(
    ("kept", "verdict"),
    [
        (4, DuplicateVerdict.SAME),
        (7, DuplicateVerdict.SAME),
        (None, DuplicateVerdict.DIFFERENT),
    ],
)
def test_keeping_one_makes_them_the_same(kept, verdict):
    assert kept_row(4, 7, kept) is verdict


def test_a_third_row_cannot_be_kept():
    with pytest.raises(Invalid) as refused:
        kept_row(4, 7, 5)
    assert refused.value.fields == {"keep": "unknown_code"}


@pytest.mark.parametrize(
    ("other", "fits"),
    [
        (Place("C34", "1", date(2026, 3, 2)), True),
        (Place("C34", "1", date(2026, 3, 3)), False),
        (Place("C34", "2", date(2026, 1, 1)), False),
        (Place("C50", "1", date(2026, 1, 1)), False),
    ],
)
def test_rows_fit_by_site_side_and_sixty_days(other, fits):
    one = Place("C34", "1", date(2026, 1, 1))
    assert (fit(one, other), fit(other, one)) == (fits, fits)
