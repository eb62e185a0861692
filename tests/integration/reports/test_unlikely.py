"""Unlikely values and what is late or missing: counted as an import warns, each with its rows."""

import re

import pytest

from mdt.queries.coverage import visible_places
from mdt.queries.register_quality import count_quality
from mdt.rules.coverage import Period
from mdt.rules.coverage.quality import CHECKS
from mdt.services.registry import import_register
from tests.fixtures_app import Browser
from tests.register_files import NOBODY, OTHER_WOMAN, WOMAN, rows_to_csv
from tests.world import NOW, build_world

YEAR = "from=2024-01-01&to=2026-12-31"
#: No longer than figures beside a rate may cost.
ONE_YEAR = "from=2026-01-01&to=2026-12-31"
#: Each row is unlikely in one thing, for which an import warns by this code.
ROWS = (
    ("sex_against_site", {**NOBODY, "mrn": "1", "icd10": "C61", "sex": "女"}),
    ("sex_against_site", {**NOBODY, "mrn": "2", "icd10": "C53.9", "sex": "男"}),
    ("sex_against_site", {**NOBODY, "mrn": "3", "icd10": "D07.1", "sex": "男"}),
    ("", {**NOBODY, "mrn": "4", "icd10": "D07.4", "sex": "男"}),
    ("", {**NOBODY, "mrn": "5", "icd10": "C53.9", "sex": "女"}),
    ("death_before_diagnosis", {**NOBODY, "mrn": "6", "death_date": "2026-10-01"}),
    ("", {**NOBODY, "mrn": "7", "death_date": "2026-11-01"}),
    ("treatment_before_diagnosis", {**NOBODY, "mrn": "8", "first_treatment_date": "2026-10-31"}),
    ("", {**NOBODY, "mrn": "9", "first_treatment_date": "2026-11-01"}),
    ("staging_edition_against_date", {**NOBODY, "mrn": "10", "diagnosis_date": "2024-12-31"}),
    ("", {**NOBODY, "mrn": "11", "diagnosis_date": "2024-12-31", "stage_date": "2025-01-01"}),
    ("", {**NOBODY, "mrn": "12", "diagnosis_date": "2024-12-31", "staging_edition": "8"}),
    ("", {**NOBODY, "mrn": "13", "diagnosis_date": "2024-12-31", "staging_system": "VALG"}),
)
CODES = {
    "wrong_sex": "sex_against_site",
    "died_first": "death_before_diagnosis",
    "treated_first": "treatment_before_diagnosis",
    "early_edition": "staging_edition_against_date",
}


@pytest.fixture(params=["app", "postgresql_app"])
def warned(request):
    """The rows read in on either database; gives the app and how many warnings each code had."""
    app = request.getfixturevalue(request.param)
    with app.app_context():
        world = build_world()
        file = rows_to_csv(*({"staging_edition": "9", **row, "stage_group": ""} for _, row in ROWS))
        report = import_register(world.viewer("quality"), file, now=NOW)
        found = [one.code for one in report.warnings]
    return app, world, {name: found.count(code) for name, code in CODES.items()}


def listed(browser, check, more=""):
    page = browser.get(f"/registry?{YEAR}&check={check}{more}").text
    return sorted(int(one) for one in re.findall(r'href="/registry/(\d+)"', page))


def test_what_is_counted_is_what_an_import_warns_of_and_what_is_listed(warned):
    app, world, warnings = warned
    with app.app_context():
        places = visible_places(world.viewer("quality"))
        days = Period(NOW.date().replace(year=2024, month=1, day=1), NOW.date())
        found = count_quality(places, days, today=NOW.date())
        [counts] = [one.counts for one in found if one.place.code == "T-JX-A"]
    assert {name: counts[name] for name in CODES} == warnings
    browser = Browser(app, "quality")
    for name, code in CODES.items():
        expected = [at for at, (warning, _) in enumerate(ROWS, start=1) if warning == code]
        assert (name, listed(browser, name)) == (name, expected)
        assert counts[name] == len(expected)
    for name in CHECKS:
        assert len(listed(browser, name)) == counts[name], name


def test_figures_of_quality_open_their_rows(person, read_in):
    read_in({**NOBODY, "mrn": "S-1", "icd10": "C61", "sex": "女"}, {}, WOMAN)
    read_in({**OTHER_WOMAN, "hospital_code": "T-JX-B", "death_date": "2026-01-01"})
    manager = person("quality")
    page = manager.get(f"/reports/quality?{YEAR}").text
    row = page[page.index('data-quality="T-JX-A"') :]
    row = row[: row.index("</tr>")]
    days = "from=2024-01-01&amp;to=2026-12-31"
    assert f'href="/registry?{days}&amp;check=wrong_sex&amp;hospital=T-JX-A"' in row
    assert f'href="/registry?{days}&amp;hospital=T-JX-A"' in row
    assert listed(manager, "wrong_sex", "&hospital=T-JX-A") == [1]
    assert listed(manager, "died_first") == [4]
    assert listed(manager, "wrong_sex", "&stage=unknown") == [1]
    assert listed(manager, "wrong_sex", "&stage=yes") == []
    assert listed(manager, "died_first", "&hospital=T-JX-A") == []
    # Above the hospital nobody is named; inside it, and no other hospital's rows.
    assert "S-1" not in manager.get(f"/registry?{YEAR}&check=wrong_sex").text
    own = person("quality-hospital")
    assert "S-1" in own.get(f"/registry?{YEAR}&check=wrong_sex").text
    assert listed(own, "died_first") == []
    assert manager.get("/registry?check=nothing").status_code == 404
    assert person("coordinator").get("/registry?check=late").status_code == 403


def test_the_quality_of_registers_stands_beside_each_rate(person, read_in):
    read_in({}, WOMAN, {**OTHER_WOMAN, "hospital_code": "T-JX-B"})
    manager = person("quality")

    def beside(by):
        page = manager.get(f"/reports/coverage?{ONE_YEAR}&by={by}").text
        return [" ".join(one.split()) for one in re.findall(r"rate-beside\">(.*?)</span>", page)]

    [of_a, _] = beside("hospital")
    assert of_a.startswith("有分期 100.0%，有首次治疗日期 0.0%，已对上 0.0%，迟报")
    assert (len(beside("county")), len(beside("province")), beside("site")) == (2, 1, [])
    assert (
        f"/reports/quality?{ONE_YEAR.replace('&', '&amp;')}"
        in manager.get(f"/reports/coverage?{ONE_YEAR}&by=site").text
    )
    long = manager.get(f"/reports/coverage?{YEAR}&by=hospital").text
    assert ("rate-beside" in long, "/reports/quality?" in long) == (False, True)
