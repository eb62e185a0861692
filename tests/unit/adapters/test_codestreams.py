"""Of a JPEG 2000 codestream only the picture is served."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.uid import JPEG2000

from mdt.adapters.sandboxed.codestreams import without_comments

PICTURE = np.random.default_rng(7).integers(0, 255, (40, 40), np.uint8)
NAME = b"PLANTED-NAME"
END = b"\xff\xd9"


def codestream(**how) -> bytes:
    """A picture as it should be served: without the encoder's comment, closed by its end."""
    stream = io.BytesIO()
    Image.fromarray(PICTURE).save(stream, "JPEG2000", no_jp2=True, **how)
    made = stream.getvalue()
    before, mark, after = made.partition(b"\xff\x64")
    assert mark
    assert made.endswith(END)
    return before + after[int.from_bytes(after[:2], "big") :]


def with_open_length(whole: bytes) -> bytes:
    """Its last tile-part does not say how long it is."""
    place = whole.rindex(b"\xff\x90\x00\x0a")
    return whole[: place + 6] + bytes(4) + whole[place + 10 :]


@pytest.mark.parametrize("how", [{}, {"tile_size": (16, 16)}])
@pytest.mark.parametrize("change", [bytes, with_open_length])
def test_what_stands_behind_the_picture_goes(how, change):
    whole = change(codestream(**how))
    for behind in (b"", b"\0", NAME, END + NAME, whole + NAME):
        assert without_comments(whole + behind, JPEG2000) == whole
    assert np.array_equal(imagecodecs.jpeg2k_decode(whole), PICTURE)


def test_an_end_that_is_missing_is_set():
    whole = codestream()
    for padding in (b"", b"\0"):
        assert without_comments(whole[:-2] + padding, JPEG2000) == whole


def test_the_number_of_a_packet_is_not_taken_for_the_end():
    whole = with_open_length(codestream())
    data = whole.index(b"\xff\x93") + 2
    numbered = whole[:data] + b"\xff\x91\x00\x04" + END + whole[data:]
    assert without_comments(numbered + NAME, JPEG2000) == numbered


@pytest.mark.parametrize("behind", [NAME, b"\0" + NAME])
def test_what_is_no_codestream_is_refused(behind):
    whole = codestream()
    for broken in (whole[:-2] + behind, with_open_length(whole)[:-2] + behind, whole[:40], behind):
        with pytest.raises(ValueError, match=r"marker|tile-part|end|breaks off|JPEG 2000"):
            without_comments(broken, JPEG2000)
