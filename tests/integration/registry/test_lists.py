"""The register's lists, one row of it, and what is not yet discussed: who sees what."""

from datetime import UTC, datetime, timedelta

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from mdt.models.tumours import TumourCase
from mdt.queries.patients import Identity
from tests.counting import count_queries
from tests.discussions import hold_board, person_case
from tests.register_files import NOBODY, OTHER_WOMAN, ROW, WOMAN

TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()


def days_ago(number):
    return (TODAY - timedelta(days=number)).isoformat()


@pytest.fixture
def full(read_in):
    """A row of hospital A, one of B."""
    read_in({}, {**WOMAN, "hospital_code": "T-JX-B"}, by="quality")


def test_the_own_hospital_is_seen_by_masked_name(person, full):
    page = person("clinician").get("/registry").text
    assert ("张**" in page, "MRN-1" in page, "/registry/1" in page) == (True, True, True)
    assert ("张三丰" in page, "/registry/2" in page, "李**" in page) == (False, False, False)


def test_above_the_hospital_nobody_is_named(person, full):
    manager = person("quality")
    for path in ("/registry", "/registry/not-discussed", "/registry/1", "/registry/2"):
        page = manager.get(path).text
        assert "C34.1" in page
        for hidden in ("张", "李四", "MRN-", "3699", "提交MDT"):
            assert hidden not in page.replace("扩张", ""), (path, hidden)
    assert person("quality-jilin").get("/registry/1").status_code == 404


@pytest.mark.parametrize("username", ["clinician", "approver", "quality-hospital"])
def test_a_row_of_another_hospital_is_not_found(person, full, username):
    browser = person(username)
    assert browser.get("/registry/1").status_code == 200
    assert browser.get("/registry/2").status_code == 404
    assert browser.get("/registry/999").status_code == 404


@pytest.mark.parametrize("username", ["coordinator", "observer", "auditor", "sysadmin"])
def test_the_register_is_not_for_everybody(person, full, username):
    browser = person(username)
    for path in ("/registry", "/registry/not-discussed", "/registry/1"):
        assert browser.get(path).status_code == 403


def test_names_are_shown_on_request_in_the_own_hospital_alone(app, person, full):
    doctor = person("clinician")
    answer = doctor.post_json("/registry/1/unmask", {})
    assert answer.json == {"values": {"name": "张三丰", "id_number": ROW["id_number"]}}
    assert doctor.post_json("/registry/2/unmask", {}).status_code == 404
    assert person("quality").post_json("/registry/1/unmask", {}).status_code == 403
    assert person("chair").post_json("/registry/1/unmask", {}).status_code == 404
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action == "patient:unmask")
        rows = db.session.scalars(statement).all()
    assert [(row.actor_name, row.data["tumour_id"]) for row in rows] == [("clinician", 1)]


def test_filters_cut_the_list_down(app, world, person, read_in):
    early = {"diagnosis_date": "2026-01-10", "t": "", "n": "", "m": ""}
    read_in({}, {**WOMAN, **early}, {**OTHER_WOMAN, "external_mdt_date": "2026-11-02"})
    doctor = person("clinician")

    def shown(query):
        page = doctor.get(f"/registry?{query}").text
        return [number for number in (1, 2, 3) if f'"/registry/{number}"' in page]

    assert shown("") == [1, 2, 3]
    assert shown("stage=yes") == [1, 3]
    assert shown("stage=unknown") == [2]
    assert shown("board=yes") == [3]
    listed = doctor.get("/registry?board=yes").text
    assert "2026-11-02" in listed.split('data-label="会诊"')[1].split("</td>")[0]
    assert shown("board=no&stage=yes") == [1]
    assert shown("from=2026-01-01&to=2026-06-30") == [2]
    assert shown("from=2026-11-01&stage=no") == []


def test_a_filter_that_cannot_be_read_keeps_the_page_and_says_what_is_wrong(person, read_in):
    read_in({})
    doctor = person("clinician")
    wrong = doctor.get("/registry?from=soon&stage=yes")
    assert (wrong.status_code, "日期无法识别" in wrong.text) == (422, True)
    assert '<option value="yes" selected>' in wrong.text
    assert "data-row-link" not in wrong.text
    reversed_ = doctor.get("/registry?from=2026-02-01&to=2026-01-01")
    assert (reversed_.status_code, "结束日期早于开始日期" in reversed_.text) == (422, True)
    assert doctor.get("/registry?check=nonsense").status_code == 404


def test_a_row_says_why_it_counts(app, world, person, read_in):
    read_in({}, {**WOMAN, "first_treatment_date": "2026-11-10", "stage_date": "2026-11-12"})
    with app.app_context():
        case = person_case(world, "B", Identity(id_number=ROW["id_number"]), number="MDT-7")
        hold_board(world, case, TODAY, quorum=False)
        db.session.add(TumourCase(tumour_id=1, case_id=case.id, matched_at=datetime.now(UTC)))
        db.session.commit()
    doctor = person("clinician")
    first, second = doctor.get("/registry/1").text, doctor.get("/registry/2").text
    assert "按台账的 T、N、M 推出" in first
    assert "未达法定人数，不计入" in first
    assert ("另有 1 个病例由其他机构提交" in first, "MDT-7" in first) == (True, False)
    assert "分期日期晚于首次治疗，该分期不计入" in second


def test_not_discussed_by_days_left(person, read_in):
    waiting = {"first_treatment_date": "", "diagnosis_date": days_ago(10)}
    unstaged = {"t": "", "n": "", "m": ""}
    nobody = {**NOBODY, "diagnosis_date": days_ago(5)}
    read_in(
        {**waiting, "mrn": "D-10"},
        {**waiting, **WOMAN, "mrn": "D-29", "diagnosis_date": days_ago(29)},
        {**waiting, **unstaged, **OTHER_WOMAN, "mrn": "D-40", "diagnosis_date": days_ago(40)},
        {**nobody, "mrn": "TREATED", "first_treatment_date": days_ago(1)},
        {**nobody, "mrn": "DISCUSSED", "external_mdt_date": days_ago(1)},
        {**nobody, "mrn": "DEAD", "death_date": days_ago(1)},
        {**nobody, "mrn": "EARLY", "t": "T1b", "n": "N0"},
        {**nobody, "mrn": "RECURRENCE", "case_type": "复发"},
    )
    page = person("clinician").get("/registry/not-discussed").text
    places = [page.find(mark) for mark in ("D-29", "D-10", "D-40")]
    assert places == sorted(places)
    assert -1 not in places
    assert ("剩 1 天" in page, "剩 20 天" in page, "已超时 10 天" in page) == (True, True, True)
    for gone in ("TREATED", "DISCUSSED", "DEAD", "EARLY", "RECURRENCE"):
        assert gone not in page


def test_one_button_brings_a_tumour_to_the_board(app, person, read_in):
    read_in({"diagnosis_date": days_ago(3)})
    doctor = person("clinician")
    assert 'action="/cases/new?tumour=1"' in doctor.get("/registry/not-discussed").text
    answer = doctor.post("/cases/new?tumour=1")
    with app.app_context():
        statement = db.select(Case).execution_options(mdt_scoped=True)
        (case,) = db.session.scalars(statement)
    assert (answer.status_code, answer.location) == (302, f"/cases/{case.id}/edit")
    assert (case.icd10, case.t, case.iii_plus) == ("C34.1", "T2a", "yes")
    page = doctor.get("/registry/not-discussed").text
    assert f'href="/cases/{case.id}"' in page
    assert "/cases/new?tumour=1" not in page


@pytest.mark.parametrize("path", ["/registry", "/registry?stage=yes", "/registry/not-discussed"])
def test_lists_ask_the_same_number_of_questions_however_long(app, person, read_in, path):
    people = [{**NOBODY, "mrn": f"M{n}", "diagnosis_date": days_ago(n)} for n in range(1, 9)]
    read_in(people[0])
    doctor = person("clinician")
    doctor.get(path)
    with count_queries(app) as one:
        doctor.get(path)
    read_in(*people)
    with count_queries(app) as eight:
        doctor.get(path)
    assert len(eight) == len(one)


def test_looking_is_audited(app, person, full):
    doctor = person("clinician")
    doctor.get("/registry")
    doctor.get("/registry/1")
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action == "registry:view")
        rows = db.session.scalars(statement.order_by(AuditRow.id)).all()
    assert [(row.object_type, row.object_id) for row in rows] == [
        ("RegisterFilter", ""),
        ("tumour", "1"),
    ]


def test_a_long_list_has_pages(person, read_in):
    read_in(*({**NOBODY, "mrn": f"M{n}"} for n in range(1, 56)))
    doctor = person("clinician")
    assert doctor.get("/registry").text.count("data-row-link") == 50
    assert doctor.get("/registry?page=2").text.count("data-row-link") == 5
    assert doctor.get("/registry?stage=yes&page=2").text.count("data-row-link") == 5
    assert "没有符合条件的记录" in doctor.get("/registry?stage=no").text


def test_stages_are_written_one_way(person, read_in):
    read_in({"t": "c T2b", "stage_group": "ⅢB"}, {**WOMAN, "stage_group": "IIIb"}, by="quality")
    doctor = person("clinician")
    page = doctor.get("/registry").text
    assert ("cT2b N2b M0，IIIB" in page, "T2a N2b M0，IIIB" in page) == (True, True)
    assert "cT2b N2b M0，IIIB" in doctor.get("/registry/1").text
