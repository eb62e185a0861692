"""No file is taken that the virus scanner has not looked at; while it is away, files wait."""

from dataclasses import replace
from datetime import timedelta

from mdt.adapters import devices
from mdt.adapters.queue import queue
from mdt.models.attachments import Attachment, Instance, Upload
from mdt.models.tumours import RegisterImport
from mdt.rules.calendar import utc_now
from mdt.rules.jobs import REGULAR, JobName
from mdt.rules.uploads import QUARANTINE_LIFE
from mdt.services.register_tending import tend_imports
from mdt.services.uploads import clear_expired
from tests.attachment_kit import codes, ct, packed, pdf, rows, send, set_state
from tests.clamd import EICAR
from tests.integration.attachments.test_upload_in_parts import begin, bundle, take
from tests.register_files import rows_to_csv
from tests.register_imports import shown_columns, upload

WAITS = "等待病毒检查"
FOUND = "该文件未通过病毒检查"
BAD = pdf() + EICAR


def files_page(browser, case_id):
    return browser.get(f"/cases/{case_id}/attachments").text


def run_job(app, name=JobName.UPLOADS_TAKE):
    with app.app_context():
        queue().put(name)


def stored(app):
    with app.app_context():
        return len(list(devices.storage().keys()))


def test_what_carries_a_virus_is_refused_and_the_rest_taken(app, doctor, case_id, clamd):
    with clamd():
        answer = send(doctor, case_id, ("a.pdf", pdf()), ("b.pdf", BAD), *ct(1))
        assert codes(answer) == ["taken", "virus", "taken"]
        assert FOUND in answer.json["results"][1]["message"]
        answer = send(doctor, case_id, ("a.zip", packed(("c.pdf", pdf("c")), ("d.pdf", BAD))))
    assert codes(answer) == ["archive"]
    assert [one["name"] for one in answer.json["results"][0]["inside"]] == ["d.pdf"]
    assert len(rows(app, Attachment)) == 2
    assert rows(app, Upload) == []


def test_while_the_scanner_is_away_files_wait_unseen_and_are_then_taken(
    app, person, doctor, case_id, clamd
):
    answer = send(doctor, case_id, ("张三丰.pdf", pdf()), ("b.pdf", BAD), kind="pathology_report")
    assert codes(answer) == ["quarantined"] * 2
    assert [one["ok"] for one in answer.json["results"]] == [True, True]
    assert (rows(app, Attachment), stored(app)) == ([], 0)
    for one in rows(app, Upload):
        at_rest = (app.config["MDT"].instance / "uploads" / one.id).read_bytes()
        assert b"%PDF" not in at_rest
        assert "张三丰".encode() not in one.sealed
        assert one.expires_at - one.waiting_since == QUARANTINE_LIFE

    page = files_page(doctor, case_id)
    assert (WAITS in page, "张三丰.pdf" in page) == (True, True)
    assert WAITS not in files_page(person("colleague"), case_id)

    run_job(app)
    assert (rows(app, Attachment), WAITS in files_page(doctor, case_id)) == ([], True)
    assert JobName.UPLOADS_TAKE in REGULAR
    with clamd():
        run_job(app)
    (document,) = rows(app, Attachment)
    assert (document.kind, document.by_user_id) == (
        "pathology_report",
        rows(app, Upload)[0].by_user_id,
    )
    page = files_page(doctor, case_id)
    assert (WAITS in page, "b.pdf" in page, FOUND in page) == (False, True, True)
    assert list((app.config["MDT"].instance / "uploads").iterdir()) == []


def test_an_upload_in_parts_waits_with_its_whole_bundle(app, doctor, case_id, clamd):
    data = bundle([*ct(2), ("bad.pdf", BAD)])
    place = begin(doctor, case_id, len(data), data, bundle="1").headers["Location"]
    assert codes(take(doctor, case_id, place)) == ["quarantined"] * 3
    assert codes(take(doctor, case_id, place)) == ["quarantined"] * 3
    assert "有未传完的文件" not in files_page(doctor, case_id)
    doctor.post(f"/cases/{case_id}/uploads/give-up")
    with clamd():
        assert codes(take(doctor, case_id, place)) == ["taken", "taken", "virus"]
        run_job(app)
    assert len(rows(app, Instance)) == 2
    assert codes(take(doctor, case_id, place)) == ["taken", "taken", "virus"]


def test_a_case_that_was_locked_meanwhile_takes_nothing(app, doctor, case_id, clamd):
    assert codes(send(doctor, case_id, ("a.pdf", pdf()))) == ["quarantined"]
    set_state(app, case_id, "signed")
    with clamd():
        run_job(app)
    assert rows(app, Attachment) == []
    (upload,) = rows(app, Upload)
    assert upload.sealed_results is not None
    assert not (app.config["MDT"].instance / "uploads" / upload.id).exists()


def test_a_hospital_without_room_goes_on_waiting(app, doctor, case_id, clamd):
    assert codes(send(doctor, case_id, ("a.pdf", pdf()))) == ["quarantined"]
    with clamd():
        assert codes(send(doctor, case_id, ("b.pdf", pdf("b")))) == ["taken"]
        roomy = app.config["MDT"]
        app.config["MDT"] = replace(roomy, hospital_bytes=1)
        app.extensions.pop("mdt_use")
        run_job(app)
        assert len(rows(app, Attachment)) == 1
        app.config["MDT"] = roomy
        run_job(app)
    assert len(rows(app, Attachment)) == 2


def test_what_waited_a_month_goes(app, doctor, case_id, clamd):
    assert codes(send(doctor, case_id, ("a.pdf", pdf()))) == ["quarantined"]
    with app.app_context():
        assert clear_expired(now=utc_now() + timedelta(days=29)) == 0
        assert clear_expired(now=utc_now() + timedelta(days=31)) == 1
    assert list((app.config["MDT"].instance / "uploads").iterdir()) == []


REGISTER = rows_to_csv({})
BAD_REGISTER = REGISTER + b"," + EICAR


def states(app):
    return [one.state for one in rows(app, RegisterImport)]


def test_a_register_file_with_a_virus_is_not_read(app, person, clamd):
    clerk = person("clinician")
    with clamd():
        refused = upload(clerk, BAD_REGISTER)
        assert (refused.status_code, FOUND in refused.text) == (422, True)
        assert (states(app), stored(app)) == ([], 0)
        assert upload(clerk, REGISTER).status_code == 302
    assert states(app) == ["columns"]


def test_while_the_scanner_is_away_register_files_wait_unread(app, person, clamd):
    clerk = person("clinician")
    pages = [upload(clerk, content).location for content in (REGISTER, BAD_REGISTER, b"%PDF-1.7")]
    run_job(app, JobName.REGISTER_TEND)
    assert states(app) == ["quarantine"] * 3
    page = clerk.get(pages[0]).text
    assert (WAITS in page, shown_columns(page), "hospital_code" in page) == (True, {}, False)
    assert "等待病毒检查" in clerk.get("/registry/import").text
    with clamd():
        run_job(app, JobName.REGISTER_TEND)
    assert states(app) == ["columns", "failed", "failed"]
    assert shown_columns(clerk.get(pages[0]).text)["hospital_code"] == "hospital_code"
    assert FOUND in clerk.get(pages[1]).text
    assert "这不是表格文件" in clerk.get(pages[2]).text
    assert stored(app) == 1


def test_a_register_file_that_is_damaged_while_it_waits_is_given_up(app, person, clamd):
    clerk = person("clinician")
    page = upload(clerk, REGISTER).location
    with app.app_context():
        for blob in list(devices.storage().keys()):
            devices.storage().delete(blob.key)
    with clamd():
        run_job(app, JobName.REGISTER_TEND)
    assert states(app) == ["failed"]
    assert "保存的文件已损坏" in clerk.get(page).text


def test_a_register_file_that_waits_can_be_called_off_and_goes_after_a_month(app, person, clamd):
    clerk = person("clinician")
    pages = [upload(clerk, REGISTER).location for _ in range(2)]
    clerk.post(f"{pages[0]}/cancel")
    with app.app_context():
        tend_imports(clock=lambda: utc_now() + timedelta(days=29))
    assert states(app) == ["cancelled", "quarantine"]
    with app.app_context():
        tend_imports(clock=lambda: utc_now() + timedelta(days=31))
    assert (states(app), stored(app)) == (["cancelled", "cancelled"], 0)
