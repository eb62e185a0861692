"""Why a figure changed: one reason for each row, and sums that always come out even."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdt.rules.coverage import LENIENT, STRICT, Exclusion, Period
from mdt.rules.coverage.changes import (
    CountedRow,
    FactChange,
    Judged,
    Reason,
    RowState,
    count_rows,
    find_changes,
    judge_again,
    sum_changes,
)
from mdt.rules.coverage.closing import check_closable, closable_periods
from mdt.rules.coverage.definition_fields import StageRule
from mdt.rules.errors import Invalid

DAY = date(2026, 7, 10)
CLOSED = Judged(STRICT, date(2026, 11, 1), datetime(2026, 11, 1, tzinfo=UTC))
NOW = Judged(STRICT, date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC))
#: Stage III or above, untreated, not discussed; its days of waiting are over.
ROW = CountedRow(
    tumour_id=1, hospital_id=1, state=RowState.LATE, pending=False, opinion_alone=False,
    icd10="C34.1", diagnosis_date=DAY, counted_stage="yes", exclusion="",
    first_treatment_date=None, external_mdt_date=None, death_date=None, board_on=None,
    opinion_on=None, duplicate_of_id=None, row_hash="a",
    entered_at=datetime(2026, 8, 1, tzinfo=UTC),
)  # fmt: skip
BOARD = DAY + timedelta(days=5)


def changed(by=NOW, **facts):
    """The row with other facts, counted anew."""
    return judge_again(replace(ROW, **facts), by.definition, by.on)


def one_change(before, after, now=NOW):
    [found] = find_changes([before] if before else [], [after] if after else [], CLOSED, now)
    return found


@pytest.mark.parametrize(
    ("after", "reason", "facts", "delta"),
    [
        (
            changed(board_on=BOARD),
            Reason.MATCHED,
            [("board_on", None, BOARD)],
            {"numerator": 1},
        ),
        (
            changed(counted_stage="no", row_hash="b"),
            Reason.CORRECTED,
            [("counted_stage", "yes", "no")],
            {"denominator": -1, "below": 1},
        ),
        (
            changed(exclusion="recurrence", row_hash="b"),
            Reason.CORRECTED,
            [("exclusion", "", "recurrence")],
            {"denominator": -1, "excluded:recurrence": 1},
        ),
        (
            changed(duplicate_of_id=7),
            Reason.DUPLICATE,
            [("duplicate_of_id", None, 7)],
            {"denominator": -1},
        ),
        (
            changed(opinion_on=BOARD),
            Reason.MATCHED,
            [("opinion_on", None, BOARD)],
            {"signed_without_meeting": 1},
        ),
        # The stage was corrected, too: which one counts for the figures that changed?
        (
            changed(board_on=BOARD, first_treatment_date=BOARD, row_hash="b"),
            Reason.MATCHED,
            [("first_treatment_date", None, BOARD), ("board_on", None, BOARD)],
            {"numerator": 1},
        ),
        (
            changed(board_on=BOARD, counted_stage="unknown", row_hash="b"),
            Reason.CORRECTED,
            [("counted_stage", "yes", "unknown"), ("board_on", None, BOARD)],
            {"denominator": -1, "unstaged": 1, "unstaged_with_board": 1},
        ),
    ],
)
def test_a_row_has_the_reason_that_explains_its_change(after, reason, facts, delta):
    found = one_change(ROW, after)
    assert (found.reason, found.delta) == (reason, delta)
    assert list(found.facts) == [FactChange(*fact) for fact in facts]


def test_a_row_that_came_after_the_closing_is_new_and_an_older_one_was_moved_in():
    assert one_change(None, ROW).reason is Reason.MOVED
    late = replace(ROW, entered_at=CLOSED.at + timedelta(seconds=1))
    assert one_change(None, late).reason is Reason.NEW
    gone = one_change(ROW, None)
    assert (gone.reason, gone.delta) == (Reason.MOVED, {"denominator": -1})


def test_a_treatment_that_is_corrected_to_an_earlier_day_takes_the_board_away():
    before = changed(CLOSED, board_on=BOARD, first_treatment_date=BOARD)
    after = changed(board_on=BOARD, first_treatment_date=DAY, row_hash="b")
    assert one_change(before, after).reason is Reason.CORRECTED
    assert one_change(before, after).delta == {"numerator": -1}


def test_time_alone_ends_the_waiting():
    recent = replace(ROW, diagnosis_date=date(2026, 10, 20))
    before = judge_again(recent, STRICT, CLOSED.on)
    after = judge_again(recent, STRICT, NOW.on)
    assert (before.pending, after.pending) == (True, False)
    found = one_change(before, after)
    assert (found.reason, found.facts, found.delta) == (Reason.ELAPSED, (), {"pending": -1})


def test_another_definition_is_a_reason_of_its_own():
    outside = {"external_mdt_date": BOARD}
    lenient = Judged(LENIENT, NOW.on, NOW.at)
    found = one_change(changed(CLOSED, **outside), changed(lenient, **outside), lenient)
    assert (found.reason, found.delta) == (Reason.DEFINITION, {"numerator": 1})
    # What only the definition sees otherwise was not corrected.
    strange = Judged(replace(STRICT, exclusions=frozenset(Exclusion)), NOW.on, NOW.at)
    found = one_change(ROW, changed(strange, exclusion="emergency"), strange)
    assert (found.reason, found.delta) == (
        Reason.DEFINITION, {"denominator": -1, "excluded:emergency": 1},
    )  # fmt: skip


def test_a_row_that_was_corrected_too_is_still_left_out_by_the_definition():
    both = {"row_hash": "b", "external_mdt_date": BOARD}
    strange = Judged(replace(STRICT, exclusions=frozenset(Exclusion)), NOW.on, NOW.at)
    found = one_change(ROW, changed(strange, exclusion="emergency", **both), strange)
    assert found.reason is Reason.DEFINITION
    # What both definitions leave out is the register's doing.
    found = one_change(ROW, changed(strange, exclusion="recurrence", **both), strange)
    assert found.reason is Reason.CORRECTED
    back = one_change(changed(CLOSED, exclusion="in_situ"), replace(ROW, row_hash="b"))
    assert back.reason is Reason.CORRECTED
    # Nor does it say that nothing was: by hand a row is corrected under the same hash.
    by_hand = one_change(ROW, changed(strange, exclusion="recurrence"), strange)
    assert by_hand.reason is Reason.CORRECTED
    clinical = Judged(replace(STRICT, stage_rule=StageRule.CLINICAL_ONLY), NOW.on, NOW.at)
    unstaged = one_change(ROW, changed(clinical, counted_stage="unknown"), clinical)
    assert unstaged.reason is Reason.DEFINITION
    lenient = Judged(LENIENT, NOW.on, NOW.at)
    assert one_change(ROW, changed(lenient, counted_stage="no"), lenient).reason is Reason.CORRECTED
    counted = Judged(replace(STRICT, exclusions=frozenset()), NOW.on, NOW.at)
    back = one_change(changed(CLOSED, exclusion="in_situ"), replace(ROW, row_hash="b"), counted)
    assert back.reason is Reason.DEFINITION


def test_a_stage_corrected_by_hand_is_told_from_a_definition_that_sees_it_otherwise():
    clinical = Judged(replace(STRICT, stage_rule=StageRule.CLINICAL_ONLY), NOW.on, NOW.at)
    before = replace(ROW, stage_facts="yes/c/")
    for facts, reason in (("no/c/", Reason.CORRECTED), ("yes/c/", Reason.DEFINITION)):
        after = replace(changed(clinical, counted_stage="no"), stage_facts=facts)
        assert one_change(before, after, clinical).reason is reason


def test_a_death_that_was_corrected_is_told_from_other_days_of_an_early_death():
    every = replace(STRICT, exclusions=frozenset(Exclusion))
    closed = replace(CLOSED, definition=every)
    longer = Judged(replace(every, early_death_days=60), NOW.on, NOW.at)
    dead = DAY + timedelta(days=40)
    left_out = changed(longer, exclusion="early_death", death_date=dead)
    for known, reason in ((dead, Reason.DEFINITION), (None, Reason.CORRECTED)):
        [found] = find_changes([changed(closed, death_date=known)], [left_out], closed, longer)
        assert found.reason is reason


def test_what_changes_no_figure_is_no_change():
    assert find_changes([ROW], [replace(ROW, row_hash="b")], CLOSED, NOW) == []
    assert find_changes([ROW], [changed(death_date=BOARD)], CLOSED, NOW) == []


maybe_day = st.none() | st.sampled_from([DAY + timedelta(days=n) for n in (-5, 0, 5, 30, 40)])


@st.composite
def rows(draw, number, judged):
    row = CountedRow(
        tumour_id=number,
        hospital_id=draw(st.sampled_from([1, 1, 1, 2])),
        state="",
        pending=False,
        opinion_alone=False,
        icd10="C34.1",
        diagnosis_date=draw(st.sampled_from([DAY, date(2026, 9, 30), date(2026, 10, 15)])),
        counted_stage=draw(st.sampled_from(["yes", "yes", "no", "unknown"])),
        exclusion=draw(st.sampled_from(["", "", "", "recurrence", "in_situ"])),
        first_treatment_date=draw(maybe_day),
        external_mdt_date=draw(maybe_day),
        death_date=draw(maybe_day),
        board_on=draw(maybe_day),
        opinion_on=draw(maybe_day),
        duplicate_of_id=draw(st.sampled_from([None, None, None, 1, 99])),
        row_hash=draw(st.sampled_from("ab")),
        entered_at=draw(st.sampled_from([ROW.entered_at, NOW.at])),
    )
    return judge_again(row, judged.definition, judged.on)


@st.composite
def registers(draw, judged):
    numbers = draw(st.sets(st.integers(1, 12)))
    return [draw(rows(number, judged)) for number in sorted(numbers)]


later = st.sampled_from([NOW, Judged(LENIENT, NOW.on, NOW.at), replace(NOW, on=CLOSED.on)])


@settings(max_examples=300, deadline=None)
@given(data=st.data(), now=later)
def test_the_old_figure_and_the_changes_make_the_new_figure(data, now):
    before, after = data.draw(registers(CLOSED)), data.draw(registers(now))
    changes = find_changes(before, after, CLOSED, now)
    old, new = count_rows(before), count_rows(after)
    sums = sum_changes(changes)
    for figure in {*old, *new, *(name for one in sums.values() for name in one)}:
        added = sum(one.get(figure, 0) for one in sums.values())
        assert old.get(figure, 0) + added == new.get(figure, 0), figure
    # Each row is said once, with its reason, and none whose figures are the same is said.
    assert max(Counter(one.tumour_id for one in changes).values(), default=1) == 1
    same = {one.tumour_id: one.figures for one in before}
    assert {one.tumour_id for one in changes} == {
        number
        for number in {*same, *(one.tumour_id for one in after)}
        if set(same.get(number, ()))
        != {name for one in after if one.tumour_id == number for name in one.figures}
    }


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 7, 1), date(2026, 9, 30), None),
        (date(2026, 9, 1), date(2026, 9, 30), None),
        (date(2025, 1, 1), date(2025, 12, 31), None),
        (date(2026, 1, 1), date(2026, 12, 31), "freeze_not_over"),
        (date(2026, 10, 1), date(2026, 12, 31), "freeze_not_over"),
        (date(2026, 11, 1), date(2026, 11, 30), "freeze_not_over"),
        (date(2026, 7, 1), date(2026, 9, 29), "freeze_period"),
        (date(2026, 6, 1), date(2026, 8, 31), "freeze_period"),
        (date(2026, 7, 2), date(2026, 7, 31), "freeze_period"),
        (date(2025, 7, 1), date(2026, 6, 30), "freeze_period"),
        (date(9999, 12, 1), date(9999, 12, 31), "freeze_period"),
    ],
)
def test_whole_periods_can_be_closed_once_they_are_over(first, last, code):
    period, today = Period(first, last), date(2026, 11, 30)
    if code is None:
        check_closable(period, today=today)
        return
    with pytest.raises(Invalid) as refused:
        check_closable(period, today=today)
    assert refused.value.fields == {"period": code}


def test_the_list_to_choose_from_holds_what_can_be_closed():
    today = date(2026, 1, 1)
    found = closable_periods(today)
    assert [one.first for one in found][:1] == [date(2025, 10, 1)]
    assert Period(date(2025, 1, 1), date(2025, 12, 31)) in found
    for period in found:
        check_closable(period, today=today)


def test_a_target_is_no_reason_for_a_row():
    other = Judged(replace(STRICT, target=Fraction(2, 3)), NOW.on, NOW.at)
    assert find_changes([ROW], [ROW], CLOSED, other) == []
