"""The usual Python client, unmodified, against the real server."""

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import imagecodecs
import numpy as np
import pytest
from dicomweb_client.api import DICOMwebClient
from dicomweb_client.session_utils import create_session
from PIL import Image
from pydicom import dcmread
from requests import HTTPError

from mdt.extensions import db
from mdt.queries.people import find_user
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token
from tests.attachment_kit import ct, draft
from tests.live_server import LiveServer, running_server
from tests.world import build_world


@pytest.fixture(scope="module")
def server(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("dicomweb") / "server"
    with running_server(folder, migrated_sqlite) as running:
        yield running


@pytest.fixture(scope="module")
def clients(server: LiveServer) -> dict[str, DICOMwebClient]:
    """Clients of two hospitals' doctors for a case of the first."""
    with server.app.app_context():
        world = build_world()
        people = {name: find_user(name) for name in ("clinician", "clinician2")}
        tokens = {
            name: create_token(user, ("dicomweb",), days=1, now=utc_now())
            for name, user in people.items()
        }
        db.session.commit()
    url = f"{server.url}/cases/{draft(server.app, world)}/dicom-web"
    found = {}
    for name, token in tokens.items():
        session = create_session()
        session.headers["Authorization"] = f"Bearer {token}"
        found[name] = DICOMwebClient(url, session=session)
    return found


def test_the_client_stores_finds_and_retrieves(clients: dict[str, DICOMwebClient]) -> None:
    client = clients["clinician"]
    sent = [dcmread(io.BytesIO(data)) for _, data in ct(3)]
    answer = client.store_instances(sent)
    assert [one.ReferencedSOPInstanceUID for one in answer.ReferencedSOPSequence] == [
        one.SOPInstanceUID for one in sent
    ]
    (study,), (series,) = client.search_for_studies(), client.search_for_series()
    uids = study["0020000D"]["Value"][0], series["0020000E"]["Value"][0]
    found = client.search_for_instances(*uids, search_filters={"InstanceNumber": 2})
    place = (*uids, found[0]["00080018"]["Value"][0])

    file = client.retrieve_instance(*place)
    assert file.pixel_array.tobytes() == sent[1].pixel_array.tobytes()
    metadata = client.retrieve_series_metadata(*uids)
    assert [one["00200013"]["Value"] for one in metadata] == [[1], [2], [3]]
    assert client.retrieve_instance_metadata(*place) == metadata[1]

    plain = (("application/octet-stream", "1.2.840.10008.1.2.1"),)
    (frame,) = client.retrieve_instance_frames(*place, [1], media_types=plain)
    assert np.frombuffer(frame, "<u2").tolist() == list(range(16))
    # The client names its host without the port, so that addresses made of it have none either.
    path = urlsplit(metadata[1]["7FE00010"]["BulkDataURI"]).path
    (bulk,) = client.retrieve_bulkdata(urljoin(client.base_url, path))
    assert imagecodecs.htj2k_decode(bulk).ravel().tolist() == list(range(16))

    picture = client.retrieve_instance_rendered(
        *place, media_types=("image/png",), params={"viewport": "8,8"}
    )
    with Image.open(io.BytesIO(picture)) as drawn:
        assert drawn.size == (8, 8)
    assert [one.SOPInstanceUID for one in client.retrieve_series(*uids)] == [
        one["00080018"]["Value"][0] for one in metadata
    ]

    with pytest.raises(HTTPError, match="404"):
        clients["clinician2"].retrieve_instance_metadata(*place)
