"""Files are sent in parts by the tus protocol and taken into the case when they are whole."""

import base64
import hashlib
import io
import json
import tarfile
from datetime import timedelta

import pytest

from mdt.adapters import devices
from mdt.adapters.queue import queue
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Upload
from mdt.models.audit import AuditRow
from mdt.queries import scope
from mdt.rules.calendar import utc_now
from mdt.rules.jobs import REGULAR, JobName
from mdt.services import uploads
from tests import case_kit
from tests.attachment_kit import codes, ct, no_reader, pdf, rows

VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata(**said):
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())


def ask(browser, method, path, headers=None, data=b""):
    token = {"X-CSRFToken": browser.token, "Accept": "application/json"}
    return browser.client.open(
        path, method=method, headers={**VERSION, **token, **(headers or {})}, data=data
    )


def begin(browser, case_id, length, data=None, **said):
    headers = {"Upload-Length": str(length), "Upload-Metadata": metadata(**said)}
    if data is not None:
        headers |= BYTES
    return ask(browser, "POST", f"/cases/{case_id}/uploads", headers, data or b"")


def patch(browser, place, offset, data, **headers):
    return ask(browser, "PATCH", place, {**BYTES, "Upload-Offset": str(offset), **headers}, data)


def offset_of(browser, place):
    return int(ask(browser, "HEAD", place).headers["Upload-Offset"])


def take(browser, case_id, place, **fields):
    return browser.client.post(
        f"/cases/{case_id}/attachments",
        data={"csrf_token": browser.token, "upload": place.rsplit("/", 1)[1], **fields},
        headers={"Accept": "application/json"},
    )


def bundle(files, names=None):
    """A folder as the page packs it; ``names`` in place of the list of names."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        names = names or json.dumps([name for name, _ in files]).encode()
        members = [("names.json", names), *((str(n), data) for n, (_, data) in enumerate(files))]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def test_parts_become_the_file(app, doctor, case_id):
    data = pdf(pages=3)
    place = begin(doctor, case_id, len(data), filename="张三丰病理报告.pdf").headers["Location"]
    middle = len(data) // 3 + 7
    assert patch(doctor, place, 0, data[:middle]).headers["Upload-Offset"] == str(middle)
    assert offset_of(doctor, place) == middle
    assert patch(doctor, place, middle, data[middle:]).status_code == 204
    answer = take(doctor, case_id, place, dated_on="2026-11-03")
    assert codes(answer) == ["taken"]
    (row,) = rows(app, Attachment)
    assert (row.kind, row.sha256) == ("pathology_report", hashlib.sha256(data).hexdigest())
    with app.app_context():
        assert devices.storage().read(row.storage_key) == data


def test_what_lies_on_disk_meanwhile_cannot_be_read(app, doctor, case_id):
    data = pdf()
    begin(doctor, case_id, len(data) + 1, data, filename="张三丰.pdf")
    (kept,) = rows(app, Upload)
    on_disk = (app.config["MDT"].instance / "uploads" / kept.id).read_bytes()
    assert len(on_disk) == len(data)
    assert b"%PDF" not in on_disk
    assert "张三丰".encode() not in kept.sealed


def test_a_byte_that_changed_on_the_disk_is_found_and_its_piece_sent_again(app, doctor, case_id):
    data = pdf(pages=3)
    place = begin(doctor, case_id, len(data), filename="报告.pdf").headers["Location"]
    middle = len(data) // 2
    patch(doctor, place, 0, data[:middle])
    patch(doctor, place, middle, data[middle:])
    (kept,) = rows(app, Upload)
    file = app.config["MDT"].instance / "uploads" / kept.id
    on_disk = bytearray(file.read_bytes())
    on_disk[middle + 5] ^= 1
    file.write_bytes(on_disk)
    answer = take(doctor, case_id, place)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "upload_not_whole")
    assert rows(app, Attachment) == []
    # The piece before it is sound and stays.
    assert offset_of(doctor, place) == middle
    assert patch(doctor, place, middle, data[middle:]).status_code == 204
    assert codes(take(doctor, case_id, place)) == ["taken"]
    (row,) = rows(app, Attachment)
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    assert list(file.parent.iterdir()) == []


def test_a_folder_comes_as_one_bundle(app, doctor, case_id):
    files = ct(3)
    data = bundle(files)
    place = begin(doctor, case_id, len(data), data, bundle="1").headers["Location"]
    answer = take(doctor, case_id, place)
    assert [(one["name"], one["code"]) for one in answer.json["results"]] == [
        (name, "taken") for name, _ in files
    ]
    assert len(rows(app, Instance)) == 3


def test_asked_again_the_same_is_answered_and_nothing_is_stored_twice(app, doctor, case_id):
    data = pdf()
    place = begin(doctor, case_id, len(data), data, filename="a.pdf").headers["Location"]
    first, again = take(doctor, case_id, place), take(doctor, case_id, place)
    assert codes(first) == codes(again) == ["taken"]
    assert len(rows(app, Attachment)) == 1
    assert offset_of(doctor, place) == len(data)
    (kept,) = rows(app, Upload)
    assert not (app.config["MDT"].instance / "uploads" / kept.id).exists()


def test_picked_again_under_another_type_it_is_filed_anew(app, doctor, case_id):
    data = pdf()
    place = begin(doctor, case_id, len(data), data, filename="scan.pdf").headers["Location"]
    assert codes(take(doctor, case_id, place)) == ["taken"]
    filed = []
    for kind in ("consent_remote", "consent_remote", "other", "pathology_report", ""):
        again = take(doctor, case_id, place, kind=kind)
        (row,) = rows(app, Attachment)
        filed.append((kind, codes(again), row.kind))
    assert filed == [
        ("consent_remote", ["refiled"], "consent_remote"),
        ("consent_remote", ["taken"], "consent_remote"),
        ("other", ["refiled"], "other"),
        ("pathology_report", ["refiled"], "pathology_report"),
        ("", ["taken"], "pathology_report"),
    ]
    assert [row.data for row in case_kit.rows(app, AuditRow, action="attachment:edit")] == [
        {"before": "other", "after": "consent_remote"},
        {"before": "consent_remote", "after": "other"},
        {"before": "other", "after": "pathology_report"},
    ]
    assert codes(take(doctor, case_id, place, kind="slide_image")) == ["wrong_kind_for_type"]
    assert take(doctor, case_id, place, kind="nothing").status_code == 422
    assert [row.kind for row in rows(app, Attachment)] == ["pathology_report"]


def test_scans_of_a_group_picked_again_are_filed_anew(app, doctor, case_id):
    files = [("1.pdf", pdf()), ("2.pdf", pdf(pages=2)), *ct(1)]
    data = bundle(files)
    place = begin(doctor, case_id, len(data), data, bundle="1").headers["Location"]
    assert codes(take(doctor, case_id, place)) == ["taken"] * 3
    again = take(doctor, case_id, place, kind="consent_remote")
    assert codes(again) == ["refiled", "refiled", "taken"]
    assert [row.kind for row in rows(app, Attachment)] == ["consent_remote"] * 2


def test_what_was_taken_back_is_sent_anew(app, doctor, case_id):
    data = pdf()
    place = begin(doctor, case_id, len(data), data, filename="a.pdf").headers["Location"]
    assert codes(take(doctor, case_id, place)) == ["taken"]
    (row,) = rows(app, Attachment)
    doctor.post(f"/cases/{case_id}/attachments/{row.id}/take-back")
    assert rows(app, Attachment) == []
    assert take(doctor, case_id, place).status_code == 404
    assert rows(app, Upload) == []
    again = begin(doctor, case_id, len(data), data, filename="a.pdf").headers["Location"]
    assert codes(take(doctor, case_id, again)) == ["taken"]


def test_what_could_not_be_read_for_a_passing_reason_is_sent_anew(app, doctor, case_id):
    ((_, data),) = ct(1)
    place = begin(doctor, case_id, len(data), data, filename="1.dcm").headers["Location"]
    with no_reader():
        assert codes(take(doctor, case_id, place)) == ["reading_crashed"]
    assert take(doctor, case_id, place).status_code == 404
    assert rows(app, Upload) == []
    place = begin(doctor, case_id, len(data), data, filename="1.dcm").headers["Location"]
    assert codes(take(doctor, case_id, place)) == codes(take(doctor, case_id, place)) == ["taken"]


def test_what_is_being_taken_cannot_be_given_up(app, doctor, case_id):
    place = begin(doctor, case_id, 4, b"wh", filename="a.pdf").headers["Location"]
    (kept,) = rows(app, Upload)
    with app.app_context(), devices.parts().held(kept.id):
        assert ask(doctor, "DELETE", place).status_code == 423
        assert patch(doctor, place, 2, b"at").status_code == 423
    assert offset_of(doctor, place) == 2
    assert ask(doctor, "DELETE", place).status_code == 204


def test_a_part_that_does_not_fit_changes_nothing(doctor, case_id):
    data = pdf()
    place = begin(doctor, case_id, len(data), data[:100], filename="a.pdf").headers["Location"]
    digest = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    for refused, status in (
        (patch(doctor, place, 0, b"x"), 409),
        (patch(doctor, place, 200, b"x"), 409),
        (patch(doctor, place, 100, data), 409),
        (patch(doctor, place, 100, b"x", **{"Upload-Checksum": f"sha256 {digest}"}), 460),
        (patch(doctor, place, 100, b"x", **{"Upload-Checksum": "crc 00"}), 422),
        (patch(doctor, place, 100, b"x", **{"Content-Type": "text/plain"}), 422),
        (patch(doctor, place, 100, b"x", **{"Tus-Resumable": "0.2"}), 422),
        (take(doctor, case_id, place), 409),
    ):
        assert (refused.status_code, offset_of(doctor, place)) == (status, 100)
    good = base64.b64encode(hashlib.sha256(data[100:]).digest()).decode()
    whole = patch(doctor, place, 100, data[100:], **{"Upload-Checksum": f"sha256 {good}"})
    assert whole.status_code == 204
    assert codes(take(doctor, case_id, place)) == ["taken"]


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Upload-Length": "many"}, "length"),
        ({"Upload-Length": "0"}, "length"),
        ({"Upload-Length": str(2**40)}, "length"),
        ({"Upload-Length": str(65 * 2**20), "Upload-Metadata": "bundle MQ=="}, "length"),
        ({"Upload-Length": "9", "Upload-Metadata": "filename ***"}, "metadata"),
        ({"Upload-Length": "9", "Upload-Metadata": ""}, "filename"),
    ],
)
def test_what_cannot_be_begun_says_why(app, doctor, case_id, headers, field):
    answer = ask(doctor, "POST", f"/cases/{case_id}/uploads", headers)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert rows(app, Upload) == []


@pytest.mark.parametrize("data", [b"what", bundle([], b"[" * 100_000)])
def test_a_bundle_that_is_none_is_refused_and_stays(doctor, case_id, data):
    place = begin(doctor, case_id, len(data), data, bundle="1").headers["Location"]
    refused = take(doctor, case_id, place)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "archive_broken")
    assert offset_of(doctor, place) == len(data)


def test_an_upload_is_given_up(app, doctor, case_id):
    place = begin(doctor, case_id, 4, b"wh", filename="a.pdf").headers["Location"]
    (kept,) = rows(app, Upload)
    assert ask(doctor, "DELETE", place).status_code == 204
    assert ask(doctor, "HEAD", place).status_code == 404
    assert (rows(app, Upload), (app.config["MDT"].instance / "uploads" / kept.id).exists()) == (
        [],
        False,
    )


def test_nobody_else_sees_or_writes_an_upload(doctor, case_id, person):
    place = begin(doctor, case_id, 4, b"wh", filename="a.pdf").headers["Location"]
    for name, statuses in (
        ("colleague", (404, 404, 404, 404)),
        ("clinician2", (404, 404, 404, 404)),
        ("chair", (403, 403, 403, 403)),
    ):
        other = person(name)
        answers = (
            ask(other, "HEAD", place),
            patch(other, place, 2, b"at"),
            ask(other, "DELETE", place),
            take(other, case_id, place),
        )
        assert tuple(one.status_code for one in answers) == statuses, name
    assert offset_of(doctor, place) == 2


def test_uploads_whose_time_is_over_are_cleared_away(app, doctor, case_id):
    begin(doctor, case_id, 4, b"wh", filename="a.pdf")
    (kept,) = rows(app, Upload)
    with app.app_context():
        assert uploads.clear_expired(now=utc_now()) == 0
        upload = db.session.scalars(scope.unscoped(db.select(Upload), because="a test")).one()
        upload.expires_at = utc_now() - timedelta(seconds=1)
        db.session.commit()
        assert JobName.UPLOADS_CLEAR in REGULAR
        # The queue of a test does at once what the worker is asked every minute.
        queue().put(JobName.UPLOADS_CLEAR)
        db.session.rollback()
    assert rows(app, Upload) == []
    assert not (app.config["MDT"].instance / "uploads" / kept.id).exists()


def test_the_protocol_is_described(doctor, case_id):
    answer = ask(doctor, "OPTIONS", f"/cases/{case_id}/uploads")
    assert (answer.status_code, answer.headers["Tus-Version"]) == (204, "1.0.0")
    assert answer.headers["Tus-Extension"].split(",") == [
        "creation", "creation-with-upload", "checksum", "termination", "expiration",
    ]  # fmt: skip
