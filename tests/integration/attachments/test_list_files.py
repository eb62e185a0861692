"""The list of a case's files: who sees what of it, mismatched headers, and its cost."""

from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from tests import case_kit
from tests.attachment_kit import ct, packed, pdf, send
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
def test_guests_see_the_files_and_not_whose_they_are(person, doctor, listed, guest):
    doctor.post(f"/cases/{listed}/attachments/1/release")
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


def test_a_latin_name_is_to_be_checked_when_it_arrives_and_later(doctor, case_id):
    answer = send(doctor, case_id, *ct(1, PatientName="ZHANG^SAN"))
    assert answer.json["results"][0]["warnings"] == [
        "影像中的姓名为 Z********，请核对是否为本患者。"
    ]
    page = doctor.get(f"/cases/{case_id}/attachments").text
    assert "影像中的姓名不是中文，请核对是否为本患者" in page
    assert "ZHANG SAN" not in page


def test_an_upload_says_what_contradicts_the_case(doctor, case_id):
    answer = send(
        doctor,
        case_id,
        *ct(1, PatientName="李四光", PatientSex="F", PatientBirthDate="19700101"),
    )
    assert answer.json["results"][0]["warnings"] == [
        "影像中的姓名为 李**，请核对是否为本患者。",
        "影像中的性别为女，与本病例不一致。",
        "影像中的出生日期为 1970-01-01，与本病例不一致。",
    ]


def test_a_zip_says_each_warning_once(doctor, case_id):
    files = packed(*ct(2, PatientName="ZHANG^SAN"))
    (result,) = send(doctor, case_id, ("ct.zip", files)).json["results"]
    assert result["warnings"] == ["影像中的姓名为 Z********，请核对是否为本患者。"]


def test_a_study_long_before_the_diagnosis_is_marked(app, doctor, case_id):
    with app.app_context():
        db.session.execute(
            db.update(Case).where(Case.id == case_id).values(diagnosis_date=date(2026, 11, 10))
        )
        db.session.commit()
    answer = send(
        doctor, case_id, *ct(1, StudyDate="20040119"), *ct(1, 2, StudyInstanceUID="2.25.9")
    )
    assert [one["warnings"] for one in answer.json["results"]] == [["检查早于确诊 22 年。"], []]
    assert doctor.get(f"/cases/{case_id}/attachments").text.count("检查早于确诊 22 年") == 1


def test_a_header_of_the_patient_warns_of_nothing(doctor, case_id):
    assert send(doctor, case_id, *ct(1)).json["results"][0]["warnings"] == []


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
