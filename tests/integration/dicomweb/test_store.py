"""STOW-RS: another system sends objects into a case."""

import pytest

from mdt.models.attachments import Attachment, Instance
from tests.attachment_kit import ct, pdf, rows, set_state
from tests.unit.adapters.dicom_files import dicom

KIND = 'multipart/related; type="application/dicom"; boundary=edge'


def body(*files):
    parts = [b"--edge\r\nContent-Type: application/dicom\r\n\r\n" + one + b"\r\n" for one in files]
    return b"".join([*parts, b"--edge--\r\n"])


def store(browser, root, *files, study="", kind=KIND, data=None):
    path = f"{root}/studies{'/' if study else ''}{study}"
    headers = {"X-CSRFToken": browser.token}
    content = body(*files) if data is None else data
    return browser.client.post(path, data=content, content_type=kind, headers=headers)


def slices(count, **attributes):
    return [data for _, data in ct(count, **attributes)]


def references(answer):
    """UIDs of what was stored, and reasons of what was not."""
    stored = answer.json.get("00081199", {}).get("Value", [])
    failed = answer.json.get("00081198", {}).get("Value", [])
    return (
        [one["00081155"]["Value"][0] for one in stored],
        [one["00081197"]["Value"][0] for one in failed],
    )


def test_what_is_sent_is_there(app, doctor, root):
    answer = store(doctor, root, *slices(70))
    assert (answer.status_code, answer.content_type) == (200, "application/dicom+json")
    uids, reasons = references(answer)
    assert (uids, reasons) == ([f"2.25.1000{n:04d}" for n in range(1, 71)], [])
    assert [row.sop_uid for row in rows(app, Instance)] == uids
    first = answer.json["00081199"]["Value"][0]
    served = doctor.get(first["00081190"]["Value"][0] + "/metadata").json
    assert served[0]["00080016"]["Value"] == first["00081150"]["Value"]
    study = doctor.get(f"{root}/studies").json[0]
    assert answer.json["00081190"]["Value"] == study["00081190"]["Value"]


def test_the_same_again_is_stored(app, doctor, root):
    first, again = (store(doctor, root, *slices(2)) for _ in range(2))
    assert (again.status_code, again.json) == (200, first.json)
    assert len(rows(app, Instance)) == 2


def test_some_are_stored_and_some_are_not(app, doctor, root):
    good, other = slices(1), slices(1, PatientName="李四")
    cut = dicom(SOPInstanceUID="2.25.77", Rows=4000)
    answer = store(doctor, root, *good, *other, cut, pdf())
    assert answer.status_code == 202
    assert references(answer) == (["2.25.10000001"], [0x0111, 0xC000, 0xC000])
    assert rows(app, Attachment) == []


def test_nothing_is_stored(app, doctor, root):
    answer = store(doctor, root, pdf())
    assert (answer.status_code, references(answer)) == (409, ([], [0xC000]))
    assert rows(app, Instance) == rows(app, Attachment) == []


def test_into_one_study(app, doctor, root):
    mine, other = slices(1), slices(1, series=2, StudyInstanceUID="2.25.555")
    answer = store(doctor, root, *mine, *other, study="2.25.1001")
    assert answer.status_code == 202
    assert references(answer) == (["2.25.10000001"], [0xA900])
    served = doctor.get(f"{root}/studies").json[0]["0020000D"]["Value"][0]
    assert store(doctor, root, *slices(2), study=served).status_code == 200
    assert len(rows(app, Instance)) == 2


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [
        ("application/dicom", b"x", 415),
        ('multipart/related; type="application/dicom+json"; boundary=edge', b"x", 415),
        ('multipart/related; type="application/dicom"', b"x", 400),
        (KIND, b"", 400),
        (KIND, b"--edge\r\nContent-Type: application/dicom\r\n\r\nhalf of it", 400),
        (KIND, b"--edge--", 200),
    ],
)
def test_what_is_no_such_message(app, doctor, root, kind, data, status):
    answer = store(doctor, root, kind=kind, data=data)
    assert (answer.status_code, "json" in answer.content_type) == (status, True)
    assert rows(app, Instance) == []


def test_a_locked_case_takes_nothing(app, doctor, root, case_id):
    set_state(app, case_id, "signed")
    answer = store(doctor, root, *slices(1))
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "attachments_locked")
    assert rows(app, Instance) == []
