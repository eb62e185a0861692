"""Slides that come as DICOM objects, in vendors' formats, or as an MRXS in a ZIP."""

import stat
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from mdt.adapters import devices
from mdt.adapters.slide_copies import SlideCopies, copy_in
from mdt.rules.attachments import FileRefused
from mdt.rules.calendar import utc_now
from mdt.services.slide_preparing import prepare_slides
from mdt.services.slide_sources import unpack_mrxs
from tests.attachment_kit import codes, packed, send
from tests.samples import sample
from tests.slide_kit import list_of, picture, slide_file, slide_rows, tile_of

WSI = "slides/cmu1_small_dicom_wsi"
CONVERTER = """
import pathlib, shutil, sys
source, target = map(pathlib.Path, sys.argv[-2:])
assert source.read_bytes().startswith(b"KFB"), "the file as it was sent"
shutil.copy(sys.argv[1], target / "converted.tiff")
"""


@pytest.fixture
def case_id(board):
    return board.cases["A"]


@pytest.fixture
def converter(app, tmp_path):
    """A command that makes a slide of anything that begins like a KFB."""
    script, slide = tmp_path / "convert.py", tmp_path / "slide.tiff"
    script.write_text(CONVERTER)
    slide.write_bytes(slide_file())
    before = app.config["MDT"]
    command = f"{sys.executable} {script} {slide}"
    app.config["MDT"] = replace(before, slide_converter=command)
    yield
    app.config["MDT"] = before


def later():
    """After the last object of a series came."""
    return utc_now() + timedelta(minutes=1)


def test_objects_of_a_dicom_slide_become_one(app, doctor, person, case_id):
    """Held as series are on which a name may stand, it is shown as a slide: that has no label."""
    objects = sorted(sample(WSI).iterdir())
    answer = send(doctor, case_id, *((one.name, one.read_bytes()) for one in objects))
    assert set(codes(answer)) == {"taken"}
    with app.app_context():
        prepare_slides(clock=utc_now)
        assert slide_rows(app) == []
        prepare_slides(clock=later)
    (slide,) = slide_rows(app)
    assert (slide.format, slide.state, slide.objects) == ("dicom", "ready", len(objects))
    expert = person("oncologist")
    (source,) = list_of(expert, case_id)
    assert (source["width"], source["height"], source["mpp"]) == (2220, 2967, 0.499)
    assert picture(expert.get(tile_of(source, 3, 4, 5))).size == (181, 418)
    assert expert.get(f"/cases/{case_id}/series.json").json == []
    base = f"/cases/{case_id}"
    assert doctor.post(f"{base}/slides/{slide.id}/take-back").status_code == 409
    doctor.post(f"{base}/series/{slide.series_id}/strike", reason="传错")
    assert list_of(expert, case_id) == []


def test_a_vendors_slide_goes_through_the_converter(app, doctor, case_id, converter):
    answer = send(doctor, case_id, ("李四.kfb", b"KFB what only the vendor reads"))
    assert codes(answer) == ["taken"]
    (source,) = list_of(doctor, case_id)
    assert (source["width"], source["height"], source["state"]) == (1300, 900, "ready")
    original = doctor.get(f"/cases/{case_id}/slides/{source['id']}/original")
    assert original.data == b"KFB what only the vendor reads"


def test_what_the_converter_cannot_do_is_said(app, doctor, person, case_id, converter):
    assert codes(send(doctor, case_id, ("a.sdpc", b"no such file"))) == ["taken"]
    (slide,) = slide_rows(app)
    assert (slide.state, slide.failure) == ("failed", "slide_not_converted")
    assert list_of(doctor, case_id) == []
    files = f"/cases/{case_id}/attachments"
    assert "没有转换成功" in doctor.get(files).text
    assert "没有转换成功" not in person("oncologist").get(files).text
    with app.app_context():
        root = devices.settings().instance / "slide-copies"
        assert list(root.iterdir()) == []


def test_an_mrxs_is_unpacked_under_names_of_our_own(tmp_path):
    archive = tmp_path / "a.zip"
    archive.write_bytes(
        packed(
            ("病理/张三.mrxs", b"head"),
            ("病理/张三/Slidedat.ini", b"[GENERAL]"),
            ("病理/张三/Data0000.dat", b"data"),
            ("病理/张三/再一层/x.dat", b"no"),
            ("readme.txt", b"no"),
        )
    )
    folder = tmp_path / "copy"
    folder.mkdir()
    with archive.open("rb") as stream:
        opened = unpack_mrxs(stream, folder)
    assert opened == folder / "slide.mrxs"
    found = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert found == {"slide.mrxs", "slide/Slidedat.ini", "slide/Data0000.dat"}


def test_two_mrxs_in_one_archive_are_none(tmp_path):
    archive = tmp_path / "a.zip"
    archive.write_bytes(packed(("a.mrxs", b"x"), ("b.mrxs", b"y")))
    with archive.open("rb") as stream, pytest.raises(FileRefused) as refused:
        unpack_mrxs(stream, tmp_path)
    assert refused.value.code == "slide_unreadable"


def test_a_working_copy_is_for_one_and_for_nobody_else(tmp_path):
    copies = SlideCopies(tmp_path / "slide-copies")
    made = []

    def fill(folder):
        made.append(folder)
        (folder / "a.svs").write_bytes(b"x")
        return folder / "a.svs"

    with copies.held(7) as folder:
        assert folder is not None
        assert copy_in(folder, fill) == copy_in(folder, fill)
        assert len(made) == 1
        with copies.held(7) as other:
            assert other is None
    for path in (tmp_path / "slide-copies", tmp_path / "slide-copies" / "7"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert copies.sweep({7}, before=0) == 0
    assert copies.sweep(set(), before=0) == 1
    assert list((tmp_path / "slide-copies").iterdir()) == []
