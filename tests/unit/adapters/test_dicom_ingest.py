"""The served form of a DICOM object: the pixels that came, in a syntax that browsers read."""

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels import get_decoder
from pydicom.uid import (
    JPEG2000,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSNearLossless,
)

from mdt.adapters.dicom_ingest import ServedForm, ingest
from mdt.adapters.dicom_pixels import render, render_frame
from mdt.adapters.dicom_reader import read_header
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.deidentification import served_uid
from mdt.rules.drawing import Drawing
from tests.samples import sample
from tests.unit.adapters.dicom_files import bytes_of, dataset, dicom, file_of

SECRET = b"secret of a case".ljust(32, b".")
PNG = Drawing(fmt="png")


def served_of(data: bytes) -> tuple[ServedForm, Dataset]:
    served = ingest(data, SECRET)[1]
    return served, dcmread(io.BytesIO(served.data))


def raw_pixels(data: Dataset) -> np.ndarray:
    """Stored values by the library's own plugins, none of which encoded them."""
    syntax = data.file_meta.TransferSyntaxUID
    frames = [frame for frame, _ in get_decoder(syntax).iter_array(data, raw=True)]
    return np.stack(frames)


LOSSLESS = [
    "codecs/CT1_J2KR.dcm",
    "codecs/CT1_JLSL.dcm",
    "codecs/CT1_JPLL.dcm",
    "codecs/CT1_RLE.dcm",
    "codecs/ExplVR_BigEnd.dcm",
    "codecs/JPEG-LL.dcm",
    "codecs/SC_rgb_rle_16bit.dcm",
    "codecs/US1_RLE.dcm",
    "codecs/emri_small_jpeg_2k_lossless.dcm",
    "codecs/image_dfl.dcm",
    "enhanced_mr/BRTUM001.dcm",
    "modalities/MR-SIEMENS-DICOM-WithOverlays.dcm",
    "modalities/eCT_Supplemental.dcm",
    "mr_t1_sagittal_72",
    "ct_head_phantom_philips_58",
]


@pytest.mark.parametrize("name", LOSSLESS)
def test_what_came_without_loss_is_served_without_loss(name: str) -> None:
    path = sample(f"dicom/{name}")
    path = sorted(path.iterdir())[20] if path.is_dir() else path
    before = dcmread(path)
    served, after = served_of(path.read_bytes())
    assert served.syntax_uid == after.file_meta.TransferSyntaxUID == HTJ2KLossless
    assert np.array_equal(raw_pixels(after), raw_pixels(before))


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("CT1_J2KI.dcm", JPEG2000),
        ("CT1_JLSN.dcm", JPEGLSNearLossless),
        ("SC_rgb_jpeg_dcmtk.dcm", JPEGBaseline8Bit),
    ],
)
def test_what_came_with_loss_is_not_compressed_anew(name: str, syntax: str) -> None:
    path = sample(f"dicom/codecs/{name}")
    before = dcmread(path)
    served, after = served_of(path.read_bytes())
    assert served.syntax_uid == syntax
    assert np.array_equal(raw_pixels(after), raw_pixels(before))
    ((offset, length),) = served.spans[1:]
    came = get_frame(before.PixelData, 0, number_of_frames=1)
    # To the end mark: what fills the frame up behind it is nobody's.
    came = came[: came.rindex(b"\xff\xd9") + 2]
    assert came[-4000:] in served.data[offset : offset + length]


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000"])
def test_what_an_encoder_wrote_beside_the_picture_is_not_served(kind: str) -> None:
    picture = Image.effect_noise((64, 48), 80)
    stream = io.BytesIO()
    plain: dict[str, Any] = {"comment": b"PLANTED-NAME"}
    if kind == "JPEG2000":
        plain |= {"irreversible": True, "no_jp2": True}
    picture.save(stream, kind, **plain)
    frame = stream.getvalue()
    if kind == "JPEG":
        # An application segment of some camera's, behind the start.
        planted = b"\xff\xe1" + (2 + 12).to_bytes(2, "big") + b"PLANTED-NAME"
        frame = frame[:2] + planted + frame[2:]
    one = dataset(Rows=48, Columns=64, BitsAllocated=8, BitsStored=8, HighBit=7)
    one.PixelData = encapsulate([frame])
    one["PixelData"].is_undefined_length = True
    served, after = served_of(file_of(one, JPEGBaseline8Bit if kind == "JPEG" else JPEG2000))
    assert b"PLANTED-NAME" in frame
    assert b"PLANTED-NAME" not in served.data
    assert np.array_equal(raw_pixels(after)[0], np.asarray(Image.open(io.BytesIO(frame))))


@pytest.mark.parametrize(
    "name",
    ["seg.dcm", "seg_tcga_gbm_96.dcm", "rtdose.dcm"],
)
def test_bits_and_long_words_stay_native(name: str) -> None:
    path = sample(f"dicom/objects/{name}")
    before = dcmread(path)
    served, after = served_of(path.read_bytes())
    assert served.syntax_uid == ExplicitVRLittleEndian
    assert np.array_equal(after.pixel_array, before.pixel_array)
    frames = [served.data[offset : offset + length] for offset, length in served.spans[1:]]
    assert b"".join(frames) == after.PixelData
    assert len(frames) == before.NumberOfFrames


def test_frames_of_bits_that_begin_within_a_byte_are_not_cut() -> None:
    bits = np.arange(18) % 3 == 0
    packed = np.packbits(bits, bitorder="little").tobytes() + b"\0"
    made = dataset(Rows=3, Columns=3, NumberOfFrames=2, BitsAllocated=1, BitsStored=1, HighBit=0)
    made.PixelData = packed
    served, after = served_of(file_of(made))
    assert after.pixel_array.ravel().tolist() == bits.astype(int).tolist()
    assert len(served.spans) == 1


def test_a_palette_becomes_colours_and_leaves_no_table() -> None:
    served, after = served_of(bytes_of("examples_palette.dcm"))
    assert (after.PhotometricInterpretation, after.SamplesPerPixel) == ("YBR_RCT", 3)
    assert "RedPaletteColorLookupTableData" not in after
    with_table = render(bytes_of("examples_palette.dcm"), how=PNG)
    assert drawn(served) == with_table


def drawn(served: ServedForm, frame: int = 0) -> bytes:
    """A frame drawn from its own bytes and the header's."""
    header, stored = (
        served.data[offset : offset + length]
        for offset, length in (served.spans[0], served.spans[1 + frame])
    )
    return render_frame(header, stored, frame, PNG)


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_RLE.dcm", "JPEG-lossy.dcm", "JPEG2000.dcm",
     "MR_small_bigendian.dcm", "J2K_pixelrep_mismatch.dcm",
     "SC_rgb_jpeg_dcmtk.dcm", "examples_ybr_color.dcm", "SC_rgb_rle_16bit.dcm", "liver_1frame.dcm"],
)  # fmt: skip
def test_pictures_are_the_same_from_a_frame_as_from_the_original(name: str) -> None:
    data = bytes_of(name)
    served = ingest(data, SECRET)[1]
    for frame in {0, len(served.spans) - 2}:
        assert drawn(served, frame) == render(data, frame, PNG)


def test_twelve_bit_jpeg_keeps_its_values() -> None:
    data = sample("dicom/codecs/MR1_JPLY.dcm").read_bytes()
    served, after = served_of(data)
    assert served.syntax_uid == HTJ2KLossless
    # The mean of the uncompressed original is 481.2; browsers show .51 with an error of 15.
    assert abs(raw_pixels(after).mean() - 481.2) < 0.5


def test_facts_are_those_of_the_header() -> None:
    data = sample("dicom/charsets/cn_gbk_bytes_no_charset.dcm").read_bytes()
    assert ingest(data, SECRET)[0] == read_header(data)


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_the_file_is_the_same_however_it_was_encoded(syntax: str) -> None:
    inner = Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "T-D4000", "SRT", "Abdomen"
    made = dataset(
        AnatomicRegionSequence=[inner], PixelSpacing=["0.5", "0.25"], InstanceNumber=7,
        SmallestImagePixelValue=3, FrameIncrementPointer=0x00181063,
    )  # fmt: skip
    if syntax == ExplicitVRBigEndian:
        made.PixelData = np.arange(16, dtype=">u2").tobytes()
    served, after = served_of(file_of(made, syntax))
    assert raw_pixels(after).ravel().tolist() == list(range(16))
    found = json.loads(served.metadata)
    assert found["00280030"] == {"vr": "DS", "Value": [0.5, 0.25]}
    assert found["00280106"] == {"vr": "US", "Value": [3]}
    assert found["00280009"] == {"vr": "AT", "Value": ["00181063"]}
    assert found["00082218"]["Value"][0]["00080104"] == {"vr": "LO", "Value": ["Abdomen"]}
    assert found["0020000D"] == {"vr": "UI", "Value": [served_uid(SECRET, "2.25.1001")]}
    assert found["00083002"] == {"vr": "UI", "Value": [HTJ2KLossless]}
    assert found["7FE00010"] == {"vr": "OB", "BulkDataURI": "bulkdata/7FE00010"}


def test_json_is_what_the_library_reads_out_of_the_served_file() -> None:
    for name in ("objects/sr.dcm", "enhanced_mr/emri_small.dcm", "objects/rtplan.dcm"):
        served, after = served_of(sample(f"dicom/{name}").read_bytes())
        found = json.loads(served.metadata)
        for extra in ("00083002", "7FE00010"):
            found.pop(extra, None)
        after.pop("PixelData", None)
        assert Dataset.from_json(found) == Dataset.from_json(after.to_json_dict())


def test_long_binary_values_have_an_address_in_the_file() -> None:
    table = bytes(range(256)) * 16
    made = dataset(ModalityLUTSequence=[Dataset()])
    item = made.ModalityLUTSequence[0]
    item.LUTDescriptor, item.ModalityLUTType = [2048, 0, 16], "US"
    item.LUTData = table
    item["LUTData"].VR = "OW"
    served, _ = served_of(file_of(made))
    found = json.loads(served.metadata)["00283000"]["Value"][0]["00283006"]
    offset, length = map(int, found["BulkDataURI"].removeprefix("bulkdata/").split("-"))
    assert served.data[offset : offset + length] == table


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", Refusal.EMPTY),
        (dicom(PixelData=b"\0\0"), Refusal.DICOM_PIXELS_MISSING),
        (dicom(NumberOfFrames=3), Refusal.DICOM_PIXELS_MISSING),
        (bytes_of("MR_truncated.dcm"), Refusal.DICOM_PIXELS_MISSING),
        (b"\0" * 128 + b"DICM", Refusal.DICOM_UNREADABLE),
    ],
)
def test_what_cannot_be_drawn_is_refused(data: bytes, refusal: Refusal) -> None:
    with pytest.raises(FileRefused) as caught:
        ingest(data, SECRET)
    assert caught.value.refusal is refusal


def test_every_malformed_sample_is_served_or_refused() -> None:
    """A sandbox that died would say so: crashed is none of the reasons here."""
    reasons = set()
    for path in sorted(sample("dicom/malformed").iterdir()):
        try:
            served, after = served_of(path.read_bytes())
            assert after.SOPInstanceUID == served.sop_uid
        except FileRefused as refused:
            reasons.add(refused.refusal)
    assert reasons == {
        Refusal.DICOM_NO_UIDS,
        Refusal.DICOM_PIXELS_MISSING,
        Refusal.DICOM_TOO_DEEP,
        Refusal.DICOM_TOO_MANY_PIXELS,
        Refusal.DICOM_UNREADABLE,
        Refusal.EMPTY,
        Refusal.READING_TOO_BIG,
    }
