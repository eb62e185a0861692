"""The board of `tests.board` on a real server, with images, for browsers and sockets."""

import io
from dataclasses import dataclass
from datetime import date

from mdt.adapters.demo_images import synthetic_chest_ct
from mdt.rules.calendar import utc_now
from mdt.services.attachments import add_files
from mdt.services.file_intake import SentFile
from tests.board import Board, build_board
from tests.live_server import LiveServer
from tests.world import World, build_world

SLICES = 12


@dataclass(frozen=True)
class LiveBoard:
    """A server with the board's people, cases and conference."""

    server: LiveServer
    world: World
    board: Board

    @property
    def room_url(self) -> str:
        """Address of the live room."""
        return f"{self.server.url}/conferences/{self.board.conference}/live"


def set_up(server: LiveServer, *, images: bool = False) -> LiveBoard:
    """Make people, cases and a scheduled conference; case A gets a small CT where asked."""
    with server.app.app_context():
        world = build_world()
    return another(server, world, 1, images=images)


def another(server: LiveServer, world: World, number: int, *, images: bool = False) -> LiveBoard:
    """Make one more board (2 to 9) for the same people."""
    with server.app.app_context():
        board = build_board(world, number=number)
        if images:
            _attach_ct(world, board.cases["A"])
    return LiveBoard(server, world, board)


def _attach_ct(world: World, case_id: int) -> None:
    now = utc_now()
    slices = synthetic_chest_ct(
        patient_name="张三丰", patient_id="MRN-1", sex="M", birth_date=date(1962, 3, 5),
        study_date=date(2026, 11, 5), seed=1, slices=SLICES, size=256,
    )  # fmt: skip
    files = [
        SentFile(f"{number:03d}.dcm", io.BytesIO(data))
        for number, data in enumerate(slices, start=1)
    ]
    results = add_files(world.viewer("clinician", now=now), case_id, files, now=now)
    assert {one.code for one in results} == {"taken"}
