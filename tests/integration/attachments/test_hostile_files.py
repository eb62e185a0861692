"""Damaged and hostile files on a real server: each is answered, and the server stays as it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mdt.services.attachments import KEPT
from tests.attachment_kit import ct
from tests.live_server import LiveServer, running_server
from tests.mutations import mutated, whole_files
from tests.samples import sample
from tests.sending import Machine, machine
from tests.server_memory import watched

MOST_MORE = 150_000_000
MUTATED = 60
TOGETHER = 20


@pytest.fixture(scope="module")
def server(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with running_server(tmp_path_factory.mktemp("hostile"), migrated_sqlite, cold=True) as running:
        yield running


@pytest.fixture(scope="module")
def sender(server: LiveServer) -> Machine:
    """A machine that has sent its first file: what that loads is no part of what is measured."""
    made = machine(server.app, server.url)
    assert [one["code"] for one in made.send_together(ct(1, series=9))] == ["taken"]
    return made


def check_answered(sent: list[tuple[str, bytes]], results: list[dict[str, Any]]) -> None:
    assert [one["name"] for one in results] == [name for name, _ in sent]
    for one in results:
        assert one["ok"] == (one["code"] in KEPT)
        # The general sentence of a code without words holds the code itself.
        assert one["ok"] or (one["message"] and one["code"] not in one["message"]), one


def check_unharmed(server: LiveServer, sender: Machine, series: int) -> None:
    assert requests.get(f"{server.url}/healthz", timeout=10).status_code == 200
    assert [one["code"] for one in sender.send_together(ct(1, series=series))] == ["taken"]


def test_malformed_files_are_taken_or_refused_with_a_reason(
    server: LiveServer, sender: Machine
) -> None:
    files = sorted(sample("dicom/malformed").iterdir())
    with watched(server.pid) as memory:
        rest = memory.server
        for path in files:
            sent = [(path.name, path.read_bytes())]
            check_answered(sent, sender.send_together(sent))
    assert memory.most_server - rest < MOST_MORE
    check_unharmed(server, sender, series=10)


def test_mutated_files_are_taken_or_refused_with_a_reason(
    server: LiveServer, sender: Machine
) -> None:
    files = list(mutated(whole_files(), MUTATED, seed=20261122))
    with watched(server.pid) as memory:
        rest = memory.server
        for start in range(0, MUTATED, TOGETHER):
            sent = files[start : start + TOGETHER]
            check_answered(sent, sender.send_together(sent))
    assert memory.most_server - rest < MOST_MORE
    check_unharmed(server, sender, series=11)
