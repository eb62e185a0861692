"""What stands on the screen is what Python reads out of the file, for each codec that is served."""

import base64
import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from playwright.sync_api import Page
from pydicom.encaps import get_frame
from pydicom.pixels import apply_rescale
from sqlalchemy import text

from mdt.extensions import db
from mdt.rules.calendar import utc_now
from mdt.services.attachments import add_files
from mdt.services.file_intake import SentFile
from tests.attachment_kit import draft
from tests.live_server import LiveServer
from tests.samples import sample
from tests.world import PASSWORD, World

#: Without a picture (a segmentation), or in a codec that nobody reads: the upload says so.
NOT_SERVED = {"liver_deflate.dcm", "private_syntax_ELSCINT1_PMSCT_RLE1.dcm"}
#: Colours of sixteen bits: shown as the server draws them.
DRAWN = {"SC_rgb_rle_16bit.dcm"}
#: One pixel of the picture on each of the screen; what is seen, in red, green and blue.
SEEN = """async ({ series, index, center, width }) => {
  const box = document.querySelector('[data-lightbox]').lightbox;
  await box.open(series);
  await box.apply({ series, index, center, width });
  const { pane } = box.current;
  if (pane.constructor.engine !== 'radiology') return null;
  pane.run('actual');
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
  const canvas = pane.element.querySelector('canvas');
  const seen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let bytes = '';
  for (let n = 0; n < seen.data.length; n += 4) {
    bytes += String.fromCharCode(seen.data[n], seen.data[n + 1], seen.data[n + 2]);
  }
  return { width: seen.width, height: seen.height, bytes: btoa(bytes) };
}"""


@pytest.fixture
def page_of_all(live_server: LiveServer, world: World, page: Page) -> tuple[Page, dict[str, Any]]:
    """The viewer of a case with every file of the codecs, and where each is in it."""
    places: dict[str, Any] = {}
    case_id = draft(live_server.app, world)
    with live_server.app.app_context():
        for path in sorted(sample("dicom/codecs").iterdir()):
            sent = [SentFile(path.name, io.BytesIO(unlike_others(path)))]
            (result,) = add_files(world.viewer("clinician"), case_id, sent, now=utc_now())
            if result.code == "taken":
                places[path.name] = db.session.execute(
                    text("select series_id, first_image from instance order by id desc limit 1")
                ).one()
    page.goto(f"{live_server.url}/sign-in")
    page.fill("input[name=username]", "clinician")
    page.fill("input[type=password]", PASSWORD)
    page.press("input[type=password]", "Enter")
    page.wait_for_selector("h1")
    page.goto(f"{live_server.url}/cases/{case_id}/viewer")
    page.wait_for_function("() => document.querySelector('[data-lightbox]').lightbox.capture()")
    return page, places


def unlike_others(path: Path) -> bytes:
    """The file as a series of its own: several are the same picture in other codecs."""
    found = pydicom.dcmread(path)
    for name in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        setattr(found, name, pydicom.uid.generate_uid(entropy_srcs=[path.name, name]))
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    written = io.BytesIO()
    found.save_as(written)
    return written.getvalue()


def read(path: Path) -> np.ndarray:
    """Values of the first frame in Python, in the modality's unit; colours as RGB."""
    found = pydicom.dcmread(path)
    if found.file_meta.TransferSyntaxUID == pydicom.uid.JPEGExtended12Bit:
        return np.asarray(
            imagecodecs.jpeg_decode(get_frame(found.PixelData, 0, number_of_frames=1)), float
        )
    pixels = found.pixel_array
    pixels = pixels[0] if int(found.get("NumberOfFrames", 1) or 1) > 1 else pixels
    if found.SamplesPerPixel == 3:
        return np.asarray(pixels, float)
    return np.asarray(apply_rescale(pixels, found), float)


def drawn(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """Grey values of a linear window (PS3.3 C.11.2.1.2.1)."""
    return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1) * 255


def inside(shown: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part that both have, middle on middle as `actualSize` of the viewer lays it."""
    parts = []
    for axis in (0, 1):
        screen, count = shown.shape[axis], wanted.shape[axis]
        off = 0 if screen % 2 else 0.5
        middle = round_half_up((count - 1) / 2 - off) + off
        first = int(0.5 - screen / 2 + middle)  # the pixel at the edge of the screen
        begin, end = max(first, 0), min(first + screen, count)
        parts.append((slice(begin - first, end - first), slice(begin, end)))
    (down, rows), (across, columns) = parts
    return shown[down, across], wanted[rows, columns]


def round_half_up(number: float) -> int:
    return int(np.floor(number + 0.5))


def test_pixels_on_screen_are_pythons(page_of_all: tuple[Page, dict[str, Any]]) -> None:
    page, places = page_of_all
    files = {path.name: path for path in sample("dicom/codecs").iterdir()}
    assert set(files) - set(places) == NOT_SERVED
    off = {}
    for name, (series, index) in places.items():
        values = read(files[name])
        color = values.ndim == 3
        low, high = float(values.min()), float(values.max())
        window = (round((low + high) / 2), max(2, round((high - low) * 0.6)))
        asked = {"series": series, "index": index, "center": window[0], "width": window[1]}
        if color:
            asked.update(center=None, width=None)
        page.evaluate(SEEN, asked)  # the pane may still find its size with the first
        found = page.evaluate(SEEN, asked)
        if name in DRAWN:
            assert found is None
            continue
        assert found is not None, name
        flat = np.frombuffer(base64.b64decode(found["bytes"]), np.uint8)
        shown = flat.reshape(found["height"], found["width"], 3).astype(float)
        wanted = values if color else np.repeat(drawn(values, *window)[..., None], 3, axis=2)
        one, other = inside(shown, wanted)
        assert one.shape[0] > 40, name
        off[name] = round(float(np.percentile(np.abs(one - other), 99.5)), 2)
    assert {name: far for name, far in off.items() if far > 2} == {}
