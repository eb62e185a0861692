"""Files that name somebody else keep a case off every agenda until a doctor stands for them."""

import pytest

from mdt.models.audit import AuditRow
from tests import case_kit
from tests.attachment_kit import ct, send
from tests.desk import add_case, list_case, states

STRANGER = {"PatientName": "李四光", "PatientSex": "F"}
WOMAN = "369921196203050023"


@pytest.fixture
def listed(app, world):
    """An accepted case that its checklist does not hold back."""
    return add_case(app, world)


def check_url(browser, case_id):
    """The address at which the page asks for a doctor's word, once for each person."""
    page = browser.get(f"/cases/{case_id}/attachments").text
    parts = page.split(f'href="/cases/{case_id}/identity/')[1:]
    return [f"/cases/{case_id}/identity/{part.split(chr(34))[0]}" for part in parts]


def test_blocked_then_confirmed_by_name(app, doctor, desk, conference, listed):
    send(doctor, listed, *ct(2, **STRANGER))
    refused = list_case(desk, conference, listed)
    assert refused.status_code == 422
    assert "影像中有 1 人与病例的患者信息不一致" in refused.text
    assert states(app, listed) == ["accepted"]
    (url,) = check_url(doctor, listed)
    page = doctor.get(url).text
    assert "李**" in page
    assert "李四光" not in page
    assert doctor.post(url, reason="影像科按曾用名登记").status_code == 302
    assert check_url(doctor, listed) == []
    assert "林县医 于" in doctor.get(f"/cases/{listed}/attachments").text
    (row,) = case_kit.rows(app, AuditRow, action="identity:confirm")
    assert (row.case_id, row.object_type, row.actor_name) == (listed, "identity_check", "clinician")
    assert row.data == {"fields": ["name", "sex"], "studies": [1]}
    assert list_case(desk, conference, listed).status_code == 302
    assert states(app, listed) == ["scheduled"]


def test_no_override_gets_past_it(app, doctor, desk, conference, world):
    case_id = add_case(app, world, listing_override={})
    send(doctor, case_id, *ct(1, **STRANGER))
    said = {"excepted": "1", "reason": "emergency", "text": "病情急"}
    answer = list_case(desk, conference, case_id, **said)
    assert (answer.status_code, states(app, case_id)) == (422, ["accepted"])
    assert "影像中有 1 人" in answer.text
    assert case_kit.load(app, case_id).listing_override == {}
    (url,) = check_url(doctor, case_id)
    doctor.post(url, reason="已核对")
    assert list_case(desk, conference, case_id, **said).status_code == 302


def test_a_struck_series_asks_no_longer_and_restored_asks_again(
    app, doctor, desk, conference, listed
):
    send(doctor, listed, *ct(1), *ct(1, series=2, **STRANGER))
    assert list_case(desk, conference, listed).status_code == 422
    doctor.post(f"/cases/{listed}/series/2/strike", reason="传错患者")
    assert check_url(doctor, listed) == []
    doctor.post(f"/cases/{listed}/series/2/restore")
    assert list_case(desk, conference, listed).status_code == 422
    doctor.post(f"/cases/{listed}/series/2/strike", reason="传错患者")
    assert list_case(desk, conference, listed).status_code == 302
    assert states(app, listed) == ["scheduled"]


def test_another_mismatch_asks_again_and_the_same_does_not(doctor, case_id):
    send(doctor, case_id, *ct(1, **STRANGER))
    (url,) = check_url(doctor, case_id)
    doctor.post(url, reason="曾用名")
    send(doctor, case_id, *ct(1, series=2, StudyInstanceUID="2.25.77", **STRANGER))
    assert check_url(doctor, case_id) == []
    send(doctor, case_id, *ct(1, series=3, **{**STRANGER, "PatientBirthDate": "19700101"}))
    (other,) = check_url(doctor, case_id)
    assert other != url


def test_another_name_in_the_case_asks_again(doctor, world):
    case_id = case_kit.start(doctor, world)
    send(doctor, case_id, *ct(1, **STRANGER))
    (url,) = check_url(doctor, case_id)
    doctor.post(url, reason="曾用名")
    answer = case_kit.save(doctor, case_id, name="张三")
    assert answer.status_code == 200, answer.text
    (other,) = check_url(doctor, case_id)
    assert doctor.get(url).status_code == 404
    assert doctor.get(other).status_code == 200


def test_a_confirmation_is_taken_back(app, doctor, case_id):
    send(doctor, case_id, *ct(1, **STRANGER))
    (url,) = check_url(doctor, case_id)
    assert doctor.post(f"{url}/withdraw").status_code == 409
    doctor.post(url, reason="曾用名")
    again = doctor.post(url, reason="曾用名")
    assert (again.status_code, "已经确认过" in again.text) == (422, True)
    assert doctor.post(f"{url}/withdraw").status_code == 302
    assert check_url(doctor, case_id) == [url]
    assert len(case_kit.rows(app, AuditRow, action="identity:withdraw")) == 1


@pytest.mark.parametrize(("reason", "words"), [(" ", "请写明确认的依据"), ("长" * 201, "最多200")])
def test_a_reason_is_owed(doctor, case_id, reason, words):
    send(doctor, case_id, *ct(1, **STRANGER))
    (url,) = check_url(doctor, case_id)
    answer = doctor.post(url, reason=reason)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert check_url(doctor, case_id) == [url]


@pytest.mark.parametrize(
    ("who", "status"),
    [("colleague", 302), ("approver", 403), ("coordinator", 403), ("radiologist", 403),
     ("clinician2", 404), ("quality", 403)],
)  # fmt: skip
def test_who_may_confirm(doctor, person, board, who, status):
    case_id = board.cases["A"]
    send(doctor, case_id, *ct(1, **STRANGER))
    (url,) = check_url(doctor, case_id)
    assert person(who).post(url, reason="已核对").status_code == status
    assert check_url(doctor, case_id) == ([] if status == 302 else [url])
    if status != 302:
        assert person(who).get(url).status_code == status
        assert person(who).post(f"{url}/withdraw").status_code == status


def test_an_unknown_key_is_nothing(doctor, case_id):
    send(doctor, case_id, *ct(1, **STRANGER))
    for key in ("0" * 64, "x"):
        assert doctor.post(f"/cases/{case_id}/identity/{key}", reason="已核对").status_code == 404


def test_the_desk_sees_masked_that_it_waits_and_why(doctor, desk, conference, listed):
    send(doctor, listed, *ct(1, **STRANGER, PatientID=WOMAN))
    assert "影像患者待核对" in desk.get("/triage").text
    page = desk.get(f"/triage/{listed}").text
    for words in ("申请医院尚未确认，不能列入会议", "李**", "3699**********0023", "张**"):
        assert words in page
    for secret in ("李四光", WOMAN, "张三丰", f"/cases/{listed}/identity/"):
        assert secret not in page
    planning = desk.get(f"/conferences/{conference}").text
    assert "特批也不能越过" in planning
    (url,) = check_url(doctor, listed)
    doctor.post(url, reason="曾用名登记")
    page = desk.get(f"/triage/{listed}").text
    assert "申请医院已确认为本患者" in page
    assert "曾用名登记" in page
    assert "影像患者待核对" not in desk.get("/triage").text


def test_submission_warns_and_goes_through(app, doctor, world):
    case_id = case_kit.whole(app, doctor, world)
    send(doctor, case_id, *ct(1, **STRANGER))
    page = doctor.get(f"/cases/{case_id}/submit").text
    assert "影像中有 1 人与本患者信息不一致，尚未确认" in page
    assert "影像中有 1 人与本患者信息不一致，尚未确认" in doctor.get(f"/cases/{case_id}").text
    assert doctor.post(f"/cases/{case_id}/submit").status_code == 302
    assert states(app, case_id) == ["submitted"]


def test_of_a_case_that_is_listed_nobody_says_that_it_cannot_be(doctor, desk, board):
    case_id = board.cases["A"]
    send(doctor, case_id, *ct(1, **STRANGER))
    said = [browser.get(f"/cases/{case_id}").text for browser in (doctor, desk)]
    said.append(doctor.get(f"/cases/{case_id}/attachments").text)
    assert ["本病例已列入会议：" in page for page in said] == [True, True, True]
    assert ["不能列入会议" in page for page in said] == [False, False, False]


def test_pinyin_is_shown_and_holds_nothing_up(app, doctor, desk, conference, listed):
    send(doctor, listed, *ct(1, PatientName="ZHANG^SANFENG"))
    page = doctor.get(f"/cases/{listed}/attachments").text
    assert "影像中的姓名为拼音，与本患者读音相同" in page
    assert "拼音相同" in page
    assert check_url(doctor, listed) == []
    assert list_case(desk, conference, listed).status_code == 302
    assert states(app, listed) == ["scheduled"]


def test_a_number_of_a_card_alone_contradicts(doctor, case_id):
    answer = send(doctor, case_id, *ct(1, OtherPatientIDs=["A7", WOMAN]))
    assert answer.json["results"][0]["warnings"] == ["影像中的证件号码与本病例不一致。"]
    page = doctor.get(f"/cases/{case_id}/attachments").text
    assert "3699**********0023" in page
    assert WOMAN not in page
    shown = doctor.post_json(f"/cases/{case_id}/studies/1/unmask", {}).json["values"]
    assert shown == {"name0": "张三丰", "id_number0": WOMAN}


def test_the_sixth_person_of_a_study_asks_too(doctor, case_id):
    names = ["李一", "李二", "李三", "李四", "李五", "李六"]
    send(
        doctor, case_id, *[ct(1, series=n, PatientName=name)[0] for n, name in enumerate(names, 1)]
    )
    assert len(check_url(doctor, case_id)) == 6
