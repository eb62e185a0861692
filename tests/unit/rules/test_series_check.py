"""Each series with its light and what is said of it."""

from datetime import date, timedelta

import pytest

from mdt.rules.completeness import Completeness
from mdt.rules.pictures import Document, Series
from mdt.rules.series_check import Days, check_series

pytestmark = pytest.mark.unit

DAY = date(2026, 9, 15)
FACTS = {"age": 62, "sex": "M", "stageable": True, "stage_numeral": 3, "iii_plus": "yes"}
DAYS = Days(submitted_on=DAY, meets_on=DAY + timedelta(days=10), diagnosed_on=DAY)
REPORT = Document("ct_report", DAY - timedelta(days=5))


def chest(days=5, **more):
    fields = {"modality": "CT", "body_part": "CHEST", "contrast": True, **more}
    return Series(taken_on=DAY - timedelta(days=days), **fields)


def look(series, documents=(REPORT,), tumour_type="lung_nsclc", days=DAYS):
    """Light, note and item of one series."""
    (found,) = check_series(tumour_type, FACTS, [series], documents, days)
    return (found.light.value, found.note.value, found.item.base if found.item else None)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (chest(), ("green", "present", "ct_chest")),
        (chest(whole=Completeness(50, missing=2)), ("amber", "slices_missing", "ct_chest")),
        (chest(whole=Completeness(50, missing=9)), ("red", "series_torn", "ct_chest")),
        (chest(whole=Completeness(50, doubled=2)), ("amber", "slices_doubled", "ct_chest")),
        (chest(contrast=None), ("amber", "contrast_unknown", "ct_chest")),
        (chest(contrast=False), ("red", "contrast_lacking", "ct_chest")),
        (chest(body_part=""), ("amber", "part_unknown", None)),
        (chest(body_part="", description="下肢"), ("off", "not_asked", None)),
        (chest(modality="XA"), ("off", "not_asked", None)),
        (chest(description="定位像"), ("off", "aid", None)),
        (chest(modality="SR"), ("off", "aid", None)),
        (chest(of_another=True), ("red", "of_another", None)),
        # The item's limit is 42 days: to the submission, and to the conference ten days later.
        (chest(32), ("green", "present", "ct_chest")),
        (chest(33), ("amber", "ageing", "ct_chest")),
        (chest(42), ("amber", "ageing", "ct_chest")),
        (chest(43), ("red", "too_old", "ct_chest")),
    ],
)
def test_light_and_note(series, expected):
    report = Document("ct_report", series.taken_on)
    assert look(series, (report,)) == expected


def test_a_report_belongs_to_the_examination_of_the_nearest_day():
    two = [chest(25), chest(4), chest(4, body_part="ABDOMEN")]
    found = check_series("lung_nsclc", FACTS, two, [REPORT], DAYS)
    assert [one.reported for one in found] == [False, True, True]
    older = Document("ct_report", DAY - timedelta(days=24))
    found = check_series("lung_nsclc", FACTS, two, [REPORT, older], DAYS)
    assert [one.reported for one in found] == [True, True, True]
    # One that names no day may be of either.
    found = check_series("lung_nsclc", FACTS, two[:2], [Document("ct_report")], DAYS)
    assert [one.reported for one in found] == [True, True]


def test_without_a_report_or_a_tumour_type():
    assert look(chest(), ()) == ("amber", "pictures_only", "ct_chest")
    assert look(chest(), tumour_type="") == ("off", "not_asked", None)


def test_a_study_of_a_former_illness():
    old = Days(DAY, DAY, diagnosed_on=DAY + timedelta(days=500))
    assert look(chest(), days=old) == ("amber", "long_before", "ct_chest")


def test_ages_are_counted_to_the_conference_and_the_diagnosis():
    (found,) = check_series("lung_nsclc", FACTS, [chest(5)], (REPORT,), DAYS)
    assert (found.age, found.before_diagnosis, found.reported) == (15, 5, True)
    undated = Series("CT", "CHEST", contrast=True)
    (found,) = check_series("lung_nsclc", FACTS, [undated], (), DAYS)
    assert (found.note.value, found.age, found.before_diagnosis) == ("date_unknown", None, None)
