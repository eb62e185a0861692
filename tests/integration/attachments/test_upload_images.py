"""DICOM files are attached: what is kept, in which order, and what is known already."""

from datetime import date
from pathlib import Path

from pydicom.data import get_testdata_file

from mdt.adapters import devices
from mdt.models.attachments import Instance, Series, Study
from mdt.models.audit import AuditRow
from mdt.queries.sealed_files import open_patients
from mdt.rules.imaging import DicomPatient
from tests import case_kit
from tests.attachment_kit import codes, ct, packed, rows, send
from tests.samples import sample
from tests.unit.adapters.dicom_files import dicom


def test_slices_become_a_series_of_a_study(app, doctor, case_id):
    answer = send(doctor, case_id, *ct(3))
    assert answer.json["results"][0] == {
        "name": "1-1.dcm",
        "ok": True,
        "code": "taken",
        "message": "",
        "warnings": [],
        "kind": "dicom_study",
        "series": "轴位 1",
        "thumbnail": f"/cases/{case_id}/series/1/images/2.jpg?size=160&v=3",
        "inside": [],
    }
    (study,), (series,) = rows(app, Study), rows(app, Series)
    assert (study.study_date, study.description) == (date(2026, 11, 5), "胸部CT")
    assert (series.modality, series.body_part, series.description) == ("CT", "CHEST", "轴位 1")
    assert (series.instance_count, series.image_count) == (3, 3)


def test_slices_are_ordered_by_place_however_they_arrive(app, doctor, case_id):
    files = ct(12)
    files = files[::2] + files[::-2]
    for start in range(0, 12, 5):
        send(doctor, case_id, *files[start : start + 5])
    found = sorted(rows(app, Instance), key=lambda row: row.first_image)
    assert [row.number for row in found] == list(range(1, 13))
    assert [row.first_image for row in found] == list(range(12))
    assert [row.position for row in found] == [500.0 - 5 * n for n in range(1, 13)]


def test_a_clip_counts_its_pictures(app, doctor, case_id):
    clip = Path(get_testdata_file("examples_ybr_color.dcm")).read_bytes()
    assert codes(send(doctor, case_id, ("clip.dcm", clip))) == ["taken"]
    (series,) = rows(app, Series)
    assert (series.instance_count, series.image_count) == (1, 30)


def test_bytes_are_kept_as_sent_and_sealed_at_rest(app, doctor, case_id):
    ((name, data),) = ct(1)
    send(doctor, case_id, (name, data))
    (instance,) = rows(app, Instance)
    with app.app_context():
        assert devices.storage().read(instance.storage_key) == data
    root = Path(app.config["MDT"].storage_url)
    # As it was sent, and as it is served.
    blobs = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    assert len(blobs) == 2
    for raw in blobs:
        assert b"DICM" not in raw
        assert "张三丰".encode() not in raw


def test_what_hides_in_the_preamble_is_not_kept(app, doctor, case_id):
    ((name, data),) = ct(1)
    hidden = b"MZ" + b"\x90" * 126 + data[128:]
    assert codes(send(doctor, case_id, (name, hidden))) == ["taken"]
    (instance,) = rows(app, Instance)
    with app.app_context():
        assert devices.storage().read(instance.storage_key) == data


def test_the_same_file_again_is_there_already(app, doctor, case_id):
    files = ct(2)
    assert codes(send(doctor, case_id, *files)) == ["taken", "taken"]
    again = send(doctor, case_id, *files, *ct(3)[2:])
    assert codes(again) == ["duplicate", "duplicate", "taken"]
    assert [one["ok"] for one in again.json["results"]] == [True, True, True]
    assert len(rows(app, Instance)) == 3
    root = Path(app.config["MDT"].storage_url)
    assert len([path for path in root.rglob("*") if path.is_file()]) == 2 * 3


def test_twice_in_one_sending_is_kept_once(app, doctor, case_id):
    (file,) = ct(1)
    assert codes(send(doctor, case_id, file, file)) == ["taken", "duplicate"]
    assert len(rows(app, Instance)) == 1


def test_the_same_number_with_other_content_is_refused(app, doctor, case_id):
    send(doctor, case_id, *ct(1))
    answer = send(doctor, case_id, *ct(1, PatientName="李四"))
    assert codes(answer) == ["dicom_uid_conflict"]
    assert "已有同一编号但内容不同的图像" in answer.json["results"][0]["message"]
    assert len(rows(app, Instance)) == 1


def test_an_object_without_a_picture_is_kept_and_said_so(app, doctor, case_id):
    report = Path(get_testdata_file("reportsi.dcm")).read_bytes()
    answer = send(doctor, case_id, ("report.dcm", report))
    assert codes(answer) == ["no_image"]
    assert "不含可显示的图像" in answer.json["results"][0]["message"]
    (series,) = rows(app, Series)
    assert (series.instance_count, series.image_count) == (1, 0)


def test_who_the_header_names_is_sealed(app, doctor, case_id):
    named = {
        "PatientID": "MRN77",
        "StudyDescription": "张三丰 胸部 MRN77",
        "ProtocolName": "张三丰",
    }
    send(doctor, case_id, *ct(1, **named))
    (study,), (series,) = rows(app, Study), rows(app, Series)
    assert study.description == "* 胸部 *"
    assert series.header["protocol"] == "*"
    assert "张三丰".encode() not in study.sealed_patient
    with app.app_context():
        assert open_patients(study) == (
            DicomPatient(
                name="张三丰", name_dicom="张三丰", id="MRN77", sex="M",
                birth_date=date(1962, 3, 5),
            ),
        )  # fmt: skip


def test_every_person_in_a_study_is_noted(app, doctor, case_id):
    send(doctor, case_id, *ct(1))
    send(doctor, case_id, *ct(1, series=2, PatientName="李四"))
    (study,) = rows(app, Study)
    with app.app_context():
        assert [one.name for one in open_patients(study)] == ["张三丰", "李四"]


def test_one_bad_file_never_loses_a_good_one(app, doctor, case_id):
    good = ct(2)
    bad = [("cut.dcm", dicom(Rows=4000)), ("x.dcm", b"\0" * 128 + b"DICM" + b"\xff" * 40)]
    answer = send(doctor, case_id, good[0], *bad, good[1])
    assert codes(answer) == ["taken", "dicom_pixels_missing", "dicom_unreadable", "taken"]
    assert len(rows(app, Instance)) == 2


def test_a_zip_is_unpacked(app, doctor, case_id):
    archive = packed(
        *[(f"DICOM/{name}", data) for name, data in ct(3)],
        ("DICOMDIR", b"x"),
        ("viewer.exe", b"MZ"),
        ("inner.zip", packed(("a", b"b"))),
    )
    (result,) = send(doctor, case_id, ("disc.zip", archive)).json["results"]
    assert (result["ok"], result["code"]) == (True, "archive")
    assert result["message"] == "压缩包：接收 3 个文件，已存在 0，未接收 1。"
    assert [one["name"] for one in result["inside"]] == ["inner.zip"]
    assert result["left"] == {"count": 2, "names": ["DICOMDIR", "viewer.exe"]}
    assert len(rows(app, Instance)) == 3


def test_a_zip_of_nothing_useful_is_refused(doctor, case_id):
    (result,) = send(doctor, case_id, ("disc.zip", packed(("a.txt", b"hello")))).json["results"]
    assert (result["ok"], result["code"]) == (False, "archive_nothing_taken")
    assert "没有可接收的文件" in result["message"]


def test_a_batch_is_one_audit_row(app, doctor, case_id):
    send(doctor, case_id, *ct(3))
    (row,) = case_kit.rows(app, AuditRow, action="attachment:add")
    assert (row.case_id, row.object_type) == (case_id, "case_file")
    assert row.data == {"documents": 0, "images": 3}


def test_the_folder_of_pydicom(app, doctor, case_id):
    folder = Path(get_testdata_file("CT_small.dcm")).parent
    files = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.dcm"))]
    answer = send(doctor, case_id, *files)
    found = dict(zip([name for name, _ in files], codes(answer), strict=True))
    for name in ("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "image_dfl.dcm", "rtdose.dcm"):
        assert found[name] == "taken"
    assert found["rtplan.dcm"] == "no_image"
    shown = doctor.get(f"/cases/{case_id}/series.json").json
    statuses = [doctor.get(one["thumbnail"]).status_code for one in shown]
    assert statuses == [200] * len(shown)


def test_a_real_series(app, doctor, case_id):
    folder = sample("dicom/ct_head_phantom_philips_58")
    files = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.dcm"))]
    for start in range(0, len(files), 16):
        assert set(codes(send(doctor, case_id, *files[start : start + 16]))) == {"taken"}
    (series,) = rows(app, Series)
    assert (series.image_count, series.body_part) == (58, "BRAIN")
    places = [row.position for row in sorted(rows(app, Instance), key=lambda r: r.first_image)]
    assert places in (sorted(places), sorted(places, reverse=True))
