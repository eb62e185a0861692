"""What somebody meets whose session has ended while a page was open, and how the work goes on."""

import pytest

from tests.case_kit import load, save, start
from tests.world import PASSWORD

WORDS = "登录已失效，刚才的内容没有提交"


@pytest.fixture
def draft(world, person):
    doctor = person("clinician")
    return doctor, start(doctor, world)


def lose_cookies(browser):
    browser.client.delete_cookie("mdt")


def test_a_draft_that_saves_itself_is_told_that_nobody_is_signed_in(app, draft):
    doctor, case_id = draft
    lose_cookies(doctor)
    answer = save(doctor, case_id, chief_complaint="咳嗽两月")
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "http_401")
    assert load(app, case_id).chief_complaint == ""


def test_after_signing_in_again_the_open_page_gets_a_token_that_fits(app, draft, world):
    doctor, case_id = draft
    old = doctor.token
    lose_cookies(doctor)
    doctor.sign_in("clinician")
    doctor.token = old
    refused = save(doctor, case_id, chief_complaint="咳嗽两月")
    error = refused.json["error"]
    assert (refused.status_code, error["code"]) == (400, "csrf")
    assert error["user"] == world.users["clinician"]
    assert load(app, case_id).chief_complaint == ""
    doctor.token = error["csrf_token"]
    assert save(doctor, case_id, chief_complaint="咳嗽两月").status_code == 200
    assert load(app, case_id).chief_complaint == "咳嗽两月"


@pytest.mark.parametrize("lost", [True, False])
def test_a_form_leads_to_the_sign_in_page_says_what_happened_and_back(app, draft, lost):
    doctor, case_id = draft
    page = f"/cases/{case_id}/consents/remote"
    if lost:
        lose_cookies(doctor)
    else:
        # The session has ended here, and its cookie with the token is still sent.
        other = draft[0].client
        with other.session_transaction() as cookie:
            cookie.pop("_user_id")
    answer = doctor.client.post(
        page,
        data={"csrf_token": doctor.token, "signer": "patient"},
        headers={"Referer": f"http://localhost{page}"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/sign-in?next={page}")
    shown = doctor.get(answer.headers["Location"])
    assert WORDS in shown.text
    assert "返回键" in shown.text
    doctor.token = doctor.find_token(shown.text)
    back = doctor.post(f"/sign-in?next={page}", username="clinician", password=PASSWORD)
    assert back.headers["Location"] == page


def test_another_sites_page_is_nowhere_to_go_back_to(draft):
    doctor, case_id = draft
    lose_cookies(doctor)
    answer = doctor.client.post(
        f"/cases/{case_id}/submit", headers={"Referer": "https://elsewhere.example/cases/1"}
    )
    assert answer.headers["Location"] == "/sign-in"


def test_a_page_that_is_asked_for_tells_nothing_of_lost_content(draft):
    doctor, case_id = draft
    lose_cookies(doctor)
    answer = doctor.get(f"/cases/{case_id}/edit")
    assert answer.headers["Location"] == f"/sign-in?next=/cases/{case_id}/edit"
    assert WORDS not in doctor.get("/sign-in").text


def test_what_is_required_is_asked_for_in_the_same_words(person):
    visitor = person()
    page = visitor.sign_in("", "")
    assert page.text.count("请填写此项。") >= 2
    page = person("clinician").post("/cases/new", ask="", name="")
    assert "姓名：请填写此项。" in page.text
    assert "必填字段" not in page.text


def test_a_new_password_is_asked_for_twice(person):
    doctor = person("clinician")
    new = "four words are enough"
    answer = doctor.post("/account/password", password=PASSWORD, new_password=new, repeated="x")
    assert (answer.status_code, "两次输入的新密码不一致" in answer.text) == (422, True)
    assert person().sign_in("clinician").status_code == 302
