import io

import pytest
from PIL import Image
from pydicom.dataset import Dataset

from mdt.adapters.dicom_pixels import render
from mdt.rules.attachments import FileRefused, Refusal
from mdt.rules.drawing import Drawing
from tests.samples import sample
from tests.unit.adapters.dicom_files import bytes_of, dicom

PNG = Drawing(fmt="png")


def pixels(picture: bytes) -> list[object]:
    with Image.open(io.BytesIO(picture)) as image:
        return [image.getpixel((x, y)) for y in range(image.height) for x in range(image.width)]


def linear(x: float, center: float, width: float) -> int:
    """PS3.3 C.11.2.1.2.1, word for word."""
    if x <= center - 0.5 - (width - 1) / 2:
        return 0
    if x > center - 0.5 + (width - 1) / 2:
        return 255
    return round(((x - (center - 0.5)) / (width - 1) + 0.5) * 255)


@pytest.mark.parametrize("window", [(5, 10), (0, 1), (-3, 2), (7.5, 33), (40, 400), (-600, 1500)])
def test_window_follows_the_formula_of_the_standard(window: tuple[float, float]) -> None:
    data = dicom(RescaleSlope=2, RescaleIntercept=-10)
    drawn = pixels(render(data, how=Drawing(*window, fmt="png")))
    assert drawn == [linear(2 * stored - 10, *window) for stored in range(16)]


def test_window_of_the_header_is_the_default() -> None:
    data = dicom(WindowCenter=[8, 40], WindowWidth=[16, 400])
    assert pixels(render(data, how=PNG)) == [linear(stored, 8, 16) for stored in range(16)]


def test_given_window_wins_over_the_header() -> None:
    data = dicom(WindowCenter=8, WindowWidth=16)
    assert pixels(render(data, how=Drawing(3, 4, fmt="png"))) == [
        linear(stored, 3, 4) for stored in range(16)
    ]


def test_ct_without_a_window_gets_soft_tissue_and_others_their_percentiles() -> None:
    assert pixels(render(dicom(), how=PNG)) == [linear(stored, 40, 400) for stored in range(16)]
    drawn = pixels(render(dicom(Modality="MR"), how=PNG))
    assert (drawn[0], drawn[15]) == (0, 255)
    assert drawn == sorted(drawn)  # type: ignore[type-var]


def test_eight_bits_without_a_window_are_shown_as_they_are() -> None:
    """Stretched, white writing on a light strip would be white on white."""
    made = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "Modality": "US"}
    strip = [0, 120, 235, 235, 255, 235, 235, 235, 235, 235, 235, 235, 235, 235, 235, 255]
    data = dicom(**made, PixelData=bytes(strip))
    assert pixels(render(data, how=PNG)) == strip


def test_monochrome1_is_inverted() -> None:
    window = {"WindowCenter": 8, "WindowWidth": 16}
    normal = pixels(render(dicom(**window), how=PNG))
    inverted = pixels(render(dicom(PhotometricInterpretation="MONOCHROME1", **window), how=PNG))
    assert inverted == [255 - value for value in normal]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("function", "expected"), [("LINEAR_EXACT", [0, 64, 128, 191]), ("SIGMOID", [30, 69, 128, 186])]
)
def test_other_functions_of_the_standard(function: str, expected: list[int]) -> None:
    data = dicom(VOILUTFunction=function, WindowCenter=8, WindowWidth=16)
    drawn = pixels(render(data, how=PNG))
    assert [drawn[0], drawn[4], drawn[8], drawn[12]] == expected


def test_colour_is_shown_as_it_is() -> None:
    red_green = bytes([255, 0, 0] * 8 + [0, 128, 0] * 8)
    data = dicom(
        SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0,
        BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=red_green,
    )  # fmt: skip
    assert pixels(render(data, how=PNG)) == [(255, 0, 0)] * 8 + [(0, 128, 0)] * 8


def test_function_that_is_asked_for_wins_over_the_headers_also_in_enhanced_objects() -> None:
    voi, group = Dataset(), Dataset()
    voi.WindowCenter, voi.WindowWidth, voi.VOILUTFunction = 8, 16, "LINEAR_EXACT"
    group.FrameVOILUTSequence = [voi]
    asked = Drawing(8, 16, "SIGMOID", fmt="png")
    plain = pixels(render(dicom(), how=asked))
    assert plain[:13:4] == [30, 69, 128, 186]
    assert pixels(render(dicom(SharedFunctionalGroupsSequence=[group]), how=asked)) == plain


def test_frames_and_what_lies_beyond_the_last() -> None:
    data = dicom(NumberOfFrames=2, Rows=2, WindowCenter=8, WindowWidth=16)
    first, second = (pixels(render(data, frame, PNG)) for frame in (0, 1))
    assert first == [linear(stored, 8, 16) for stored in range(8)]
    assert second == [linear(stored, 8, 16) for stored in range(8, 16)]
    assert pixels(render(data, 99, PNG)) == second


def test_longest_edge_and_format() -> None:
    data = bytes_of("CT_small.dcm")
    for fmt, name in (("jpeg", "JPEG"), ("png", "PNG")):
        with Image.open(io.BytesIO(render(data, how=Drawing(size=32, fmt=fmt)))) as image:  # type: ignore[arg-type]
            assert (image.size, image.format) == ((32, 32), name)


def test_pixels_that_are_not_square_are_stretched() -> None:
    with Image.open(io.BytesIO(render(dicom(PixelSpacing=[2, 1]), how=PNG))) as image:
        assert image.size == (4, 8)


@pytest.mark.parametrize(
    "name", ["MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm",
             "MR_small_bigendian.dcm", "MR_small_expb.dcm", "MR_small_implicit.dcm"]
)  # fmt: skip
def test_lossless_codecs_give_the_same_picture(name: str) -> None:
    assert render(bytes_of(name), how=PNG) == render(bytes_of("MR_small.dcm"), how=PNG)


@pytest.mark.parametrize(
    "name",
    ["JPEG-lossy.dcm", "JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm", "image_dfl.dcm",
     "examples_palette.dcm", "examples_ybr_color.dcm", "SC_rgb_rle_16bit.dcm", "liver_1frame.dcm"],
)  # fmt: skip
def test_other_codecs_and_colours_are_drawn(name: str) -> None:
    assert len(set(pixels(render(bytes_of(name), how=Drawing(size=64, fmt="png"))))) > 1


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (dicom(PixelData=b"\0\0"), Refusal.DICOM_PIXELS_MISSING),
        (dicom(Rows=65535, Columns=65535), Refusal.DICOM_TOO_MANY_PIXELS),
        (bytes_of("rtplan.dcm"), Refusal.DICOM_NO_IMAGE),
        (bytes_of("MR_truncated.dcm"), Refusal.DICOM_PIXELS_MISSING),
        (b"nothing", Refusal.DICOM_NO_IMAGE),
    ],
)
def test_what_cannot_be_drawn_is_refused(data: bytes, refusal: Refusal) -> None:
    with pytest.raises(FileRefused) as caught:
        render(data)
    assert caught.value.refusal is refusal


def test_every_codec_of_the_samples_is_drawn_or_refused_as_unknown() -> None:
    refused = {}
    for path in sorted(sample("dicom/codecs").iterdir()):
        try:
            drawn = pixels(render(path.read_bytes(), how=Drawing(size=64, fmt="png")))
            assert len(set(drawn)) > 1, path.name
        except FileRefused as error:
            refused[path.name] = error.refusal
    assert refused == {
        "liver_deflate.dcm": Refusal.DICOM_CODEC_UNKNOWN,
        "private_syntax_ELSCINT1_PMSCT_RLE1.dcm": Refusal.DICOM_PIXELS_MISSING,
    }


def test_twelve_bit_jpeg_has_the_values_of_the_original() -> None:
    picture = render(
        sample("dicom/codecs/MR1_JPLY.dcm").read_bytes(), how=Drawing(600, 1600, fmt="png")
    )
    values = pixels(picture)
    # The mean of the uncompressed original, 481.2, through the same window.
    assert abs(sum(values) / len(values) - 108.5) < 3  # type: ignore[arg-type]
