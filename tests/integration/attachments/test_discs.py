"""A burned CD as a ZIP: its images and papers are taken, its viewer is left out in one line."""

import io
import zipfile
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from mdt.models.attachments import Attachment, Instance
from tests.attachment_kit import codes, packed, pdf, png, rows, send

DIRECTORY = Path(str(get_testdata_file("DICOMDIR")))
#: The images of one of the patients whom the directory names, as they lie on the disc.
IMAGES = {
    path.relative_to(DIRECTORY.parent).as_posix(): path.read_bytes()
    for path in sorted((DIRECTORY.parent / "98892003").rglob("*"))
    if path.is_file()
}
VIEWER = {
    "autorun.inf": b"[autorun]\nopen=VIEWER\\start.exe",
    "README.TXT": b"how to",
    "VIEWER/start.exe": b"MZ\x90",
    "VIEWER/lib/codec.dll": b"MZ\x90",
    "VIEWER/help/index.htm": b"<html><body>help</body></html>",
    "VIEWER/help/手册.pdf": pdf("manual"),
    "VIEWER/button.png": png(),
    "VIEWER/data.bin": b"\x01\x02settings",
}


def disc(**more: bytes) -> bytes:
    """The ZIP of a disc, made on Chinese Windows: names in GBK, and no flag that says so."""
    stream = io.BytesIO()
    found = {"DICOMDIR": DIRECTORY.read_bytes(), **VIEWER, **IMAGES, "检查报告.pdf": pdf(), **more}
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in found.items():
            archive.writestr(GbkInfo(f"光盘/{name}"), data)
    return stream.getvalue()


class GbkInfo(zipfile.ZipInfo):
    """An entry whose name is written in GBK."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 -- the library's name
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def test_what_is_taken_left_out_and_missing(app, doctor, case_id):
    answer = send(doctor, case_id, ("CD.zip", disc()))
    assert codes(answer) == ["archive"]
    (result,) = answer.json["results"]
    assert result["message"] == f"压缩包：接收 {len(IMAGES) + 1} 个文件，已存在 0，未接收 0。"
    assert result["inside"] == []
    assert result["left"]["count"] == len(VIEWER)
    assert sorted(result["left"]["names"]) == sorted(f"光盘/{name}" for name in VIEWER)
    assert len(rows(app, Instance)) == len(IMAGES)
    assert [row.media_type for row in rows(app, Attachment)] == ["application/pdf"]
    (said,) = result["disc"]
    assert f"本病例中有 {len(IMAGES)} 个，缺 {31 - len(IMAGES)} 个：" in said
    assert said.startswith("光盘目录列出 31 个影像文件")


def test_a_broken_image_of_a_disc_is_refused_by_name(doctor, case_id):
    (first, *_) = IMAGES
    answer = send(doctor, case_id, ("CD.zip", disc(**{first: IMAGES[first][:700]})))
    (result,) = answer.json["results"]
    assert [one["name"] for one in result["inside"]] == [f"光盘/{first}"]
    assert "未接收 1" in result["message"]


def test_a_folder_sends_the_directory_last_and_hears_what_is_missing(doctor, case_id):
    images = list(IMAGES.items())
    assert set(codes(send(doctor, case_id, *images[:-1]))) == {"taken"}
    directory = ("DICOMDIR", DIRECTORY.read_bytes())
    (result,) = send(doctor, case_id, directory).json["results"]
    assert (result["code"], result["ok"]) == ("disc_directory", False)
    assert f"缺 {31 - len(images) + 1} 个" in result["message"]
    both = send(doctor, case_id, images[-1], directory)
    assert codes(both) == ["taken", "disc_directory"]
    assert f"缺 {31 - len(images)} 个" in both.json["results"][1]["message"]


def test_without_a_directory_programs_are_refused_one_by_one(doctor, case_id):
    answer = send(doctor, case_id, ("a.zip", packed(*VIEWER.items(), *IMAGES.items())))
    (result,) = answer.json["results"]
    assert {"left", "disc"}.isdisjoint(result)
    assert {"autorun.inf", "VIEWER/start.exe"} <= {one["name"] for one in result["inside"]}


@pytest.mark.parametrize("content", [b"x", DIRECTORY.read_bytes()[:400]])
def test_a_damaged_directory_hides_no_image(app, doctor, case_id, content):
    answer = send(doctor, case_id, ("CD.zip", disc(DICOMDIR=content)))
    assert len(rows(app, Instance)) == len(IMAGES)
    assert codes(answer) == ["archive"]
