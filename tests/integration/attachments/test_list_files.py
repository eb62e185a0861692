"""The list of a case's files: who sees what of it, mismatched headers, and its cost."""

import pytest

from mdt.models.audit import AuditRow
from tests import case_kit
from tests.attachment_kit import ct, pdf, send
from tests.counting import count_queries


@pytest.fixture
def listed(doctor, board):
    case_id = board.cases["A"]
    send(doctor, case_id, *ct(2), ("张三丰病理2026-11-03.pdf", pdf()))
    return case_id


def test_the_own_doctor_sees_names_of_files(doctor, listed):
    page = doctor.get(f"/cases/{listed}/attachments").text
    for words in ("轴位 1", "CT · 胸部", "病理报告", "张三丰病理2026-11-03.pdf", "林县医", "划除"):
        assert words in page


@pytest.mark.parametrize("guest", ["radiologist", "recorder"])
def test_guests_see_the_files_and_not_whose_they_are(person, listed, guest):
    page = person(guest).get(f"/cases/{listed}/attachments").text
    for words in ("轴位 1", "病理报告", "已去标识", f"/cases/{listed}/viewer?series=1"):
        assert words in page
    for secret in ("张三丰", "张**", "划除", "收回", "/original", "data-upload-url"):
        assert secret not in page


def test_the_desk_sees_names_and_changes_nothing(person, listed):
    page = person("coordinator").get(f"/cases/{listed}/attachments").text
    assert "张三丰病理2026-11-03.pdf" in page
    for action in ("划除", "收回", "/original", "data-upload-url"):
        assert action not in page


@pytest.mark.parametrize(
    ("who", "status"), [("clinician2", 404), ("observer", 404), ("quality", 403), ("auditor", 403)]
)
def test_who_does_not_see_it(person, listed, who, status):
    assert person(who).get(f"/cases/{listed}/attachments").status_code == status
    assert person(who).get(f"/cases/{listed}/series.json").status_code == status


def test_looking_is_recorded_once_in_a_while(app, doctor, listed):
    for _ in range(3):
        doctor.get(f"/cases/{listed}/attachments")
    (row,) = case_kit.rows(app, AuditRow, action="case:view")
    assert (row.case_id, row.object_type, row.object_id) == (listed, "case_file", str(listed))


def test_a_header_of_somebody_else_is_shown_side_by_side(doctor, case_id):
    send(doctor, case_id, *ct(1, PatientName="李四光", PatientSex="F"))
    page = doctor.get(f"/cases/{case_id}/attachments").text
    assert "影像中的患者信息与本病例不一致" in page
    assert "李**" in page
    assert "李四光" not in page
    assert page.count("不一致</span>") == 2


def test_a_header_of_the_patient_raises_no_alarm(doctor, case_id):
    send(doctor, case_id, *ct(1))
    assert "不一致" not in doctor.get(f"/cases/{case_id}/attachments").text


def test_a_mismatch_is_nothing_for_guests(person, doctor, board):
    send(doctor, board.cases["A"], *ct(1, PatientName="李四光"))
    assert "李" not in person("radiologist").get(f"/cases/{board.cases['A']}/attachments").text


def test_unmasking_the_header_is_recorded(app, person, doctor, board):
    case_id = board.cases["A"]
    send(doctor, case_id, *ct(1, PatientName="李四光"))
    url = f"/cases/{case_id}/studies/1/unmask"
    statuses = [
        person(who).post_json(url, {}).status_code
        for who in ("radiologist", "clinician2", "observer")
    ]
    assert statuses == [403, 404, 403]
    assert case_kit.rows(app, AuditRow, action="patient:unmask") == []
    assert doctor.post_json(url, {}).json["values"] == {"name0": "李四光"}
    (row,) = case_kit.rows(app, AuditRow, action="patient:unmask")
    assert (row.case_id, row.object_type) == (case_id, "study")


def test_the_list_costs_the_same_for_one_series_and_for_three(app, doctor, case_id):
    url = f"/cases/{case_id}/attachments"
    counts = []
    for series in (1, 2, 3):
        send(doctor, case_id, *ct(2, series=series), (f"{series}.pdf", pdf(str(series))))
        doctor.get(url)
        with count_queries(app) as sent:
            doctor.get(url)
        counts.append(len(sent))
    assert counts[0] == counts[1] == counts[2]


def test_the_page_of_a_consent_chooses_its_type_and_leads_back(doctor, case_id):
    page = doctor.get(f"/cases/{case_id}/attachments?kind=consent_remote").text
    assert '<option selected value="consent_remote">' in page
    assert f'href="/cases/{case_id}/edit#section-consent"' in page


def test_the_case_page_shows_cards(doctor, listed):
    page = doctor.get(f"/cases/{listed}").text
    assert f'href="/cases/{listed}/viewer?series=1"' in page
    assert "看片" in page


def test_a_number_of_no_case(doctor):
    assert doctor.get("/cases/999/attachments").status_code == 404
