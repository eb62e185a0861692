"""WADO-RS: files, metadata, frames, bulk data and pictures out of the served form."""

import io
import json
from email.parser import BytesParser
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, HTJ2KLossless, JPEGBaseline8Bit

from mdt.models.attachments import Instance, Series, Study
from mdt.models.audit import AuditRow
from mdt.rules.identity import mask_name
from tests import case_kit
from tests.attachment_kit import ct, rows, send
from tests.counting import count_queries
from tests.unit.adapters.dicom_files import dicom

BYTES = "application/octet-stream"
NEVER = "dicomweb_not_acceptable"


def multipart(answer):
    """The parts of an answer: content type and body of each."""
    head = f"Content-Type: {answer.content_type}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + answer.data)
    return [(one["Content-Type"], one.get_payload(decode=True)) for one in message.get_payload()]


@pytest.fixture
def place(app, root, filled):
    """Address of the first instance."""
    study, series, instance = (rows(app, table)[0] for table in (Study, Series, Instance))
    return (
        f"{root}/studies/{study.served_uid}/series/{series.served_uid}"
        f"/instances/{instance.served_uid}"
    )


def get(browser, path, accept=""):
    return browser.get(path, headers={"Accept": accept} if accept else {})


def above(place, levels):
    """The address of the series (1) or the study (2) of an instance."""
    return place.rsplit("/", 2 * levels)[0]


def test_an_instance_as_a_file(app, doctor, place):
    one = get(doctor, place, "application/dicom; transfer-syntax=*")
    several = get(doctor, place, 'multipart/related; type="application/dicom"; transfer-syntax=*')
    assert one.content_type == f"application/dicom; transfer-syntax={HTJ2KLossless}"
    assert multipart(several) == [(one.content_type, one.data)]
    served = dcmread(io.BytesIO(one.data))
    assert served.SOPInstanceUID == rows(app, Instance)[0].served_uid
    assert one.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "accept", ["application/dicom", "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"]
)
def test_an_instance_is_decoded_for_who_asks_for_nothing_special(doctor, place, accept):
    answer = get(doctor, place, accept)
    served = dcmread(io.BytesIO(answer.data))
    assert served.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert served.pixel_array.ravel().tolist() == list(range(16))


def test_series_and_study_come_whole(app, doctor, place):
    accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
    counts = []
    for levels in (1, 2):
        parts = multipart(get(doctor, above(place, levels), accept))
        uids = [dcmread(io.BytesIO(body)).SOPInstanceUID for _, body in parts]
        counts.append(uids)
    served = [row.served_uid for row in rows(app, Instance)]
    assert counts == [served[:3], served]


def test_metadata_of_a_series_names_whole_addresses(app, doctor, place):
    answer = get(doctor, f"{above(place, 1)}/metadata")
    assert (answer.status_code, answer.content_type) == (200, "application/dicom+json")
    uids = [one["00080018"]["Value"][0] for one in answer.json]
    assert uids == [row.served_uid for row in rows(app, Instance)[:3]]
    address = answer.json[0]["7FE00010"]["BulkDataURI"]
    assert address == f"http://localhost{place}/bulkdata/7FE00010"
    assert multipart(get(doctor, address)) == multipart(get(doctor, f"{place}/frames/1"))
    assert get(doctor, f"{place}/metadata").json == answer.json[:1]
    assert len(get(doctor, f"{above(place, 2)}/metadata").json) == 5


def test_a_frame_as_it_is_stored_and_decoded(doctor, place):
    ((kind, stored),) = multipart(get(doctor, f"{place}/frames/1"))
    assert kind == f"{BYTES}; transfer-syntax={HTJ2KLossless}"
    assert imagecodecs.htj2k_decode(stored).ravel().tolist() == list(range(16))
    for accept in (f"{BYTES}; transfer-syntax=*", "image/jphc"):
        assert get(doctor, f"{place}/frames/1", accept).data == stored
    plain = get(doctor, f"{place}/frames/1", BYTES)
    assert plain.content_type == f"{BYTES}; transfer-syntax={ExplicitVRLittleEndian}"
    assert np.frombuffer(plain.data, "<u2").tolist() == list(range(16))
    # What a browser keeps for so long it gives only to who asks for the same form.
    rendered = get(doctor, f"{place}/frames/1/rendered", "image/png")
    for answer in (plain, rendered, get(doctor, f"{place}/frames/1/thumbnail", "image/png")):
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Accept" in answer.vary


def test_frames_of_a_clip(app, doctor, root, case_id):
    clip = Path(get_testdata_file("examples_ybr_color.dcm")).read_bytes()
    send(doctor, case_id, ("clip.dcm", clip))
    (instance,), (found,) = rows(app, Instance), doctor.get(f"{root}/instances").json
    place = found["00081190"]["Value"][0]
    accept = f'multipart/related; type="{BYTES}"; transfer-syntax=*'
    parts = multipart(get(doctor, f"{place}/frames/3,1,30", accept))
    assert [kind for kind, _ in parts] == [f"{BYTES}; transfer-syntax={JPEGBaseline8Bit}"] * 3
    assert all(body[:2] == b"\xff\xd8" for _, body in parts)
    assert len({body for _, body in parts}) == 3
    assert len(multipart(get(doctor, f"{place}/bulkdata/7FE00010", accept))) == instance.frames
    assert get(doctor, f"{place}/frames/31", accept).status_code == 404
    native = get(doctor, f"{place}/frames/2", BYTES).data
    assert len(native) == 240 * 320 * 3
    file = dcmread(io.BytesIO(get(doctor, place, "application/dicom").data))
    assert (file.PhotometricInterpretation, file.pixel_array.shape) == ("RGB", (30, 240, 320, 3))
    assert file.pixel_array[1].tobytes() == native
    with Image.open(io.BytesIO(get(doctor, f"{place}/frames/2/rendered", "image/png").data)) as one:
        assert one.tobytes() == native


def test_bulk_data_of_the_header(app, doctor, root, case_id):
    send(doctor, case_id, *ct(1))
    place = doctor.get(f"{root}/instances").json[0]["00081190"]["Value"][0]
    whole = get(doctor, place, "application/dicom; transfer-syntax=*").data
    answer = get(doctor, f"{place}/bulkdata/200-100")
    assert (answer.content_type.split(";")[0], answer.data) == (BYTES, whole[200:300])
    assert get(doctor, f"{place}/bulkdata/{len(whole)}-10").status_code == 404
    assert get(doctor, f"{place}/bulkdata/0-x").status_code == 404


def test_pictures_as_they_are_asked_for(doctor, place):
    address = f"{place}/rendered?window=8,16&viewport=40,20"
    with Image.open(io.BytesIO(get(doctor, address, "image/png").data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (20, 20))
    with Image.open(
        io.BytesIO(get(doctor, f"{place}/rendered?window=8,16,linear-exact", "image/png").data)
    ) as picture:
        assert [picture.getpixel((x, 0)) for x in range(4)] == [0, 16, 32, 48]
    with Image.open(
        io.BytesIO(get(doctor, f"{place}/rendered?viewport=8,8,2,0,2,2", "image/png").data)
    ) as picture:
        assert picture.size == (8, 8)
    best, worst = (
        len(get(doctor, f"{place}/rendered?viewport=64,64&quality={q}").data) for q in (100, 1)
    )
    assert best > worst
    for level in (place, f"{place}/frames/1", above(place, 1), above(place, 2)):
        answer = get(doctor, f"{level}/thumbnail")
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")


def test_frames_of_bits_that_begin_within_a_byte_are_drawn_as_asked_for(doctor, root, case_id):
    bits = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "PixelData": b"\x4a\x52\x25\x01"}
    send(doctor, case_id, ("bits.dcm", dicom(Rows=3, Columns=3, NumberOfFrames=2, **bits)))
    place = doctor.get(f"{root}/instances").json[0]["00081190"]["Value"][0]
    address = f"{place}/frames/2/rendered?viewport=40,20"
    with Image.open(io.BytesIO(get(doctor, address, "image/png").data)) as picture:
        assert picture.size == (20, 20)
    best, worst = (len(get(doctor, f"{address}&quality={q}").data) for q in (100, 1))
    assert best > worst


@pytest.mark.parametrize(
    ("path", "accept", "status", "code"),
    [
        ("", "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.70", 406, NEVER),
        ("", "application/dicom+xml", 406, NEVER),
        ("/frames/1", "image/jpeg", 406, NEVER),
        ("/frames/1", f"{BYTES}; transfer-syntax=1.2.3", 406, NEVER),
        ("/frames/2", "*/*", 404, "not_found"),
        ("/frames/x", "*/*", 400, "dicomweb_number"),
        ("/rendered", "video/mp4", 406, NEVER),
        ("/rendered?window=1", "image/jpeg", 400, "window_unreadable"),
        ("/rendered?viewport=0,5", "image/jpeg", 400, "dicomweb_number"),
        ("/rendered?quality=0", "image/jpeg", 400, "dicomweb_number"),
        ("/metadata", "text/html", 406, NEVER),
        ("x", "*/*", 404, "not_found"),
        ("/no/such/address", "text/html", 404, "http_404"),
    ],
)  # fmt: skip
def test_what_cannot_be_given(doctor, place, path, accept, status, code):
    answer = get(doctor, f"{place}{path}", accept)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert answer.json["error"]["code"] == code


def test_an_object_without_pixels(app, doctor, root, case_id):
    report = Path(get_testdata_file("reportsi.dcm")).read_bytes()
    send(doctor, case_id, ("report.dcm", report))
    place = doctor.get(f"{root}/instances").json[0]["00081190"]["Value"][0]
    assert get(doctor, f"{place}/frames/1").status_code == 406
    assert get(doctor, f"{place}/rendered").status_code == 406
    served = dcmread(io.BytesIO(get(doctor, place, "application/dicom").data))
    assert served.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_the_own_hospital_may_name_the_original(doctor, place, root):
    original = f"{root}/studies/2.25.1001/series/2.25.1/instances/2.25.10000001"
    served = multipart(get(doctor, f"{place}/frames/1"))
    assert multipart(get(doctor, f"{original}/frames/1")) == served


def test_nothing_names_the_patient(doctor, place):
    for path in ("", "/metadata"):
        data = get(doctor, f"{above(place, 2)}{path}").data
        for secret in ("张三丰", "19620305", "2.25.1001"):
            assert secret.encode() not in data
    assert mask_name("张三丰") not in json.dumps(get(doctor, f"{place}/metadata").json)


def test_looking_at_a_series_is_written_down_once(app, doctor, place, filled):
    for _ in range(2):
        get(doctor, f"{place}/frames/1")
        get(doctor, f"{place}/thumbnail")
        get(doctor, f"{above(place, 2)}/metadata")
    found = case_kit.rows(app, AuditRow, action="series:view")
    assert [(row.object_id, row.case_id) for row in found] == [("1", filled), ("2", filled)]


def test_the_number_of_questions_does_not_grow(app, doctor, place):
    counts = []
    for levels in (1, 2):
        get(doctor, f"{above(place, levels)}/metadata")
        with count_queries(app) as sent:
            get(doctor, f"{above(place, levels)}/metadata")
        counts.append(len(sent))
    # One for each series more, whether looking at it was written down already.
    assert counts[1] == counts[0] + 1
