"""Files of administrative divisions: what is new, what is wrong, in which order."""

import pytest

from mdt.rules.regions import KnownRegion, RegionProblem, RegionRow, plan_import

KNOWN = {
    "360000": KnownRegion("province", "江西省", "Jiangxi", ""),
    "360700": KnownRegion("city", "赣州市", "Ganzhou", "360000"),
}


def row(code="360726", zh="安远县", en="Anyuan", level="county", parent="360700"):
    return RegionRow(code, zh, en, level, parent)


def test_rows_are_new_changed_or_the_same_and_parents_come_first():
    city = row("369900", "云澜市", "Yunlan", "city", "360000")
    county = row("369901", "示范县", "", "county", "369900")
    renamed = row("360700", "赣州新市", "Ganzhou", "city", "360000")
    known = row("360000", "江西省", "Jiangxi", "province", "")
    plan = plan_import([county, renamed, city, known], KNOWN)
    assert plan.rows == (known, renamed, city, county)
    assert (plan.new, plan.changed, plan.same) == ((city, county), (renamed,), 1)
    assert plan.problems == ()


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (row(code="36072"), "region_code_shape"),
        (row(code="３６０７２６"), "region_code_shape"),
        (row(level="town"), "region_level_unknown"),
        (row(zh=""), "name_zh_required"),
        (row(parent="999999"), "region_parent_unknown"),
        (row(parent=""), "region_parent_unknown"),
        (row(level="city", parent="360700"), "region_parent_level"),
        (row(level="province", parent="360000"), "region_parent_level"),
    ],
)
def test_a_wrong_row_is_named_by_line_and_code(wrong, problem):
    good = row("360729", "全南县")
    plan = plan_import([good, wrong], KNOWN)
    assert plan.problems == (RegionProblem(3, wrong.code, problem),)


def test_a_code_stands_once():
    plan = plan_import([row(), row(zh="又一个")], KNOWN)
    assert plan.problems == (RegionProblem(3, "360726", "region_twice"),)


def test_a_county_may_lie_right_below_its_province():
    assert plan_import([row(parent="360000")], KNOWN).problems == ()
