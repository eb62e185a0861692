"""Another viewer, unmodified, shows the images of a case out of DICOMweb."""

import mimetypes
import os
import subprocess
import tarfile
import tempfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from mdt.adapters.demo_images import synthetic_chest_ct
from mdt.extensions import db
from mdt.queries.people import find_user
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token
from mdt.services.attachments import add_files
from mdt.services.file_intake import SentFile
from tests.attachment_kit import draft
from tests.conftest import skip_where_lacking
from tests.live_server import LiveServer
from tests.services import Lacking
from tests.world import World

OHIF = "3.13.2"
# What an integrator writes; everything else is as it was published.
CONFIG = """
window.config = {
  routerBasename: '/', extensions: [], modes: [], showStudyList: false,
  defaultDataSourceName: 'dicomweb',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
    sourceName: 'dicomweb',
    configuration: {
      friendlyName: 'case', name: 'case', qidoRoot: '%(root)s', wadoRoot: '%(root)s',
      imageRendering: 'wadors', thumbnailRendering: 'wadors', enableStudyLazyLoad: true,
      qidoSupportsIncludeField: true, supportsFuzzyMatching: false, supportsWildcard: true,
    },
  }],
};
"""
# Grey values of the picture on the screen: a blank or broken one has a handful.
COLOURS = """() => {
  const canvas = document.querySelector('canvas.cornerstone-canvas');
  if (!canvas || !canvas.width) return false;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const found = new Set();
  for (let n = 0; n < pixels.length; n += 4) found.add(pixels[n]);
  return found.size > 60;
}"""


@pytest.fixture(scope="session")
def ohif() -> Path:
    """The viewer, or a reason to do without."""
    with skip_where_lacking():
        return fetched()


def fetched() -> Path:
    """The built viewer, fetched once; it is kept in the machine's folder for temporary files."""
    folder = Path(tempfile.gettempdir()) / f"mdt-ohif-{OHIF}"
    built = folder / "package" / "dist"
    if not (built / "index.html").exists():
        folder.mkdir(exist_ok=True)
        try:
            subprocess.run(
                ["npm", "pack", f"@ohif/app@{OHIF}"], cwd=folder, check=True, timeout=240,
                capture_output=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise Lacking(f"@ohif/app {OHIF} cannot be fetched: {error}") from error
        with tarfile.open(folder / f"ohif-app-{OHIF}.tgz") as archive:
            archive.extractall(folder, filter="data")
    return built


@pytest.fixture
def case(live_server: LiveServer, world: World) -> tuple[str, str, str]:
    """A case with a small CT: its address for DICOMweb, the study's UID, a token."""
    files = synthetic_chest_ct(
        patient_name="演示", patient_id="1", sex="M", birth_date=date(1960, 1, 1),
        study_date=date(2026, 11, 1), seed=7, slices=4, size=128,
    )  # fmt: skip
    with live_server.app.app_context():
        token = create_token(find_user("clinician"), ("dicomweb",), days=1, now=utc_now())
        db.session.commit()
    case_id = draft(live_server.app, world)
    with live_server.app.app_context():
        sent = [SentFile(f"{n}.dcm", BytesIO(one)) for n, one in enumerate(files)]
        add_files(world.viewer("clinician"), case_id, sent, now=utc_now())
    root = f"{live_server.url}/cases/{case_id}/dicom-web"
    return root, token, live_server.url


def test_ohif_shows_a_study(ohif: Path, case: tuple[str, str, str], page: Page) -> None:
    root, token, origin = case
    page.set_extra_http_headers({"Authorization": f"Bearer {token}"})
    study = page.request.get(f"{root}/studies", headers={"Authorization": f"Bearer {token}"})
    uid = study.json()[0]["0020000D"]["Value"][0]

    def static(route: Route) -> None:
        path = route.request.url.removeprefix(origin).split("?")[0].lstrip("/")
        if path.startswith("cases/"):
            route.continue_()
        elif path == "app-config.js":
            route.fulfill(body=CONFIG % {"root": root}, content_type="text/javascript")
        else:
            file = ohif / path
            file = file if path and file.is_file() else ohif / "index.html"
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(body=file.read_bytes(), content_type=kind)

    page.route("**/*", static)
    page.goto(f"{origin}/viewer?StudyInstanceUIDs={uid}")
    page.wait_for_function(COLOURS, timeout=120_000)
    if folder := os.environ.get("MDT_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / "ohif.png")
