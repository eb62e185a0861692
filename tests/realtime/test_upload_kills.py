"""Ten kills in one upload of 500 MB: what arrived is there, and the whole is what was sent."""

import base64
import hashlib
import http.client
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdt.adapters import devices
from mdt.extensions import db
from mdt.models.attachments import Upload
from mdt.queries.people import find_user
from mdt.queries.uploads import open_secret
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token
from tests.attachment_kit import draft, rows
from tests.live_server import LiveServer, running_server
from tests.world import build_world

MEGABYTE = 1_000_000
LENGTH = 500 * MEGABYTE
PART = 64 * 2**20
KILLS = 10


@pytest.fixture
def server(migrated_sqlite: Path, tmp_path: Path) -> Iterator[LiveServer]:
    with running_server(tmp_path / "server", migrated_sqlite) as running:
        yield running


class Sender:
    """A machine that sends one file by the tus protocol, and the hand that kills the server."""

    def __init__(self, server: LiveServer, case_id: int, token: str) -> None:
        self.server = server
        self.headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
        self.chance = random.Random(20261122)  # noqa: S311 -- the same in each run
        self.block = self.chance.randbytes(MEGABYTE)
        self.kill_at = sorted(self.chance.randrange(LENGTH) for _ in range(KILLS))
        name = base64.b64encode(b"disc.zip").decode()
        said = {"Upload-Length": str(LENGTH), "Upload-Metadata": f"filename {name}"}
        self.place = self.ask("POST", f"/cases/{case_id}/uploads", said).headers["Location"]

    def ask(self, method: str, path: str, headers: dict[str, str], body: object = None):
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            line.request(method, path, body, {**self.headers, **headers})
            answer = line.getresponse()
            answer.read()
            return answer
        finally:
            line.close()

    def offset(self) -> int:
        return int(self.ask("HEAD", self.place, {}).headers["Upload-Offset"])

    def bytes_from(self, start: int, end: int) -> Iterator[bytes]:
        """What is sent: the same block again and again, each turned by its place.

        One kill in a part at most: on the dead line more may be written before it breaks.
        """
        alive = True
        while start < end:
            if alive and self.kill_at and start >= self.kill_at[0]:
                self.kill_at.pop(0)
                self.server.kill()
                alive = False
            piece = self.piece(start)[: end - start]
            yield piece
            start += len(piece)

    def piece(self, start: int) -> bytes:
        turn, within = divmod(start, MEGABYTE)
        turned = self.block[turn:] + self.block[:turn]
        return turned[within : within + 256 * 1024]

    def send_part(self, start: int) -> None:
        end = min(LENGTH, start + PART)
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(end - start),
            "Upload-Offset": str(start),
        }
        self.ask("PATCH", self.place, headers, self.bytes_from(start, end))


def test_ten_kills_in_one_upload(server: LiveServer) -> None:
    with server.app.app_context():
        world = build_world()
        doctor = find_user("clinician")
        assert doctor is not None
        token = create_token(doctor, ("cases",), days=1, now=utc_now())
        db.session.commit()
    sender = Sender(server, draft(server.app, world), token)
    killed_after = []
    while (offset := sender.offset()) < LENGTH:
        try:
            sender.send_part(offset)
        except (http.client.HTTPException, OSError):
            killed_after.append(offset)
            server.start()
    assert (len(killed_after), sender.kill_at) == (KILLS, [])
    assert killed_after == sorted(killed_after)

    sent = hashlib.sha256()
    for start in range(0, LENGTH, MEGABYTE):
        turn = start // MEGABYTE
        sent.update(sender.block[turn:] + sender.block[:turn])
    (upload,) = rows(server.app, Upload)
    with (
        server.app.app_context(),
        devices.parts().whole(upload.id, open_secret(upload).key) as whole,
    ):
        arrived = hashlib.file_digest(whole, "sha256")
    assert arrived.hexdigest() == sent.hexdigest()
