"""Windows that are offered for a series."""

import pytest

from mdt.rules.image_windows import WindowCode, window_presets


@pytest.mark.parametrize(
    ("modality", "body_part", "first"),
    [
        ("CT", "CHEST", [WindowCode.LUNG, WindowCode.MEDIASTINUM]),
        ("CT", "", [WindowCode.LUNG, WindowCode.MEDIASTINUM]),
        ("CT", "abdomen", [WindowCode.ABDOMEN, WindowCode.LIVER]),
        ("CT", "BRAIN", [WindowCode.BRAIN, WindowCode.BONE]),
        ("MR", "BRAIN", []),
        ("", "", []),
    ],
)
def test_the_likeliest_stand_first(modality, body_part, first):
    assert [one.code for one in window_presets(modality, body_part)][:2] == first


def test_the_lung_window():
    lung = window_presets("CT", "CHEST")[0]
    assert (lung.center, lung.width) == (-600, 1500)
