import io
import itertools
from collections.abc import Iterator
from datetime import date

import numpy as np
import pikepdf
import pydicom
import pytest
from PIL import Image

from mdt.adapters.demo_images import pathology_picture, scanned_report, synthetic_chest_ct
from mdt.adapters.dicom_pixels import render
from mdt.adapters.dicom_reader import read_header
from mdt.adapters.sniffing import sniff
from mdt.rules.attachments import Kind
from mdt.rules.drawing import Drawing
from mdt.rules.imaging import DicomPatient, group_and_sort, slice_gaps

SLICES = 32
# The slice through the middle of the lesion, 88 mm below the top of 320.
LESION_SLICE = int(88 / 320 * SLICES)


def chest(**changes: object) -> Iterator[bytes]:
    arguments: dict[str, object] = {
        "patient_name": "赵德顺",
        "patient_id": "P0001",
        "sex": "M",
        "birth_date": date(1958, 3, 2),
        "study_date": date(2026, 3, 5),
        "hospital": "示例县人民医院",
        "seed": 4,
        "slices": SLICES,
        "size": 128,
        **changes,
    }
    return synthetic_chest_ct(**arguments)  # type: ignore[arg-type]


def one(index: int, **changes: object) -> bytes:
    return next(itertools.islice(chest(**changes), index, None))


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    return list(chest())


def test_headers_are_those_of_one_chest_ct(files: list[bytes]) -> None:
    headers = [read_header(data) for data in files]
    [series] = group_and_sort(headers)
    assert list(series.headers) == headers
    assert slice_gaps(headers) == (10.0,) * (SLICES - 1)
    first = headers[0]
    assert first.patient == DicomPatient(
        name="赵德顺", name_dicom="赵德顺", id="P0001", sex="M", birth_date=date(1958, 3, 2)
    )
    assert (first.institution, first.study_description) == ("示例县人民医院", "胸部增强CT")
    assert (first.study_date, first.modality, first.body_part) == (date(2026, 3, 5), "CT", "CHEST")
    assert (first.rows, first.columns, first.slice_thickness) == (128, 128, 10.0)
    assert (first.window_center, first.window_width) == (40, 400)
    assert first.notes == ()
    assert [header.instance_number for header in headers] == list(range(1, SLICES + 1))
    assert len({header.sop_instance_uid for header in headers}) == SLICES
    assert all(sniff(data, "IM1.dcm") is Kind.DICOM for data in files)


def hounsfield(data: bytes) -> np.ndarray:
    dataset = pydicom.dcmread(io.BytesIO(data))
    return dataset.pixel_array.astype(int) + int(dataset.RescaleIntercept)


def test_lesion_lies_in_the_right_upper_lobe(files: list[bytes]) -> None:
    with_lesion, without = (hounsfield(one(LESION_SLICE, lesion_mm=size)) for size in (24.0, 2.0))
    changed = np.argwhere(np.abs(with_lesion - without) > 400)
    rows, columns = changed.mean(axis=0)
    # Seen from the feet, the patient's right is on the left, the back below.
    assert (30 < columns < 45, 50 < rows < 66) == (True, True)
    # About 24 mm across at 2.9 mm a pixel: 54 pixels, spicules added.
    assert 35 < len(changed) < 110


def test_tissues_have_their_hounsfield_units(files: list[bytes]) -> None:
    values = hounsfield(files[LESION_SLICE])
    share = {
        "lung": np.mean((values > -920) & (values < -700)),
        "fat": np.mean((values > -140) & (values < -60)),
        "soft tissue": np.mean((values > 0) & (values < 130)),
        "contrast": np.mean((values > 150) & (values < 280)),
        "bone": np.mean(values > 350),
    }
    assert all(0.005 < part < 0.35 for part in share.values()), share


def test_pictures_of_the_slices_are_drawn(files: list[bytes]) -> None:
    with Image.open(io.BytesIO(render(files[LESION_SLICE], how=Drawing(fmt="png")))) as image:
        assert image.size == (128, 128)
        assert len(image.getcolors()) > 100


def test_same_seed_gives_the_same_bytes_and_another_another() -> None:
    def first(**changes: object) -> list[bytes]:
        return list(itertools.islice(chest(**changes), 2))

    assert first() == first()
    assert first() != first(seed=5)
    uids = {read_header(first(patient_id=name)[0]).study_uid for name in ("P1", "P2", "P1")}
    assert len(uids) == 2


def test_woman_is_drawn_as_one() -> None:
    his, hers = (hounsfield(one(SLICES // 2, sex=sex)) for sex in "MF")
    assert np.sum(hers > -500) > np.sum(his > -500)


def test_pathology_picture_is_pink_and_purple() -> None:
    data = pathology_picture(seed=3, width=400, height=300)
    assert data == pathology_picture(seed=3, width=400, height=300)
    assert data != pathology_picture(seed=4, width=400, height=300)
    assert sniff(data, "HE.jpg") is Kind.JPEG
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (400, 300)
        red, green, blue = np.asarray(image, float).reshape(-1, 3).mean(axis=0)
    assert green < blue < red


LINES = ["示例县人民医院", "病理诊断报告单", "姓名：赵德顺", "---", "病理诊断：浸润性腺癌。" * 9]


def test_scanned_report_as_picture_and_as_pdf() -> None:
    data = scanned_report(LINES)
    assert data == scanned_report(LINES)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (1240, 1754))
    pdf = scanned_report(LINES, as_pdf=True)
    assert pdf == scanned_report(LINES, as_pdf=True)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1


@pytest.mark.parametrize("lines", [[], ["医院"], ["医院", "标题"]])
def test_short_reports_are_drawn(lines: list[str]) -> None:
    assert sniff(scanned_report(lines), "a.jpg") is Kind.JPEG
