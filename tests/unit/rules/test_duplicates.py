"""Which row of the register counts after people decided, and which decisions make no sense."""

from datetime import date

import pytest

from mdt.rules.errors import Invalid
from mdt.rules.registry.duplicates import (
    DuplicateVerdict,
    Merger,
    Place,
    counting_rows,
    decide_pairs,
    fit,
    group_pairs,
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
    ("pairs", "groups"),
    [
        ([], []),
        ([(2, 1)], [(1, 2)]),
        ([(1, 2), (3, 4), (4, 5), (2, 1)], [(1, 2), (3, 4, 5)]),
        ([(7, 9), (1, 9), (2, 5)], [(1, 7, 9), (2, 5)]),
    ],
)
def test_rows_that_hang_together_are_one_group(pairs, groups):
    assert group_pairs(pairs) == groups


ALL = [(1, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize(
    ("counting", "alike", "decided"),
    [
        ({4: 4, 7: 4}, [(4, 7)], [(4, 7, 4)]),
        ({4: 7, 7: 7}, [(4, 7)], [(4, 7, 7)]),
        ({4: 4, 7: 7}, [(4, 7)], [(4, 7, None)]),
        ({1: 1, 2: 1, 3: 1}, ALL, [(1, 2, 1), (1, 3, 1)]),
        ({1: 2, 2: 2, 3: 3}, ALL, [(1, 2, 2), (1, 3, None), (2, 3, None)]),
        ({1: 1, 2: 2, 3: 3}, ALL, [(1, 2, None), (1, 3, None), (2, 3, None)]),
        # 3 is like 2 alone: it is dropped for 2, which is dropped for 1.
        ({1: 1, 2: 1, 3: 1}, [(1, 2), (2, 3)], [(1, 2, 1), (2, 3, 2)]),
        # Pairs with others are not spoken of.
        ({1: 1, 2: 1}, ALL, [(1, 2, 1)]),
    ],
)
def test_what_is_said_of_a_group_becomes_decisions_on_pairs(counting, alike, decided):
    found = decide_pairs(counting, alike)
    assert [(one.lower, one.higher, one.kept) for one in found] == decided
    same = [one for one in found if one.verdict is DuplicateVerdict.SAME]
    mergers = [Merger(sum((one.lower, one.higher)) - one.kept, one.kept) for one in same]
    assert counting_rows(mergers) == {row: kept for row, kept in counting.items() if row != kept}


@pytest.mark.parametrize(
    ("counting", "code"),
    [
        ({1: 2, 2: 3, 3: 3}, "duplicate_not_kept"),
        ({1: 4, 2: 4, 3: 4}, "duplicate_not_kept"),
        ({1: 1, 2: 2, 3: 1}, "duplicate_apart"),
    ],
)
def test_rows_that_would_count_for_nobody_are_refused(counting, code):
    with pytest.raises(Invalid) as refused:
        decide_pairs(counting, [(1, 2), (2, 3)])
    assert refused.value.fields == {"keep": code}


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
