"""The list of those not yet discussed: by days left or planned treatment, one click to a case."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mdt.extensions import db
from mdt.models.cases import Case
from tests.counting import count_queries
from tests.register_files import NOBODY, OTHER_WOMAN, WOMAN

TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()
LIST = "/registry/not-discussed"


def days_ago(number):
    return (TODAY - timedelta(days=number)).isoformat()


@pytest.fixture
def plan(app):
    """``plan(case_id, days)``: treatment of a case is to begin in so many days."""

    def set_(case_id, days, state=None):
        with app.app_context():
            columns = {"planned_treatment_date": TODAY + timedelta(days=days)}
            columns |= {"state": state} if state else {}
            statement = db.update(Case).where(Case.id == case_id).values(**columns)
            db.session.execute(statement.execution_options(mdt_scoped=True))
            db.session.commit()

    return set_


@pytest.fixture
def three(read_in):
    read_in(
        {"diagnosis_date": days_ago(5), "mrn": "FIVE"},
        {**WOMAN, "diagnosis_date": days_ago(20), "mrn": "TWENTY"},
        {**OTHER_WOMAN, "diagnosis_date": days_ago(29), "mrn": "LAST-DAY"},
    )


def order(page):
    marks = ("FIVE", "TWENTY", "LAST-DAY")
    return sorted((mark for mark in marks if mark in page), key=page.index)


def test_planned_treatment_goes_before_the_days_left(person, three, plan):
    doctor = person("clinician")
    for number, days in ((1, 9), (2, 3)):
        plan(int(doctor.post(f"/cases/new?tumour={number}").location.split("/")[2]), days)
    page = doctor.get(LIST).text
    assert order(page) == ["LAST-DAY", "TWENTY", "FIVE"]
    assert (TODAY + timedelta(days=9)).isoformat() in page
    by_plan = doctor.get(f"{LIST}?sort=planned").text
    assert order(by_plan) == ["TWENTY", "FIVE", "LAST-DAY"]
    assert by_plan.count('aria-sort="ascending"') == 1
    # Managers see the day of a case that they may not open, as they see days of boards.
    assert (TODAY + timedelta(days=3)).isoformat() in person("quality").get(LIST).text


def test_a_plan_of_a_case_that_is_over_is_no_plan(person, three, plan):
    doctor = person("clinician")
    plan(int(doctor.post("/cases/new?tumour=1").location.split("/")[2]), 9, "withdrawn")
    page = doctor.get(f"{LIST}?sort=planned").text
    assert ((TODAY + timedelta(days=9)).isoformat() in page, order(page)[-1]) == (False, "FIVE")


def test_a_plan_costs_no_question_more(app, person, three, plan):
    doctor = person("clinician")
    plan(int(doctor.post("/cases/new?tumour=1").location.split("/")[2]), 9)

    def questions():
        doctor.get(LIST)
        with count_queries(app) as sent:
            doctor.get(f"{LIST}?sort=planned")
        return len(sent)

    one = questions()
    for number in (2, 3):
        plan(int(doctor.post(f"/cases/new?tumour={number}").location.split("/")[2]), 9)
    assert questions() == one


def test_who_may_be_three_or_above_is_listed_and_marked(person, read_in):
    read_in(
        {"diagnosis_date": days_ago(3), "t": "", "n": "", "m": ""},
        {**NOBODY, "mrn": "SURE", "diagnosis_date": days_ago(3)},
    )
    page = person("clinician").get(LIST).text
    assert ("MRN-1" in page, "SURE" in page, page.count("可能III期及以上")) == (True, True, 1)


@pytest.mark.parametrize(
    ("row", "table"),
    [
        ({"staging_edition": "8", "n": "N2"}, "lung_nsclc_8"),
        ({"staging_edition": "9", "n": "N2a"}, "lung_nsclc_9"),
        ({"icd10": "C22.0", "staging_system": "CNLC", "staging_edition": ""}, "liver_cnlc"),
    ],
)
def test_one_click_fills_in_what_the_row_says(app, person, read_in, row, table):
    read_in({"diagnosis_date": days_ago(3), "stage_date": days_ago(2), **row})
    doctor = person("clinician")
    case_id = int(doctor.post("/cases/new?tumour=1").location.split("/")[2])
    with app.app_context():
        statement = db.select(Case).where(Case.id == case_id)
        case = db.session.scalar(statement.execution_options(mdt_scoped=True))
        assert (case.staging_table, case.stage_basis) == (table, "c")
        assert case.diagnosis_date == date.fromisoformat(days_ago(3))
        assert case.stage_date == date.fromisoformat(days_ago(2))
    page = doctor.get(f"/cases/{case_id}").text
    assert "张" in page


def test_a_report_by_hospital_leads_to_whom_it_could_still_discuss(person, read_in):
    read_in({"diagnosis_date": days_ago(3)}, by="quality")
    manager = person("quality")
    day = days_ago(3)
    page = manager.get(f"/reports/coverage?from={day}&to={day}&by=hospital").text
    assert f'href="{LIST}?hospital=T-JX-A"' in page
    by_site = manager.get(f"/reports/coverage?from={day}&to={day}&by=site").text
    assert f"{LIST}?hospital" not in by_site
    words = " ".join(manager.get(LIST).text.split())
    assert "3 家机构中 1 家未超过 50%" in words
