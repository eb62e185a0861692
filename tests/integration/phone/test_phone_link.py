"""A code on the case's page lets one phone take photographs into it for ten minutes."""

import hashlib
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from mdt.adapters import devices
from mdt.adapters.qr_codes import qr_code
from mdt.extensions import db
from mdt.models.attachments import Attachment, Upload
from mdt.models.audit import AuditRow
from mdt.models.people import SignInSession, UserRole
from mdt.models.phone_links import PhoneLink
from mdt.rules.calendar import utc_now
from mdt.rules.phone_links import MOST_PHOTOGRAPHS
from mdt.services.uploads import take_waiting
from tests.attachment_kit import draft, packed, pdf, png, rows, set_state
from tests.phone_kit import JSON, KEY, Phone, make_code
from tests.services import free_port


def jpeg(colour="red"):
    """A photograph with where it was taken in its metadata."""
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "PHONE-OF-THE-DOCTOR"
    Image.new("RGB", (40, 30), colour).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


@pytest.fixture
def opened(doctor, case_id, phone):
    """The code, and the phone that opened it."""
    code = make_code(doctor, case_id)
    assert phone.scan(code).json == {"ok": True, "to": "/phone"}
    return code


def change(app, statement):
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()


def trail(app, *actions):
    """Action, result, name, address and details of the rows of these actions, in order."""
    with app.app_context():
        found = db.session.scalars(
            db.select(AuditRow).where(AuditRow.action.in_(actions)).order_by(AuditRow.id)
        )
        return [(one.action, one.result, one.actor_name, one.address, one.data) for one in found]


def standing(doctor, case_id, code):
    return doctor.get(f"/cases/{case_id}/phone/{code.link}.json").json


def test_a_photograph_comes_into_the_case(app, doctor, case_id, phone):
    code = make_code(doctor, case_id)
    assert standing(doctor, case_id, code)["state"] == "waiting"
    phone.scan(code)
    assert standing(doctor, case_id, code)["state"] == "open"
    assert "Chrome 90 · Android" in standing(doctor, case_id, code)["html"]
    data = jpeg()
    answer = phone.send(data)
    assert [(one["ok"], one["code"]) for one in answer.json["results"]] == [(True, "taken")]
    assert answer.json["more"] == MOST_PHOTOGRAPHS - 1
    (row,) = rows(app, Attachment)
    assert (row.kind, row.case_id, row.phone_link_id) == ("pathology_report", case_id, code.link)
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    with app.app_context():
        assert devices.storage().read(row.storage_key) == data
        assert b"PHONE-OF-THE-DOCTOR" not in devices.storage().read(row.viewing_key)
    assert standing(doctor, case_id, code)["arrived"] == 1
    files = doctor.get(f"/cases/{case_id}/attachments").text
    assert re.search(r"林县医 <span[^>]*>手机拍照</span>", files)
    # Released by nobody yet, as every scan.
    assert "待放行" in files


def test_the_phone_shows_the_number_and_the_masked_name_alone(phone, opened):
    page = phone.client.get("/phone").text
    assert "MDT2026-000001" in page
    assert "张**" in page
    for hidden in ("张三丰", "369921196203050015", "1962", "林县医", "安远", 'href="/cases'):
        assert hidden not in page, hidden


def test_the_code_holds_the_token_behind_the_mark_and_the_database_none(app, doctor, case_id):
    code = make_code(doctor, case_id)
    assert code.address == f"http://localhost/phone/open#{code.token}"
    assert len(code.token) >= 43
    assert qr_code(code.address).path in code.panel
    (link,) = rows(app, PhoneLink)
    assert link.code_hash == hashlib.sha256(code.token.encode()).hexdigest()
    database = (app.config["MDT"].instance / "mdt.sqlite3").read_bytes()
    wal = app.config["MDT"].instance / "mdt.sqlite3-wal"
    assert code.token.encode() not in database + (wal.read_bytes() if wal.exists() else b"")
    assert code.token not in doctor.get(f"/cases/{case_id}/attachments").text


def test_the_code_leads_to_the_address_by_which_phones_reach_the_system(
    app, doctor, case_id, monkeypatch
):
    settings = replace(app.config["MDT"], public_url="https://mdt.example")
    monkeypatch.setitem(app.config, "MDT", settings)
    code = make_code(doctor, case_id)
    assert code.address == f"https://mdt.example/phone/open#{code.token}"
    assert qr_code(code.address).path in code.panel


def test_every_other_address_answers_as_if_nobody_were_signed_in(app, phone, opened, case_id):
    """Every door that knows a person; the public ones know none, and the phone's own are tried."""
    number, stranger = 0, app.test_client()
    for rule in app.url_map.iter_rules():
        policy = getattr(app.view_functions[rule.endpoint], "mdt_policy", "")
        if rule.endpoint.startswith("phone.") and policy in {"public", "by-phone"}:
            continue
        if "GET" not in rule.methods or rule.endpoint == "static":
            continue
        values = {
            name: case_id
            if name == "case_id"
            else 1
            if "int" in type(converter).__name__.lower()
            else "x"
            for name, converter in rule._converters.items()
        }
        url = app.url_map.bind("localhost").build(rule.endpoint, values)
        got, expected = (one.get(url, headers=JSON).status_code for one in (phone.client, stranger))
        assert got == expected, url
        number += policy != "public"
    assert number > 60
    send = phone.browser.client.post
    token = {"X-CSRFToken": phone.browser.token, **JSON}
    assert send(f"/cases/{case_id}/attachments", headers=token).status_code == 401
    assert send(f"/cases/{case_id}/phone", headers=token).status_code == 401


def test_one_phone_has_the_code_and_may_ask_again(app, phone, opened, case_id):
    other = Phone(app, case_id)
    assert other.scan(opened, key="b" * 64).status_code == 401
    assert not other.is_let_in()
    # The answer was lost: the same phone asks again, and what it had before opens nothing.
    copy = Phone(app, case_id)
    assert copy.scan(opened, key=KEY).status_code == 200
    assert copy.is_let_in()
    assert not phone.is_let_in()


def test_what_is_no_code_opens_nothing(app, phone, doctor, case_id):
    code = make_code(doctor, case_id)
    for said in ({"token": "guess", "key": KEY}, {"token": code.token[:-1], "key": KEY}):
        answer = phone.browser.post_json("/phone/open", said)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "phone_link_over")
    for said in (
        {},
        {"token": code.token},
        {"token": 1, "key": KEY},
        [],
        {"token": "x" * 9999, "key": KEY},
    ):
        assert phone.browser.post_json("/phone/open", said).status_code == 422
    assert not phone.is_let_in()
    forged = phone.client.post("/phone/open", json={"token": code.token, "key": KEY})
    assert forged.status_code == 400
    refusals = [row for row in trail(app, "phone:open") if row[1] == "refused"]
    assert [row[4]["reason"] for row in refusals] == ["phone_unknown"] * 2


def test_guessing_is_slowed_down(phone):
    phone.client.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    answers = {
        phone.browser.post_json("/phone/open", {"token": f"g{n}", "key": KEY}).status_code
        for n in range(32)
    }
    assert answers == {401, 429}


def test_an_expired_code_opens_nothing_and_an_open_page_ends(app, doctor, case_id, phone, opened):
    assert phone.is_let_in()
    past = utc_now() - timedelta(seconds=1)
    begun = phone.begin(jpeg())
    change(app, db.update(PhoneLink).values(expires_at=past))
    assert not phone.is_let_in()
    assert phone.take(begun.headers["Location"].rsplit("/", 1)[1]).status_code == 401
    assert phone.begin(jpeg()).status_code == 401
    assert Phone(app, case_id).scan(opened).status_code == 401
    assert standing(doctor, case_id, opened) == {
        "ok": True, "state": "over", "left": 0, "arrived": 0,
        "html": standing(doctor, case_id, opened)["html"],
    }  # fmt: skip
    assert rows(app, Attachment) == []
    assert "请在电脑上重新生成二维码" in phone.client.get("/phone").text


def test_ten_minutes(app, world, case_id, doctor):
    code = make_code(doctor, case_id)
    (link,) = rows(app, PhoneLink)
    assert link.expires_at - link.at == timedelta(minutes=10)
    assert 590 <= standing(doctor, case_id, code)["left"] <= 600


@pytest.mark.parametrize("how", ["by hand", "by the phone", "anew", "sign-out", "role", "signed"])
def test_what_ends_a_link(app, world, doctor, case_id, phone, opened, how):
    assert phone.is_let_in()
    if how == "by hand":
        doctor.post(f"/cases/{case_id}/phone/{opened.link}/end")
    elif how == "by the phone":
        assert phone.ask("POST", f"/phone/cases/{case_id}/end").status_code == 200
    elif how == "anew":
        make_code(doctor, case_id)
    elif how == "sign-out":
        doctor.post("/sign-out")
    elif how == "role":
        change(app, db.delete(UserRole).where(UserRole.user_id == world.users["clinician"]))
    else:
        set_state(app, case_id, "signed")
    assert not phone.is_let_in()
    assert phone.begin(jpeg()).status_code == 401


def test_an_idle_person_at_the_desk_ends_it_too(app, opened, phone):
    long_ago = utc_now() - timedelta(hours=1)
    change(app, db.update(SignInSession).values(last_seen_at=long_ago))
    assert not phone.is_let_in()


def test_a_listed_case_still_takes_photographs(app, doctor, case_id, phone):
    set_state(app, case_id, "scheduled")
    phone.scan(make_code(doctor, case_id))
    assert phone.send(jpeg()).json["results"][0]["code"] == "taken"


def test_a_phone_belongs_to_one_case(app, world, doctor, case_id, phone, opened):
    second = draft(app, world, number="MDT2026-000002")
    begun = phone.begin(jpeg("blue"))
    # The page of the first case was left open; the phone has scanned the second one's code since.
    assert phone.scan(make_code(doctor, second), key="c" * 64).status_code == 200
    assert phone.begin(jpeg()).status_code == 401
    assert phone.take(begun.headers["Location"].rsplit("/", 1)[1]).status_code == 401
    phone.case_id = second
    assert phone.is_let_in()
    assert phone.take(begun.headers["Location"].rsplit("/", 1)[1]).status_code == 404
    assert rows(app, Attachment) == []


def test_the_phone_goes_on_with_its_own_uploads_alone(app, doctor, case_id, phone, opened):
    """The doctor's own, on their way from the desk, are none of them, nor the other way round."""
    headers = {
        "X-CSRFToken": doctor.token, "Tus-Resumable": "1.0.0", "Upload-Length": "4",
        "Upload-Metadata": "filename YS5qcGc=", **JSON,
    }  # fmt: skip
    place = doctor.client.post(f"/cases/{case_id}/uploads", headers=headers).headers["Location"]
    own = place.rsplit("/", 1)[1]
    part = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    address = f"/phone/cases/{case_id}/uploads/{own}"
    assert phone.ask("HEAD", address).status_code == 404
    assert phone.ask("PATCH", address, part, b"what").status_code == 404
    assert phone.take(own).status_code == 404
    phone.begin(jpeg())
    page = doctor.get(f"/cases/{case_id}/attachments").text
    assert "a.jpg" in page
    assert "手机照片-1.jpg" not in page


def test_what_is_no_photograph_is_refused(app, phone, opened):
    for name, data, code in (
        ("a.pdf", pdf(), "image_other_format"),
        ("a.zip", packed(("a.png", png())), "image_other_format"),
        ("a.jpg", b"\xff\xd8\xff\xe0 not a picture", "image_broken"),
        ("a.jpg", png(), "extension_mismatch"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
    ):
        (result,) = phone.send(data, name=name).json["results"]
        assert (result["ok"], result["code"]) == (False, code), name
        assert result["message"]
    assert phone.begin(b"x", bundle="1").json["error"]["code"] == "image_other_format"
    begun = phone.begin(jpeg())
    assert phone.take(begun.headers["Location"].rsplit("/", 1)[1], kind="").status_code == 422
    assert phone.send(jpeg(), kind="no_such_kind").status_code == 422
    assert rows(app, Attachment) == []


def test_a_cut_line_goes_on_and_nothing_is_kept_twice(app, phone, opened, case_id):
    data = jpeg()
    headers = {"Upload-Length": str(len(data)), "Upload-Metadata": "filename YS5qcGc="}
    place = phone.ask("POST", f"/phone/cases/{case_id}/uploads", headers).headers["Location"]
    part = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert phone.ask("PATCH", place, part, data[:100]).status_code == 204
    assert phone.ask("HEAD", place).headers["Upload-Offset"] == "100"
    rest = {**part, "Upload-Offset": "100"}
    assert phone.ask("PATCH", place, rest, data[100:]).status_code == 204
    upload = place.rsplit("/", 1)[1]
    first, again = phone.take(upload), phone.take(upload)
    assert first.json["results"] == again.json["results"]
    assert len(rows(app, Attachment)) == 1


def test_while_the_scanner_is_away_a_photograph_waits_and_is_then_taken(
    app, doctor, case_id, phone, opened, monkeypatch
):
    settings = app.config["MDT"]
    with monkeypatch.context() as away:
        away.setitem(app.config, "MDT", replace(settings, clamd=f"127.0.0.1:{free_port()}"))
        (result,) = phone.send(jpeg()).json["results"]
    assert (result["ok"], result["code"]) == (True, "quarantined")
    assert "等待病毒检查" in doctor.get(f"/cases/{case_id}/attachments").text
    doctor.post(f"/cases/{case_id}/phone/{opened.link}/end")
    with app.app_context():
        assert take_waiting(now=utc_now()) == 1
    (row,) = rows(app, Attachment)
    assert (row.kind, row.phone_link_id) == ("pathology_report", opened.link)


def test_so_many_and_no_more(app, phone, opened):
    begun = {phone.begin(b"x").status_code for _ in range(MOST_PHOTOGRAPHS)}
    refused = phone.begin(b"x")
    assert (begun, refused.status_code) == ({201}, 409)
    assert refused.json["error"]["code"] == "phone_too_many"
    assert len(rows(app, Upload)) == MOST_PHOTOGRAPHS


def test_who_may_make_a_code(app, person, world, case_id, doctor):
    for who, status in (("clinician2", 404), ("approver", 403), ("chair", 403), ("colleague", 200)):
        browser = person(who)
        headers = {"X-CSRFToken": browser.token, **JSON}
        assert browser.client.post(f"/cases/{case_id}/phone", headers=headers).status_code == status
    code = make_code(doctor, case_id)
    colleague = person("colleague")
    address = f"/cases/{case_id}/phone/{code.link}"
    assert colleague.get(f"{address}.json").status_code == 404
    assert colleague.post(f"{address}/end").status_code == 404
    set_state(app, case_id, "signed")
    headers = {"X-CSRFToken": doctor.token, **JSON}
    assert doctor.client.post(f"/cases/{case_id}/phone", headers=headers).status_code == 409


def test_without_scripts_the_code_is_a_page(doctor, case_id):
    page = doctor.post(f"/cases/{case_id}/phone")
    assert page.status_code == 200
    assert "<svg viewBox" in page.text
    running = doctor.get(f"/cases/{case_id}/attachments").text
    assert "二维码只显示一次" in running
    assert "<code id=" not in running


def test_the_trail_says_who_made_it_opened_it_sent_and_ended_it(
    app, doctor, case_id, phone, opened
):
    phone.send(jpeg())
    other = Phone(app, case_id)
    other.scan(opened, key="z" * 64)
    doctor.post(f"/cases/{case_id}/phone/{opened.link}/end")
    desk, hand, strange = "127.0.0.1", phone.address, other.address
    sent = {"documents": 1, "images": 0, "phone": opened.link}
    actions = ("phone:make", "phone:open", "phone:end", "attachment:add")
    assert trail(app, *actions) == [
        ("phone:make", "ok", "clinician", desk, {}),
        ("phone:open", "ok", "clinician", hand, {}),
        ("attachment:add", "ok", "clinician", hand, sent),
        ("phone:open", "refused", "", strange, {"reason": "phone_used"}),
        ("phone:end", "ok", "clinician", desk, {}),
    ]


def test_a_new_code_ends_the_one_before_and_the_trail_says_so(app, doctor, case_id):
    first, second = make_code(doctor, case_id), make_code(doctor, case_id)
    with app.app_context():
        ends = db.select(AuditRow).where(AuditRow.action == "phone:end")
        (row,) = db.session.scalars(ends)
    assert (row.object_type, row.object_id, row.case_id) == ("phone_link", str(first.link), case_id)
    states = [standing(doctor, case_id, one)["state"] for one in (first, second)]
    assert states == ["over", "waiting"]


def test_the_page_is_english_for_an_english_phone(phone, opened):
    page = phone.client.get("/phone", headers={"Accept-Language": "en-GB,en"})
    assert '<html lang="en">' in page.text
    assert "拍照" not in page.text
    stranger = phone.browser.app.test_client().get("/phone/open", headers={"Accept-Language": "en"})
    assert "Opening" in stranger.text
