"""Type and day of a document from its file name."""

from datetime import date

import pytest

from mdt.rules.attachments import FileRefused, Kind
from mdt.rules.content import document_types
from mdt.rules.document_kinds import check_kind, guess_date, guess_kind, offered_kinds

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("张三丰病理报告.pdf", "pathology_report"),
        ("病理会诊意见.pdf", "pathology_review"),
        ("免疫组化.jpg", "ihc_report"),
        ("基因检测NGS.pdf", "molecular_report"),
        ("基因检测知情同意书.pdf", "consent_gene"),
        ("胸部CT报告.pdf", "ct_report"),
        ("胸部增强扫描.pdf", "ct_report"),
        ("chest_CT_2026.pdf", "ct_report"),
        ("PET-CT.pdf", "pet_report"),
        ("头颅MR.pdf", "mr_report"),
        ("骨扫描ECT.pdf", "nm_report"),
        ("心脏彩超.pdf", "echo_report"),
        ("腹部彩超.pdf", "us_report"),
        ("胃镜报告.pdf", "endoscopy_report"),
        ("胃镜图片.jpg", "endoscopy_image"),
        ("远程会诊知情同意书.pdf", "consent_remote"),
        ("敏感个人信息单独同意书.pdf", "consent_privacy"),
        ("监护人同意书.pdf", "consent_guardian"),
        ("血常规.pdf", "lab_report"),
        ("肺功能.pdf", "lung_function_report"),
        ("出院小结.pdf", "discharge_summary"),
        ("资料/CT/IMG_0001.jpg", "other"),
        ("DIRECT.pdf", "other"),
        ("", "other"),
    ],
)
def test_the_name_tells_the_type(name, kind):
    assert guess_kind(name) == kind


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("病理2026-11-03.pdf", date(2026, 11, 3)),
        ("病理20261103.pdf", date(2026, 11, 3)),
        ("病理2026年11月3日.pdf", date(2026, 11, 3)),
        ("病理2026.11.3.pdf", date(2026, 11, 3)),
        ("病理 20261341 20261002.pdf", date(2026, 10, 2)),
        ("369921196203050015.pdf", None),
        ("病理20270101.pdf", None),
        ("病理.pdf", None),
    ],
)
def test_the_name_tells_the_day(name, day):
    assert guess_date(name, TODAY) == day


def test_every_type_but_that_of_images_is_offered():
    assert set(offered_kinds()) == {one.code for one in document_types()} - {"dicom_study"}


def test_a_film_report_comes_as_paper_and_a_slide_as_a_picture():
    check_kind("ct_report", Kind.PDF)
    check_kind("slide_image", Kind.JPEG)
    with pytest.raises(FileRefused) as refused:
        check_kind("slide_image", Kind.PDF)
    assert refused.value.code == "wrong_kind_for_type"
