"""A code on a doctor's screen, and phones that nobody is signed in at."""

import base64
import itertools
import re
from dataclasses import dataclass
from typing import Any

from flask import Flask

from tests.fixtures_app import Browser

KEY = "a" * 64
JSON = {"Accept": "application/json"}
#: What a phone says of itself.
ANDROID = "Mozilla/5.0 (Linux; Android 9) Chrome/90.0.4430.91 Mobile Safari/537.36 MicroMessenger/8"
_PHONES = itertools.count(1)


@dataclass(frozen=True)
class Code:
    """What stands on the doctor's screen: the link's number and the token in the code."""

    link: int
    token: str
    address: str
    panel: str


class Phone:
    """A phone's browser, in which nobody is signed in."""

    def __init__(self, app: Flask, case_id: int = 0) -> None:
        self.browser = Browser(app)
        self.client = self.browser.client
        # Each with an address of its own: the brake on guesses is by address.
        number = next(_PHONES)
        self.address = f"198.51.{number // 250}.{number % 250}"
        self.client.environ_base |= {"HTTP_USER_AGENT": ANDROID, "REMOTE_ADDR": self.address}
        self.browser.token = Browser.find_token(self.client.get("/phone/open").text)
        self.case_id = case_id

    def scan(self, code: Code, key: str = KEY) -> Any:
        """Open what the code says, as its page's script does."""
        return self.browser.post_json("/phone/open", {"token": code.token, "key": key})

    def ask(self, method: str, path: str, headers: Any = None, data: Any = b"") -> Any:
        token = {"X-CSRFToken": self.browser.token, "Tus-Resumable": "1.0.0", **JSON}
        return self.client.open(
            path, method=method, headers={**token, **(headers or {})}, data=data
        )

    def begin(self, data: bytes, name: str = "手机照片-1.jpg", **said: str) -> Any:
        """Begin to send a photograph, with all of its bytes."""
        words = {"filename": name, **said}
        pairs = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in words.items())
        headers = {
            "Upload-Length": str(len(data)),
            "Upload-Metadata": pairs,
            "Content-Type": "application/offset+octet-stream",
        }
        return self.ask("POST", f"/phone/cases/{self.case_id}/uploads", headers, data)

    def take(self, upload: str, kind: str = "pathology_report") -> Any:
        return self.ask(
            "POST",
            f"/phone/cases/{self.case_id}/photographs",
            data={"upload": upload, "kind": kind},
        )

    def send(
        self, data: bytes, kind: str = "pathology_report", name: str = "手机照片-1.jpg"
    ) -> Any:
        """Send a photograph and have it taken."""
        begun = self.begin(data, name)
        assert begun.status_code == 201, begun.text
        return self.take(begun.headers["Location"].rsplit("/", 1)[1], kind)

    def is_let_in(self) -> bool:
        """Whether the page for photographs opens, and its doors."""
        page = self.client.get("/phone")
        state = self.ask("GET", f"/phone/cases/{self.case_id}/state.json")
        assert page.status_code == state.status_code, (page.status_code, state.status_code)
        return page.status_code == 200


def make_code(doctor: Browser, case_id: int) -> Code:
    """Press the button on the files' page and read the panel."""
    headers = {"X-CSRFToken": doctor.token, **JSON}
    answer = doctor.client.post(f"/cases/{case_id}/phone", headers=headers)
    assert answer.status_code == 200, answer.text
    panel = answer.json["html"]
    address = re.search(r'<code id="phone-address">([^<]+)</code>', panel)[1]
    link = int(re.search(rf"/cases/{case_id}/phone/(\d+)\.json", panel)[1])
    return Code(link, address.partition("#")[2], address, panel)
