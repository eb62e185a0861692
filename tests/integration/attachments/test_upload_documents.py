"""Reports and scans are attached: their type and day, their viewing copy, and the plain form."""

import hashlib
import io
from datetime import date

import pytest

from mdt.adapters import devices
from mdt.models.attachments import Attachment
from mdt.models.audit import AuditRow
from tests import case_kit
from tests.attachment_kit import codes, draft, pdf, png, rows, send


def test_a_report_is_kept_as_sent_with_a_copy_to_show(app, doctor, case_id):
    data = pdf(pages=2)
    assert codes(send(doctor, case_id, ("张三丰病理报告2026-11-03.pdf", data))) == ["taken"]
    (row,) = rows(app, Attachment)
    assert (row.kind, row.dated_on) == ("pathology_report", date(2026, 11, 3))
    assert (row.media_type, row.pages, row.size) == ("application/pdf", 2, len(data))
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    assert "张三丰".encode() not in row.sealed_name
    with app.app_context():
        assert devices.storage().read(row.storage_key) == data
        assert devices.storage().read(row.viewing_key).startswith(b"%PDF-")


def test_type_and_day_that_are_given_count(app, doctor, case_id):
    send(doctor, case_id, ("scan.png", png()), kind="consent_remote", dated_on="2026-11-18")
    (row,) = rows(app, Attachment)
    assert (row.kind, row.dated_on) == ("consent_remote", date(2026, 11, 18))


def test_a_name_that_says_nothing_is_other(app, doctor, case_id):
    answer = send(doctor, case_id, ("IMG_0001.png", png()))
    assert answer.json["results"][0]["message"] == "类别：其他"
    assert [(row.kind, row.dated_on) for row in rows(app, Attachment)] == [("other", None)]


def test_a_guess_that_does_not_fit_the_file_is_dropped(app, doctor, case_id):
    send(doctor, case_id, ("切片.pdf", pdf()))
    assert [row.kind for row in rows(app, Attachment)] == ["other"]


def test_the_same_document_again_is_there_already(app, doctor, case_id):
    data = pdf()
    assert codes(send(doctor, case_id, ("a.pdf", data))) == ["taken"]
    assert codes(send(doctor, case_id, ("b.pdf", data))) == ["duplicate"]
    assert len(rows(app, Attachment)) == 1


def test_the_same_document_again_under_another_type_is_filed_anew(app, doctor, case_id):
    data = pdf()
    send(doctor, case_id, ("consent.pdf", data), dated_on="2026-11-18")
    again = send(doctor, case_id, ("consent.pdf", data), kind="consent_remote")
    assert codes(again) == ["refiled"]
    assert again.json["results"][0]["message"] == "已存在，类别已改为远程医疗知情同意书。"
    (row,) = rows(app, Attachment)
    assert (row.kind, row.dated_on) == ("consent_remote", date(2026, 11, 18))
    (change,) = case_kit.rows(app, AuditRow, action="attachment:edit")
    assert change.data == {"before": "other", "after": "consent_remote"}


def test_the_same_document_without_a_type_stays_where_it_is(app, doctor, case_id):
    data = pdf()
    send(doctor, case_id, ("a.pdf", data), kind="consent_remote")
    again = send(doctor, case_id, ("CT报告.pdf", data))
    assert codes(again) == ["duplicate"]
    assert again.json["results"][0]["message"] == "类别：远程医疗知情同意书"
    assert [row.kind for row in rows(app, Attachment)] == ["consent_remote"]


def test_a_type_that_does_not_take_the_file_files_nothing_anew(app, doctor, case_id):
    data = pdf()
    send(doctor, case_id, ("a.pdf", data))
    assert codes(send(doctor, case_id, ("a.pdf", data), kind="slide_image")) == [
        "wrong_kind_for_type"
    ]
    assert [row.kind for row in rows(app, Attachment)] == ["other"]


def test_the_same_document_may_lie_in_two_cases(app, world, doctor, case_id):
    other = draft(app, world, number="MDT2026-000002")
    data = pdf()
    assert codes(send(doctor, case_id, ("a.pdf", data))) == ["taken"]
    assert codes(send(doctor, other, ("a.pdf", data))) == ["taken"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "nonsense"}, "没有这种资料类别"),
        ({"kind": "dicom_study"}, "没有这种资料类别"),
        ({"dated_on": "2999-01-01"}, "日期晚于今天"),
        ({"dated_on": "soon"}, "无法读取"),
    ],
)
def test_a_bad_description_is_refused(app, doctor, case_id, fields, words):
    answer = send(doctor, case_id, ("a.pdf", pdf()), **fields)
    assert answer.status_code == 422
    assert words in next(iter(answer.json["error"]["fields"].values()))
    assert rows(app, Attachment) == []


def test_nothing_sent_is_said_so(doctor, case_id):
    answer = send(doctor, case_id)
    assert (answer.status_code, answer.json["error"]["message"]) == (
        409,
        "没有收到文件。请重新选择后上传。",
    )


def test_without_scripts_the_form_answers_with_the_page(doctor, case_id):
    files = [(io.BytesIO(pdf()), "病理.pdf"), (io.BytesIO(b"MZ"), "virus.exe")]
    answer = doctor.post(f"/cases/{case_id}/attachments", files=files)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/cases/{case_id}/attachments",
    )
    page = doctor.get(f"/cases/{case_id}/attachments").text
    assert "病理.pdf：类别：病理报告" in page
    assert "virus.exe：这是程序或脚本文件" in page
