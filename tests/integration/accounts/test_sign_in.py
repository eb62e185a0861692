"""Signing in and out through the form."""

from flask import Flask

from mdt.extensions import db
from mdt.models.people import SignInSession
from tests.world import PASSWORD, World


def test_sign_in_leads_to_the_worklist(person):
    visitor = person()
    answer = visitor.sign_in("clinician")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert visitor.get("/").status_code == 200


def test_wrong_password_and_unknown_name_get_the_same_answer(person):
    answers = []
    for name in ("clinician", "nobody"):
        visitor = person()
        answers.append(visitor.sign_in(name, "not the password"))
    texts = [a.text.split('name="csrf_token"')[0] for a in answers]
    assert [a.status_code for a in answers] == [422, 422]
    assert texts[0] == texts[1]
    assert "账号或密码不正确" in answers[0].text


def test_correct_password_is_refused_after_five_failures(person):
    visitor = person()
    for _ in range(5):
        visitor.sign_in("clinician", "not the password")
    assert "尝试次数过多" in visitor.sign_in("clinician").text
    assert person("clinician2").get("/").status_code == 200


def test_sign_out_ends_the_session_on_the_server(app: Flask, person):
    doctor = person("clinician")
    cookie = doctor.client.get_cookie("mdt").value
    assert doctor.post("/sign-out").status_code == 302
    other = app.test_client()
    other.set_cookie("mdt", cookie)
    assert other.get("/").headers["Location"].startswith("/sign-in")


def test_session_token_is_stored_hashed(app: Flask, world: World, person):
    doctor = person("clinician")
    with doctor.client.session_transaction() as cookie, app.app_context():
        hashes = [row.token_hash for row in db.session.scalars(db.select(SignInSession))]
        assert cookie["_user_id"] not in hashes
        assert [len(value) for value in hashes] == [64]


def test_next_never_leads_to_another_site(person):
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        visitor = person()
        visitor.token = visitor.find_token(visitor.get("/sign-in").text)
        answer = visitor.post(f"/sign-in?next={target}", username="clinician", password=PASSWORD)
        assert answer.headers["Location"] == "/"


def test_a_post_without_the_forgery_token_is_refused(person):
    doctor = person("clinician")
    assert doctor.client.post("/sign-out").status_code == 400
    assert doctor.get("/").status_code == 200


def test_language_follows_the_link(person):
    visitor = person()
    assert '<html lang="zh-Hans-CN">' in visitor.get("/sign-in").text[:400]
    visitor.get("/language/en")
    assert '<html lang="en">' in visitor.get("/sign-in").text[:400]
