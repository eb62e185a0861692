"""A machine that sends files into a case of a real server, by the tus protocol and then taken."""

import base64
from dataclasses import dataclass
from typing import Any, BinaryIO

import requests
from flask import Flask

from mdt.extensions import db
from mdt.queries.people import find_user
from mdt.rules.calendar import utc_now
from mdt.services.accounts import create_token
from tests.attachment_kit import draft
from tests.world import build_world

PART = 8 * 1024 * 1024
PATIENCE = 1800  # seconds for one answer: thousands of slices are taken in one request


@dataclass(frozen=True)
class Machine:
    """A token's owner at a server's address, and the case that files go into."""

    url: str
    token: str
    case_id: int

    def send(self, name: str, file: BinaryIO, length: int) -> list[dict[str, Any]]:
        """Send a file in parts and take it; gives what became of it."""
        return self.take(self.send_parts(name, file, length))

    def send_parts(self, name: str, file: BinaryIO, length: int) -> str:
        """Send a file in parts; gives the upload's address."""
        said = f"filename {base64.b64encode(name.encode()).decode()}"
        begun = self._ask(
            "POST", f"/cases/{self.case_id}/uploads",
            headers={"Upload-Length": str(length), "Upload-Metadata": said},
        )  # fmt: skip
        place = begun.headers["Location"]
        for offset in range(0, length, PART):
            headers = {
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
            }
            self._ask("PATCH", place, headers=headers, data=file.read(PART))
        return place

    def take(self, place: str) -> list[dict[str, Any]]:
        """Take an upload that is whole; gives what became of it."""
        answer = self._ask(
            "POST", f"/cases/{self.case_id}/attachments",
            data={"upload": place.rsplit("/", 1)[1]},
        )  # fmt: skip
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def send_together(self, files: list[tuple[str, bytes]]) -> list[dict[str, Any]]:
        """Send small files in one request; gives what became of each."""
        answer = self._ask(
            "POST", f"/cases/{self.case_id}/attachments",
            files=[("files", one) for one in files],
        )  # fmt: skip
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def _ask(self, method: str, path: str, **content: Any) -> requests.Response:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Tus-Resumable": "1.0.0",
            "Accept": "application/json",
            **content.pop("headers", {}),
        }
        answer = requests.request(
            method, f"{self.url}{path}", headers=headers, timeout=PATIENCE, **content
        )
        answer.raise_for_status()
        return answer


def machine(app: Flask, url: str) -> Machine:
    """A machine and its case, in a small world that is made for it."""
    (made,) = machines(app, url, 1)
    return made


def machines(app: Flask, url: str, cases: int) -> list[Machine]:
    """Make a small world in which the clinician of county A has a token, and so many cases."""
    with app.app_context():
        world = build_world()
        doctor = find_user("clinician")
        if doctor is None:
            raise LookupError("clinician")
        token = create_token(doctor, ("cases",), days=1, now=utc_now())
        db.session.commit()
    numbers = [draft(app, world, number=f"MDT2026-{place:06d}") for place in range(1, cases + 1)]
    return [Machine(url, token, number) for number in numbers]
