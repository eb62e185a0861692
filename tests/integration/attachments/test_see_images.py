"""Pictures drawn by the server, series for the room, the viewer: right, and guarded."""

import io
import zipfile
from pathlib import Path
from wsgiref.headers import Headers

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from mdt.models.audit import AuditRow
from mdt.web.security_headers import static_headers
from tests import case_kit
from tests.attachment_kit import ct, send


@pytest.fixture
def series_id(doctor, board):
    send(doctor, board.cases["A"], *ct(3))
    return doctor.get(f"/cases/{board.cases['A']}/series.json").json[0]["id"]


@pytest.fixture
def base(board, series_id):
    return f"/cases/{board.cases['A']}/series/{series_id}"


def picture(answer):
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    return np.asarray(Image.open(io.BytesIO(answer.data)), np.float64)


def test_pixels_follow_the_linear_window(doctor, case_id):
    path = get_testdata_file("CT_small.dcm")
    send(doctor, case_id, ("ct.dcm", Path(path).read_bytes()))
    center, width = 40.0, 400.0
    drawn = picture(
        doctor.get(f"/cases/{case_id}/series/1/images/1.jpg?center={center}&width={width}")
    )
    dataset = pydicom.dcmread(path)
    values = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    # PS3.3 C.11.2.1.2.1
    expected = np.clip(((values - (center - 0.5)) / (width - 1) + 0.5) * 255, 0, 255)
    stream = io.BytesIO()
    Image.fromarray(np.rint(expected).astype(np.uint8)).save(stream, "JPEG", quality=88)
    assert np.array_equal(drawn, np.asarray(Image.open(stream)))


def test_numbers_count_pictures_in_the_order_of_paging(doctor, case_id):
    pixels = [np.full(16, shade, "<u2").tobytes() for shade in (0, 100, 200)]
    for number in (3, 1, 2):
        (file,) = ct(
            1,
            InstanceNumber=number,
            SOPInstanceUID=f"2.25.77{number}",
            ImagePositionPatient=[0, 0, -number],
            PixelData=pixels[number - 1],
        )
        send(doctor, case_id, file)
    window = "center=100&width=101"
    shades = [
        picture(doctor.get(f"/cases/{case_id}/series/1/images/{n}.jpg?{window}")).mean()
        for n in (1, 2, 3)
    ]
    assert shades == [0, 129, 255]


def test_a_size_makes_a_thumbnail(doctor, case_id):
    path = get_testdata_file("CT_small.dcm")
    send(doctor, case_id, ("ct.dcm", Path(path).read_bytes()))
    url = f"/cases/{case_id}/series/1/images/1.jpg"
    assert picture(doctor.get(f"{url}?size=320")).shape == (128, 128)
    assert picture(doctor.get(url)).shape == (128, 128)


def test_a_picture_is_kept_only_under_the_address_that_names_it(doctor, base):
    kept = doctor.get(f"{base}/images/1.jpg?v=3")
    assert kept.headers["Cache-Control"] == "private, max-age=43200, immutable"
    for query in ("", "?v=2", "?v=x"):
        answer = doctor.get(f"{base}/images/1.jpg{query}")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", ["0", "4", "999999999999"])
def test_there_is_no_picture_beyond_the_last(doctor, base, number):
    assert doctor.get(f"{base}/images/{number}.jpg").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["center=a&width=100", "center=40", "width=400", "center=40&width=0", "center=nan&width=5",
     "center=inf&width=5", "center=1e9&width=5", "size=7", "size=x"],
)  # fmt: skip
def test_a_window_that_cannot_be_read(doctor, base, query):
    assert doctor.get(f"{base}/images/1.jpg?{query}").status_code == 422


def test_facts_of_a_series_for_the_room(doctor, board, base, series_id):
    found = doctor.get(f"{base}.json").json
    assert found["title"] == "轴位 1"
    assert (found["images"], len(found["frames"]), found["study_date"]) == (3, 3, "2026-11-05")
    assert found["frames"][2].startswith(f"{base}/images/3.jpg?v=3&by=")
    assert [one["label"] for one in found["presets"]][:2] == ["肺窗", "纵隔窗"]
    (listed,) = doctor.get(f"/cases/{board.cases['A']}/series.json").json
    assert listed == {name: found[name] for name in listed}
    assert "张三丰" not in str(found)
    headers = doctor.get(f"{found['dicom']}/metadata").json
    assert [one["00080018"]["Value"][0][:5] for one in headers] == ["2.25."] * 3


def test_only_pages_that_decode_images_may_run_decoders(doctor, board, base, series_id):
    case = f"/cases/{board.cases['A']}"
    pages = (
        f"{case}/viewer",
        f"/conferences/{board.conference}/live",
        f"{case}/files",
        f"{base}.json",
    )
    policies = [doctor.get(url).headers["Content-Security-Policy"] for url in pages]
    assert ["'wasm-unsafe-eval'" in one for one in policies] == [True, True, False, False]
    assert ["style-src-attr 'unsafe-inline'" in one for one in policies] == [
        True,
        True,
        False,
        False,
    ]
    worker, script = Headers(), Headers()
    static_headers(worker, "", "/static/build/assets/decodeImageFrameWorker-x1.js")
    static_headers(script, "", "/static/build/assets/main-x1.js")
    assert "'wasm-unsafe-eval'" in str(worker["Content-Security-Policy"])
    assert "'wasm-unsafe-eval'" not in str(script["Content-Security-Policy"])


def test_the_viewer_shows_every_series(doctor, board, base, series_id):
    send(doctor, board.cases["A"], *ct(1, series=2))
    page = doctor.get(f"/cases/{board.cases['A']}/viewer?series={series_id}").text
    for words in ("轴位 1", "轴位 2", '"center": -600', "data-lightbox", f"{base}/images/3.jpg"):
        assert words in page
    assert 'aria-current="page"' in doctor.get(f"/cases/{board.cases['A']}/viewer").text


def test_the_viewer_of_a_case_without_images_says_so(doctor, case_id):
    assert "还没有可看的影像" in doctor.get(f"/cases/{case_id}/viewer").text


@pytest.mark.parametrize("who", ["radiologist", "recorder", "coordinator", "approver"])
def test_who_sees_the_case_sees_its_images(person, board, base, series_id, who):
    browser = person(who)
    addresses = (
        f"{base}/images/1.jpg", f"{base}/images/2.jpg?size=160", f"{base}.json",
        f"/cases/{board.cases['A']}/viewer?series={series_id}",
    )  # fmt: skip
    assert [browser.get(url).status_code for url in addresses] == [200] * 4


@pytest.mark.parametrize(
    ("who", "status"), [("clinician2", 404), ("observer", 404), ("quality", 403)]
)
def test_who_does_not_see_the_case_sees_nothing(person, board, base, series_id, who, status):
    browser = person(who)
    addresses = (
        f"{base}/images/1.jpg", f"{base}/images/1.jpg?size=160&v=3", f"{base}/images/9.jpg",
        f"{base}.json", f"{base}/original", f"/cases/{board.cases['A']}/series.json",
        f"/cases/{board.cases['A']}/viewer", f"/cases/{board.cases['A']}/viewer?series={series_id}",
    )  # fmt: skip
    assert [browser.get(url).status_code for url in addresses] == [status] * 8


def test_a_series_is_not_found_under_another_case(person, board, series_id):
    browser = person("clinician2")
    address = f"/cases/{board.cases['B']}/series/{series_id}"
    for end in ("/images/1.jpg", ".json", "/original"):
        assert browser.get(address + end).status_code == 404
    assert browser.get(f"/cases/{board.cases['B']}/viewer?series={series_id}").status_code == 404


def test_opening_a_series_is_recorded_once_and_thumbnails_are_not(app, person, base):
    guest = person("radiologist")
    guest.get(f"{base}/images/2.jpg?size=160")
    assert case_kit.rows(app, AuditRow, action="series:view") == []
    for number in (1, 2, 3):
        guest.get(f"{base}/images/{number}.jpg")
    guest.get(f"{base}.json")
    (row,) = case_kit.rows(app, AuditRow, action="series:view")
    assert (row.object_type, row.object_id, row.actor_name) == ("series", "1", "radiologist")
    person("chair").get(f"{base}/images/1.jpg")
    assert len(case_kit.rows(app, AuditRow, action="series:view")) == 2


def test_the_sender_gets_the_files_back_as_they_were(person, doctor, board, base):
    answer = doctor.get(f"{base}/original")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="MDT2026-900001-1.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == ["00001.dcm", "00002.dcm", "00003.dcm"]
        contents = [archive.read(name) for name in archive.namelist()]
    assert contents == [data for _, data in ct(3)]
    for who in ("radiologist", "coordinator"):
        assert person(who).get(f"{base}/original").status_code == 403


def test_letters_at_the_edges_of_the_pictures(doctor, board, base, series_id):
    axial = {"top": "A", "right": "L", "bottom": "P", "left": "R", "without": []}
    assert doctor.get(f"{base}.json").json["marks"] == axial
    page = doctor.get(f"/cases/{board.cases['A']}/viewer?series={series_id}").text
    assert '"marks": {"bottom": "P", "left": "R", "right": "L", "top": "A", "without": []}' in page


def test_a_slice_in_another_plane_has_no_letters(doctor, board):
    slices = ct(3, series=7)
    coronal = ct(3, series=7, ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    send(doctor, board.cases["A"], slices[0], coronal[1], slices[2])
    (listed,) = doctor.get(f"/cases/{board.cases['A']}/series.json").json
    found = doctor.get(f"/cases/{board.cases['A']}/series/{listed['id']}.json").json
    assert found["marks"]["without"] == [1]
    assert found["marks"]["top"] == "A"


def test_a_series_without_directions_has_no_letters(doctor, board):
    send(doctor, board.cases["A"], *ct(2, series=8, ImageOrientationPatient=None))
    (listed,) = doctor.get(f"/cases/{board.cases['A']}/series.json").json
    assert doctor.get(f"/cases/{board.cases['A']}/series/{listed['id']}.json").json["marks"] is None
