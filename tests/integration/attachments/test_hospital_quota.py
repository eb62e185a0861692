"""A hospital that has used its share of the storage is told so, and no other is concerned."""

from dataclasses import replace

import pytest

from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Upload
from tests.attachment_kit import codes, ct, pdf, rows, send
from tests.board import make_case
from tests.integration.attachments.test_upload_in_parts import begin

FULL = "本院的文件已占满限额"


@pytest.fixture
def share(app):
    """``share(n)`` sets how many bytes each hospital may use."""
    before = app.config["MDT"]

    def allow(size):
        app.config["MDT"] = replace(before, hospital_bytes=size)
        app.extensions.pop("mdt_use", None)

    yield allow
    app.config["MDT"] = before


def test_images_count_with_their_served_form(app, doctor, case_id, share):
    assert codes(send(doctor, case_id, *ct(1))) == ["taken"]
    (image,) = rows(app, Instance)
    assert image.served_size > 0
    share(image.size + image.served_size + 1)
    assert begin(doctor, case_id, 1, filename="b.pdf").status_code == 201
    share(image.size + image.served_size)
    assert begin(doctor, case_id, 1, filename="c.pdf").status_code == 409


def test_a_full_hospital_is_told_and_others_go_on(app, world, person, doctor, case_id, share):
    page = f"/cases/{case_id}/attachments"
    data = pdf()
    assert codes(send(doctor, case_id, ("a.pdf", data))) == ["taken"]
    share(len(data) * 10)
    assert "已占限额" not in doctor.get(page).text
    share(len(data) + 50)
    assert "已占限额的" in doctor.get(page).text
    refused = begin(doctor, case_id, len(data), data, filename="b.pdf")
    assert (refused.status_code, FULL in refused.json["error"]["message"]) == (409, True)
    assert begin(doctor, case_id, 50, filename="b.pdf").status_code == 201
    # What is on its way counts, also where all is counted anew.
    assert begin(doctor, case_id, 1, filename="c.pdf").status_code == 409
    share(len(data) + 50)
    assert begin(doctor, case_id, 1, filename="c.pdf").status_code == 409
    assert len(rows(app, Upload)) == 1

    share(len(data))
    refused = send(doctor, case_id, ("b.pdf", pdf("b")))
    assert (refused.status_code, FULL in refused.json["error"]["message"]) == (409, True)
    assert len(rows(app, Attachment)) == 1
    assert doctor.get(f"{page}/{rows(app, Attachment)[0].id}/original").data == data
    other = person("clinician2")
    with app.app_context():
        theirs = make_case(world, "B", "clinician2", number="MDT2026-000002").id
        db.session.commit()
    assert codes(send(other, theirs, ("b.pdf", data))) == ["taken"]
    share(0)
    assert codes(send(doctor, case_id, ("b.pdf", pdf("b")))) == ["taken"]
