"""A CT to mark, and marks as a viewer sends them."""

from typing import Any

import numpy as np

from tests.attachment_kit import codes, confirm_identities, ct, send

SIDE = 32
#: Mm from row to row, and from column to column.
SPACING = (0.5, 0.8)
INTERCEPT = -1000


def values(number: int = 1) -> np.ndarray:
    """Hounsfield units of the ``number``-th slice: no two pixels alike."""
    return np.arange(SIDE * SIDE).reshape(SIDE, SIDE) + number * 5 + INTERCEPT


def ct_to_measure(count: int = 2, series: int = 1, **attributes: Any) -> list[tuple[str, bytes]]:
    """A CT whose pixels have a place and a size; see `values`."""
    return [
        one
        for number in range(1, count + 1)
        for one in ct(
            number,
            series,
            **{
                "Rows": SIDE,
                "Columns": SIDE,
                "PixelSpacing": list(SPACING),
                "RescaleSlope": 1,
                "RescaleIntercept": INTERCEPT,
                "RescaleType": "HU",
                "PixelData": (values(number) - INTERCEPT).astype("<u2").tobytes(),
                **attributes,
            },
        )[-1:]
    ]


def add_ct(browser: Any, case_id: int, series: int = 1, **attributes: Any) -> dict[str, Any]:
    """Send it; gives what marks name: ``series`` and the UIDs of its pictures, by index."""
    sent = send(browser, case_id, *ct_to_measure(series=series, **attributes))
    assert set(codes(sent)) == {"taken"}, sent.text
    confirm_identities(browser, case_id)
    number = max(one["id"] for one in browser.get(f"/cases/{case_id}/series.json").json)
    found = browser.get(f"/cases/{case_id}/dicom-web/instances").json
    of_series = {
        one["00200013"]["Value"][0]: one["00080018"]["Value"][0]
        for one in found
        if one["0020000E"]["Value"] == found[-1]["0020000E"]["Value"]
    }
    return {"series": number, "images": [of_series[one] for one in sorted(of_series)]}


def at(column: float, row: float, slice_number: int = 1) -> list[float]:
    """The place of a pixel in mm of the patient's coordinates."""
    return [column * SPACING[1], row * SPACING[0], 500 - 5 * slice_number]


def mark(pictures: dict[str, Any], kind: str, *points: list[float], **more: Any) -> dict[str, Any]:
    """A mark as a viewer sends it, on the first slice."""
    return {
        "key": f"{kind}-1",
        "series": pictures["series"],
        "image": pictures["images"][0],
        "frame": 1,
        "kind": kind,
        "points": list(points),
        **more,
    }
