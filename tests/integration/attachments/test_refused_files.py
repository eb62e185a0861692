"""What a case does not take, and that each refusal says what to do."""

from mdt.models.attachments import Attachment, Instance
from tests.attachment_kit import pdf, png, rows, send
from tests.unit.adapters.dicom_files import dicom, nested

#: file name, content, code, and a word of what it says to do.
REFUSED = (
    ("viewer.exe", b"MZ\x90\0", "executable", "程序或脚本"),
    ("report.pdf", b"MZ\x90\0", "executable", "程序或脚本"),
    ("image.dcm", b"\x7fELF\x02", "executable", "程序或脚本"),
    ("report.dcm", pdf(), "extension_mismatch", "扩展名不一致"),
    ("picture.pdf", png(), "extension_mismatch", "扩展名不一致"),
    ("image.html", dicom(), "html", "网页"),
    ("page.png", b"<html><script>", "html", "网页"),
    ("drawing.svg", b"<svg onload='x()'>", "svg", "SVG"),
    ("empty.pdf", b"", "empty", "空"),
    ("letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office_document", "PDF"),
    ("slide.svs", b"II*\0" + b"\0" * 60, "slide_unreadable", "切片"),
    ("film.mp4", b"\0\0\0\x18ftypmp42", "video", "视频"),
    ("disc.rar", b"Rar!\x1a\x07\x00", "archive_other_format", "ZIP"),
    ("broken.zip", b"PK\x03\x04" + b"\0" * 60, "archive_broken", "压缩包"),
    ("broken.pdf", b"%PDF-1.7\nnothing", "pdf_broken", "PDF"),
    ("broken.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "image_broken", "图片"),
    ("numberless.dcm", dicom(SeriesInstanceUID=""), "dicom_no_uids", "标识"),
    ("deep.dcm", nested(40), "dicom_too_deep", "DICOM"),
    ("bomb.dcm", dicom(Rows=60000, Columns=60000), "dicom_too_many_pixels", "。"),
)


def test_files_that_are_not_taken(app, doctor, case_id):
    results = send(doctor, case_id, *[row[:2] for row in REFUSED]).json["results"]
    assert [(one["name"], one["ok"], one["code"]) for one in results] == [
        (name, False, code) for name, _, code, _ in REFUSED
    ]
    for result, (_, _, _, words) in zip(results, REFUSED, strict=True):
        assert words in result["message"]
        assert result["message"].endswith("。")
    assert rows(app, Attachment) == rows(app, Instance) == []


def test_a_type_that_does_not_take_such_a_file(doctor, case_id):
    (result,) = send(doctor, case_id, ("a.pdf", pdf()), kind="slide_image").json["results"]
    assert (result["ok"], result["code"]) == (False, "wrong_kind_for_type")


def test_the_reason_is_said_in_the_readers_language(doctor, case_id):
    doctor.get("/language/en")
    (result,) = send(doctor, case_id, ("viewer.exe", b"MZ")).json["results"]
    assert result["message"].isascii()
