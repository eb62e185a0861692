"""When the header of a file declares more pixels than the file holds."""

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from mdt.adapters.sandboxed.headers import read_header
from tests.unit.adapters.dicom_files import dicom


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        # Every other chrominance value is left out: two bytes for each pixel.
        "SC_ybr_full_422_uncompressed.dcm",
        # Deflated: 4 kB hold a picture of 256 kB.
        "image_dfl.dcm",
    ],
)
def test_a_whole_file_is_not_short(name):
    data = Path(get_testdata_file(name)).read_bytes()
    assert "pixels_short" not in read_header(data)["notes"]


def test_a_file_that_was_cut_off_is_short():
    assert "pixels_short" in read_header(dicom(Rows=512, Columns=512))["notes"]
