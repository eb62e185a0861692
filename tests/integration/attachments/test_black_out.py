"""Names burned into pictures: rectangles drawn by a doctor are black in everything served."""

import io
import json
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import HTJ2KLossless
from sqlalchemy import event

from mdt.adapters import devices
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, InstanceMetadata, Series
from mdt.models.audit import AuditRow
from mdt.queries import scope
from mdt.rules.calendar import utc_now
from mdt.rules.deidentification import served_uid
from mdt.services.attachments import add_files
from mdt.services.file_intake import SentFile
from mdt.services.served_images import image_secret, prepare_images
from tests import case_kit
from tests.attachment_kit import ct, draft, pdf, png, rows, send, ultrasound
from tests.samples import sample
from tests.unit.adapters.dicom_files import dataset, file_of

GUEST = "radiologist"
BOX = (10, 20, 30, 15)
PRESENTATION = "1.2.840.10008.5.1.4.1.1.11.1"


@pytest.fixture
def case_id(board) -> int:
    return board.cases["A"]


def wish(extent: str = "series", number: int = 1, *boxes: tuple[int, ...], step: str = "confirm"):
    regions = json.dumps([list(box) for box in boxes or (BOX,)])
    return {"step": step, "extent": extent, "number": number, "regions": regions}


def black_out(browser, case_id: int, extent: str = "series", number: int = 1, *boxes, series=1):
    url = f"/cases/{case_id}/series/{series}/black-out"
    answer = browser.post(url, **wish(extent, number, *boxes))
    assert answer.status_code == 302, answer.text
    return answer


def served(app, place: int = 0) -> Dataset:
    """An object as everybody gets it."""
    with app.app_context():
        return dcmread(io.BytesIO(devices.storage().read(rows(app, Instance)[place].served_key)))


def shown(found: Dataset) -> np.ndarray:
    """Its pictures: frame, row, column, and red, green and blue where it has colours."""
    count = int(found.get("NumberOfFrames") or 1)
    return found.pixel_array if count > 1 else found.pixel_array[None]


def metadata(app) -> list[dict]:
    with app.app_context():
        statement = db.select(InstanceMetadata).order_by(InstanceMetadata.instance_id)
        found = db.session.scalars(scope.unscoped(statement, because="a test looks"))
        return [json.loads(row.json) for row in found]


def keys(app) -> set[str]:
    with app.app_context():
        return {one.key for one in devices.storage().keys()}  # noqa: SIM118 -- no mapping


@pytest.mark.parametrize(
    ("name", "black", "lossy"),
    [
        ("codecs/image_dfl.dcm", 0, None),
        ("codecs/CT1_J2KR.dcm", "least", "00"),
        ("codecs/CT1_J2KI.dcm", "least", "01"),
        ("codecs/CT1_JLSN.dcm", "least", "01"),
        ("codecs/MR1_JPLY.dcm", 0, "01"),
        ("codecs/emri_small_jpeg_2k_lossless.dcm", 0, "00"),
        ("modalities/CR_RG3_J2KI.dcm", "most", "01"),
        ("codecs/US1_RLE.dcm", 0, None),
        ("codecs/SC_rgb_rle_16bit.dcm", 0, None),
        ("codecs/SC_rgb_jpeg_dcmtk.dcm", 0, "01"),
        ("modalities/US_multiframe_10_palette_rle.dcm", 0, None),
    ],
)
def test_the_rectangle_is_black_and_every_other_pixel_as_it_was(
    app, doctor, case_id, name, black, lossy
):
    send(doctor, case_id, (Path(name).name, sample(f"dicom/{name}").read_bytes()))
    before = served(app)
    black_out(doctor, case_id)
    after = served(app)
    left, top, width, height = BOX
    old, new = shown(before), shown(after)
    inside = np.zeros(old.shape, bool)
    inside[:, top : top + height, left : left + width] = True
    assert np.array_equal(new[~inside], old[~inside])
    values = np.unique(new[inside])
    assert len(values) == 1
    ends = {"least": min(old.min(), values[0]), "most": max(old.max(), values[0])}
    assert values[0] == ends.get(black, black)
    assert after.file_meta.TransferSyntaxUID == HTJ2KLossless
    assert after.get("LossyImageCompression") == lossy
    assert "SmallestImagePixelValue" not in after
    drawn = Image.open(io.BytesIO(doctor.get(f"/cases/{case_id}/series/1/images/1.jpg").data))
    grey = np.asarray(drawn.convert("L"), int)
    row = round((top + height / 2) * grey.shape[0] / old.shape[1])
    column = round((left + width / 2) * grey.shape[1] / old.shape[2])
    # Some windows leave even the darkest value grey; JPEG swings a few steps around edges.
    assert grey[row, column] <= grey.min() + 8


def test_a_changed_picture_is_a_new_object_that_says_what_was_done(app, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    before = [row.served_uid for row in rows(app, Instance)]
    stored = keys(app)
    black_out(doctor, case_id, "frame", 2)
    same, changed = rows(app, Instance)
    assert (same.served_uid, changed.served_uid == before[1]) == (before[0], False)
    assert changed.black_boxes == [[0, *BOX]]
    found, said = served(app, 1), metadata(app)[1]
    assert found.SOPInstanceUID == changed.served_uid == said["00080018"]["Value"][0]
    codes = [one.CodeValue for one in found.DeidentificationMethodCodeSequence]
    assert (found.BurnedInAnnotation, codes) == ("NO", ["113100", "113101", "113105"])
    assert (found.ImageType[0], "blacked out" in found.DerivationDescription) == ("DERIVED", True)
    # It waits as before: nobody has let it pass yet.
    assert found.PatientIdentityRemoved == "NO"
    assert (len(keys(app)), len(keys(app) - stored)) == (len(stored), 1)
    doctor.post(f"/cases/{case_id}/series/1/release")
    again = served(app, 1)
    assert (again.PatientIdentityRemoved, again.SOPInstanceUID) == ("YES", changed.served_uid)
    assert np.array_equal(shown(again), shown(found))


def test_more_is_blacked_out_beside_what_is(app, doctor, case_id):
    send(doctor, case_id, *ultrasound(1))
    black_out(doctor, case_id, "series", 1, (0, 0, 5, 5))
    first = rows(app, Instance)[0].served_uid
    black_out(doctor, case_id, "frame", 1, (50, 40, 500, 500))
    (row,) = rows(app, Instance)
    assert row.served_uid != first
    picture = shown(served(app))[0]
    assert not picture[:5, :5].any()
    assert not picture[40:, 50:].any()
    assert picture[5:40].all()


def test_guests_get_the_new_picture_alone(app, person, doctor, case_id):
    send(doctor, case_id, *ultrasound(1))
    doctor.post(f"/cases/{case_id}/series/1/release")
    guest = person(GUEST)
    address = guest.get(f"/cases/{case_id}/series/1.json").json["frames"][0]
    before = guest.get(address)
    old = rows(app, Instance)[0].served_uid
    black_out(doctor, case_id)
    now = guest.get(f"/cases/{case_id}/series/1.json").json["frames"][0]
    assert now != address
    assert {guest.get(url).data == before.data for url in (address, now)} == {False}
    assert "immutable" not in guest.get(address).headers["Cache-Control"]
    (row,) = rows(app, Instance)
    root = f"/cases/{case_id}/dicom-web"
    listed = guest.get(f"{root}/instances", headers={"Accept": "application/dicom+json"}).json
    assert [one["00080018"]["Value"] for one in listed] == [[row.served_uid]]
    place = f"{root}/studies/{listed[0]['0020000D']['Value'][0]}"
    place += f"/series/{listed[0]['0020000E']['Value'][0]}/instances"
    statuses = [guest.get(f"{place}/{uid}/frames/1").status_code for uid in (old, row.served_uid)]
    assert statuses == [404, 200]
    # It was released, and stays so: what is new of it is less than before.
    assert served(app).PatientIdentityRemoved == "YES"


def test_what_names_the_picture_follows_it(app, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    send(doctor, case_id, ("pr.dcm", presentation("2.25.772")))
    uid = rows(app, Instance)[2].served_uid
    black_out(doctor, case_id, "frame", 2)
    # And what comes only now.
    send(doctor, case_id, ("late.dcm", presentation("2.25.772", "2.25.902")))
    _, picture, named, late = rows(app, Instance)
    for place, row in ((2, named), (3, late)):
        (item,) = served(app, place).ReferencedSeriesSequence[0].ReferencedImageSequence
        assert item.ReferencedSOPInstanceUID == picture.served_uid
        assert picture.served_uid in json.dumps(metadata(app)[place])
        assert row.black_boxes is None
    assert named.served_uid == uid
    # What was blacked out and is sent once more is there already, under its new name.
    answer = send(doctor, case_id, ultrasound()[1])
    assert answer.json["results"][0]["code"] == "duplicate"
    doctor.post(f"/cases/{case_id}/series/1/show-again")
    for place in (2, 3):
        (item,) = served(app, place).ReferencedSeriesSequence[0].ReferencedImageSequence
        assert item.ReferencedSOPInstanceUID == rows(app, Instance)[1].served_uid


def test_what_was_read_before_and_taken_after_is_made_again(app, world, doctor, case_id):
    send(doctor, case_id, *ultrasound())

    def files():
        yield SentFile("pr.dcm", io.BytesIO(presentation("2.25.772")))
        black_out(doctor, case_id)
        # More than a batch, and then the line breaks: what came before is in the case.
        yield from [SentFile("nothing.dcm", io.BytesIO())] * 100
        raise BrokenLine

    with app.app_context(), pytest.raises(BrokenLine):
        add_files(world.viewer("clinician"), case_id, files(), now=utc_now())
    _, picture, late = rows(app, Instance)
    assert (late.sop_uid, late.served_stale) == ("2.25.901", False)
    assert picture_named(app, 2) == picture.served_uid == metadata(app)[1]["00080018"]["Value"][0]


class BrokenLine(Exception):
    """A sender has gone."""


@pytest.fixture
def taken_over(app, world, doctor, case_id) -> int:
    """Another case of the person, with two pictures and what names one; only they are prepared."""
    send(doctor, case_id, *ultrasound(), ("pr.dcm", presentation("2.25.772")))
    later = draft(app, world, number="MDT2026-000009")
    doctor.post(f"/cases/{later}/earlier/1")
    with app.app_context():
        assert prepare_images(now=utc_now(), most=2).served == 2
    return later


@contextmanager
def when_read(app, words: str, action):
    """Let something happen once, right after a statement with these words was sent."""
    waiting = [action]

    def look(connection, cursor, statement, *_):
        if words in statement and waiting:
            waiting.pop()()

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", look)


def picture_named(app, place: int) -> str:
    """Which picture a presentation state names as it is served."""
    (item,) = served(app, place).ReferencedSeriesSequence[0].ReferencedImageSequence
    assert item.ReferencedSOPInstanceUID in json.dumps(metadata(app)[place])
    return item.ReferencedSOPInstanceUID


def series_in(app, case_id: int) -> int:
    return next(row.id for row in rows(app, Series) if row.case_id == case_id)


def test_what_is_blacked_out_while_the_job_prepares_is_named_by_its_new_uid(
    app, doctor, taken_over
):
    number = series_in(app, taken_over)
    act = partial(black_out, doctor, taken_over, series=number)
    with when_read(app, "black_boxes IS NOT NULL", act), app.app_context():
        prepare_images(now=utc_now())
    assert rows(app, Instance)[4].black_boxes == [[-1, *BOX]]
    assert picture_named(app, 5) == rows(app, Instance)[4].served_uid


def test_what_the_job_prepares_while_it_is_blacked_out_is_named_by_its_new_uid(
    app, doctor, taken_over
):
    address = f"/cases/{taken_over}/series/{series_in(app, taken_over)}/black-out"

    def prepare():
        with app.app_context():
            prepare_images(now=utc_now())

    with when_read(app, "JOIN instance ON instance.id = instance_metadata", prepare):
        answer = doctor.post(address, **wish())
    assert (answer.status_code, "别人刚刚改过这里" in answer.text) == (422, True)
    assert rows(app, Instance)[4].black_boxes is None
    assert doctor.post(address, **wish()).status_code == 302
    assert picture_named(app, 5) == rows(app, Instance)[4].served_uid


def presentation(uid: str, own: str = "2.25.901") -> bytes:
    """A presentation state that names a picture."""
    one = dataset(SOPClassUID=PRESENTATION, SOPInstanceUID=own, Modality="PR")
    one.SeriesInstanceUID = "2.25.900"
    image, series = Dataset(), Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = one.SOPClassUID, uid
    series.SeriesInstanceUID = "2.25.77"
    series.ReferencedImageSequence = Sequence([image])
    one.ReferencedSeriesSequence = Sequence([series])
    for name in ("Rows", "Columns", "PixelData"):
        delattr(one, name)
    return file_of(one)


def test_taken_back_it_is_as_it_came_and_waits_again(app, person, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    before, uids = shown(served(app)), [row.served_uid for row in rows(app, Instance)]
    doctor.post(f"/cases/{case_id}/series/1/release")
    black_out(doctor, case_id)
    assert "已遮挡 2 份影像" in doctor.get(f"/cases/{case_id}/series/1/release").text
    answer = doctor.post(f"/cases/{case_id}/series/1/show-again")
    assert answer.headers["Location"] == f"/cases/{case_id}/series/1/release"
    assert np.array_equal(shown(served(app)), before)
    assert [row.served_uid for row in rows(app, Instance)] == uids
    assert {row.black_boxes is None for row in rows(app, Instance)} == {True}
    assert (rows(app, Series)[0].released_at, served(app).PatientIdentityRemoved) == (None, "NO")
    assert person(GUEST).get(f"/cases/{case_id}/series/1.json").status_code == 404
    assert doctor.post(f"/cases/{case_id}/series/1/show-again").status_code == 409


def test_a_ct_that_did_not_wait_waits_once_its_marks_are_taken_back(app, doctor, case_id):
    send(doctor, case_id, *ct(2))
    black_out(doctor, case_id, "series", 1, (0, 0, 2, 2))
    assert rows(app, Series)[0].risk == ""
    doctor.post(f"/cases/{case_id}/series/1/show-again")
    assert rows(app, Series)[0].risk == "marked"
    assert "曾在图像上标出" in doctor.get(f"/cases/{case_id}/series/1/release").text


def test_seen_before_it_counts(app, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    base = f"/cases/{case_id}/series/1/black-out"
    before = keys(app)
    editor = doctor.get(f"{base}?number=2").text
    assert f"/cases/{case_id}/series/1/images/2.jpg" in editor
    preview = doctor.post(base, **wish(step="preview"))
    assert preview.status_code == 200
    for number in (1, 2):
        url = f"{base}/{number}.jpg?regions={json.dumps([list(BOX)])}"
        picture = Image.open(io.BytesIO(doctor.get(url).data))
        assert picture.getpixel((25, 27)) < 4
        assert picture.getpixel((60, 40)) > 100
    assert (keys(app), {row.black_boxes is None for row in rows(app, Instance)}) == (before, {True})
    edit = doctor.post(base, **wish(step="edit")).text
    assert "[[10, 20, 30, 15]]" in edit.replace("&#34;", '"')


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        ("", "还没有画遮挡区"),
        ("[]", "还没有画遮挡区"),
        ("[[1,2,3]]", "无法读取"),
        ("[[1,2,3,4.5]]", "无法读取"),
        ("[[1,2,3,true]]", "无法读取"),
        ("[[1,2,0,4]]", "无法读取"),
        ('[["1","2","3","4"]]', "无法读取"),
        ("[[1,2,3,99999999]]", "无法读取"),
        ("{}", "无法读取"),
        ("[" * 1900, "无法读取"),
        (json.dumps([[1, 1, 2, 2]] * 21), "遮挡区过多"),
        ("[[64,0,9,9],[-9,-9,9,9]]", "不在图像之内"),
    ],
)
def test_rectangles_that_make_no_sense_are_refused_with_a_sentence(
    app, doctor, case_id, regions, words
):
    send(doctor, case_id, *ultrasound(1))
    for step in ("preview", "confirm"):
        data = {**wish(step=step), "extent": "frame", "regions": regions}
        answer = doctor.post(f"/cases/{case_id}/series/1/black-out", **data)
        assert answer.status_code == 422
        assert words in answer.text
    assert rows(app, Instance)[0].black_boxes is None


def test_pixels_that_cannot_be_changed_are_said_so(app, doctor, case_id):
    bits = dataset(Modality="US", Rows=8, Columns=8, BitsAllocated=1, BitsStored=1, HighBit=0)
    bits.PixelData = bytes(8)
    send(doctor, case_id, ("bits.dcm", file_of(bits)))
    before = keys(app)
    answer = doctor.post(f"/cases/{case_id}/series/1/black-out", **wish("frame", 1, (0, 0, 4, 4)))
    assert (answer.status_code, "不能在系统中遮挡" in answer.text) == (422, True)
    assert keys(app) == before


@pytest.mark.parametrize(
    ("who", "status"),
    [("approver", 403), ("coordinator", 403), ("chair", 403), (GUEST, 403), ("clinician2", 404)],
)
def test_only_its_doctors_black_out(app, person, doctor, case_id, who, status):
    send(doctor, case_id, *ultrasound(1))
    send(doctor, case_id, ("照片.png", png()))
    browser, base = person(who), f"/cases/{case_id}"
    posts = [f"{base}/series/1/{one}" for one in ("black-out", "show-again")]
    posts += [f"{base}/attachments/1/{one}" for one in ("black-out", "show-again")]
    assert {browser.post(url, **wish("frame")).status_code for url in posts} == {status}
    query = "?regions=[[0,0,4,4]]"
    looks = [posts[0], f"{posts[0]}/1.jpg{query}", posts[2], f"{posts[2]}/picture{query}"]
    assert {browser.get(url).status_code for url in looks} == {status}
    assert rows(app, Instance)[0].black_boxes is None


def test_the_trail_says_who_and_where(app, doctor, case_id, world):
    send(doctor, case_id, *ultrasound())
    black_out(doctor, case_id, "series", 1, BOX, (60, 0, 9, 9))
    doctor.post(f"/cases/{case_id}/series/1/show-again")
    done = case_kit.rows(app, AuditRow, action="attachment:black-out")
    assert [(row.actor_id, row.object_type, row.case_id, row.data) for row in done] == [
        (
            *(world.users["clinician"], "series", case_id),
            {"images": 2, "extent": "series", "boxes": ["10,20,30x15", "60,0,4x9"]},
        )
    ]
    (undone,) = case_kit.rows(app, AuditRow, action="attachment:show-again")
    assert undone.data == {"images": 2}


def test_the_original_stays_for_its_hospital(app, doctor, case_id):
    (sent,) = ultrasound(1)
    send(doctor, case_id, sent)
    black_out(doctor, case_id)
    (row,) = rows(app, Instance)
    with app.app_context():
        kept = devices.storage().read(row.storage_key)
    assert shown(dcmread(io.BytesIO(kept))).tolist() == shown(dcmread(io.BytesIO(sent[1]))).tolist()


def test_where_the_rows_cannot_be_written_everything_stays_as_it_was(app, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    before = [(row.served_key, row.served_uid) for row in rows(app, Instance)]
    stored, pictures = keys(app), doctor.get(f"/cases/{case_id}/series/1/images/2.jpg").data
    with app.app_context():
        # As late as can be: the second picture's rectangles, at the end of the transaction.
        db.session.execute(
            db.text(
                "CREATE TRIGGER fails BEFORE UPDATE OF black_boxes ON instance "
                "WHEN NEW.sop_uid = '2.25.772' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        )
        db.session.commit()
    assert doctor.post(f"/cases/{case_id}/series/1/black-out", **wish()).status_code == 500
    assert [(row.served_key, row.served_uid) for row in rows(app, Instance)] == before
    assert (keys(app), rows(app, Series)[0].revision) == (stored, 0)
    assert doctor.get(f"/cases/{case_id}/series/1/images/2.jpg").data == pictures


def test_more_than_can_be_waited_for_is_refused(app, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    with app.app_context():
        db.session.execute(db.update(Instance).values(frames=250_000))
        db.session.commit()
    answer = doctor.post(f"/cases/{case_id}/series/1/black-out", **wish())
    assert (answer.status_code, "图像过多" in answer.text) == (422, True)


def test_uids_are_of_the_case_and_the_change(app, doctor, case_id):
    send(doctor, case_id, *ultrasound(1))
    black_out(doctor, case_id)
    with app.app_context():
        secret = image_secret(case_id, now=utc_now())
    (row,) = rows(app, Instance)
    assert row.served_uid == served_uid(secret, "2.25.771#1")


def test_a_photograph(app, person, doctor, case_id):
    send(doctor, case_id, ("报告.png", png("white")))
    base = f"/cases/{case_id}/attachments/1"
    (row,) = rows(app, Attachment)
    assert doctor.get(f"{base}/black-out").status_code == 200
    preview = doctor.post(f"{base}/black-out", step="preview", regions="[[2,3,5,4]]")
    assert (preview.status_code, f"{base}/black-out/picture" in preview.text) == (200, True)
    assert rows(app, Attachment)[0].viewing_key == row.viewing_key
    answer = doctor.post(f"{base}/black-out", step="confirm", regions="[[2,3,5,4]]")
    assert answer.headers["Location"] == f"{base}/release"
    doctor.post(f"{base}/release")
    picture = Image.open(io.BytesIO(person(GUEST).get(f"{base}/copy").data))
    values = np.asarray(picture.convert("L"))
    expected = np.full((10, 20), 255)
    expected[3:7, 2:7] = 0
    assert values.tolist() == expected.tolist()
    assert doctor.get(f"{base}/original").data == png("white")
    assert doctor.post(f"{base}/show-again").headers["Location"] == f"{base}/release"
    (again,) = rows(app, Attachment)
    assert (again.black_boxes, again.released_at) == (None, None)
    back = Image.open(io.BytesIO(doctor.get(f"{base}/copy").data))
    assert np.asarray(back.convert("L")).min() == 255
    assert person(GUEST).get(f"{base}/copy").status_code == 404


def test_a_pdf_is_sent_back_with_a_sentence(doctor, case_id):
    send(doctor, case_id, ("报告.pdf", pdf()))
    base = f"/cases/{case_id}/attachments/1"
    assert "/black-out" not in doctor.get(f"{base}/release").text
    answer = doctor.post(f"{base}/black-out", step="confirm", regions="[[2,3,5,4]]")
    assert (answer.status_code, "PDF" in answer.text) == (409, True)
