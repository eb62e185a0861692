import io
import zipfile

import pytest

from mdt.adapters.dicom_reader import clean_bytes
from mdt.adapters.sniffing import sniff
from mdt.rules.attachments import Kind, Refusal
from tests.samples import sample
from tests.unit.adapters.dicom_files import dicom

DICOM = dicom()
HEADERLESS_IMPLICIT = bytes.fromhex("080005000a000000") + b"ISO_IR 100"
HEADERLESS_EXPLICIT = bytes.fromhex("08000500") + b"CS\x0a\x00ISO_IR 100"
PDF = b"%PDF-1.7\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.dcm", DICOM)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (DICOM, "a.dcm", Kind.DICOM),
        (DICOM, "A.DCM", Kind.DICOM),
        (DICOM, "IM000012", Kind.DICOM),
        (DICOM, "1.2.840.113619.2.55.3", Kind.DICOM),
        (DICOM, "DICOM\\PA0\\ST0\\SE1\\IM1.ima", Kind.DICOM),
        (HEADERLESS_IMPLICIT, "a.dcm", Kind.DICOM),
        (HEADERLESS_EXPLICIT, "IMG1", Kind.DICOM),
        (PDF, "病理报告.pdf", Kind.PDF),
        (JPEG, "照片.JPG", Kind.JPEG),
        (JPEG, "a.jpeg", Kind.JPEG),
        (PNG, "a.png", Kind.PNG),
        (zipped(), "影像.zip", Kind.ZIP),
    ],
)
def test_content_and_extension_agree(data: bytes, name: str, kind: Kind) -> None:
    assert sniff(data, name) is kind


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"", "a.dcm", Refusal.EMPTY),
        (b"MZ\x90\x00" + b"\0" * 200, "viewer.exe", Refusal.EXECUTABLE),
        (b"MZ\x90\x00" + b"\0" * 200, "a.dcm", Refusal.EXECUTABLE),
        (b"\x7fELF\x02\x01" + b"\0" * 200, "a.pdf", Refusal.EXECUTABLE),
        (b"#!/bin/sh\nrm", "a.png", Refusal.EXECUTABLE),
        (b"Set x = CreateObject", "a.vbs", Refusal.EXECUTABLE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "a.svg", Refusal.SVG),
        (b"<?xml version='1.0'?>\n<svg onload='x()'>", "a.png", Refusal.SVG),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "a.pdf", Refusal.HTML),
        (b"  <html><script>alert(1)</script>", "a.htm", Refusal.HTML),
        (zipped(), "报告.docx", Refusal.OFFICE_DOCUMENT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "a.doc", Refusal.OFFICE_DOCUMENT),
        (zipped(), "a.jar", Refusal.EXECUTABLE),
        (zipped(), "a.dcm", Refusal.EXTENSION_MISMATCH),
        (b"Rar!\x1a\x07\x01\x00", "a.rar", Refusal.ARCHIVE_OTHER_FORMAT),
        (b"7z\xbc\xaf\x27\x1c", "a.zip", Refusal.ARCHIVE_OTHER_FORMAT),
        (b"II*\0" + b"\0" * 100, "a.tif", Refusal.IMAGE_OTHER_FORMAT),
        (b"II*\0" + b"\0" * 100, "a.svs", Refusal.SLIDE),
        (b"GIF89a", "a.gif", Refusal.IMAGE_OTHER_FORMAT),
        (b"\0\0\0\x18ftypheic", "IMG_1.HEIC", Refusal.IMAGE_OTHER_FORMAT),
        (b"\0\0\0\x18ftypmp42", "a.mp4", Refusal.VIDEO),
        (PNG, "a.jpg", Refusal.EXTENSION_MISMATCH),
        (JPEG, "a.pdf", Refusal.EXTENSION_MISMATCH),
        (PDF, "a", Refusal.EXTENSION_MISMATCH),
        (DICOM, "a.pdf", Refusal.EXTENSION_MISMATCH),
        (DICOM, "a.exe", Refusal.EXECUTABLE),
        (DICOM, "a.html", Refusal.HTML),
        (b"hello", "a.pdf", Refusal.EXTENSION_MISMATCH),
        (b"hello", "a.txt", Refusal.UNKNOWN_FORMAT),
        (b"\x00" * 300, "a", Refusal.UNKNOWN_FORMAT),
    ],
)
def test_everything_else_is_refused_with_what_to_do(
    data: bytes, name: str, refusal: Refusal
) -> None:
    assert sniff(data, name) is refusal


@pytest.mark.parametrize(
    "start", [b"MZ\x90\x00", b"\x7fELF", b"PK\x03\x04", b"%PDF-1.7", b"<html><script>", b"II*\0"]
)
def test_polyglot_preamble_is_read_as_dicom_and_zeroed(start: bytes) -> None:
    polyglot = start.ljust(128, b"\x01") + DICOM[128:]
    assert sniff(polyglot, "a.dcm") is Kind.DICOM
    assert clean_bytes(polyglot) == DICOM


def test_clean_file_and_file_without_preamble_stay_as_they_are() -> None:
    assert clean_bytes(DICOM) == DICOM
    assert clean_bytes(HEADERLESS_EXPLICIT) == HEADERLESS_EXPLICIT


def test_samples_with_another_content_are_refused() -> None:
    png = sample("dicom/malformed/own_png_named.dcm").read_bytes()
    assert sniff(png, "own_png_named.dcm") is Refusal.EXTENSION_MISMATCH
    assert sniff(png, "own.png") is Kind.PNG
