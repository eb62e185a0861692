"""Every page as everybody sees it: headers, nothing changed by looking, nothing left unescaped."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import MetaData

from mdt.extensions import db
from tests.integration.security.stage import (
    LIVE_CANARY,
    PEOPLE,
    Stage,
    counties_of,
    rules_of,
)
from tests.integration.security.test_access_matrix import outcome, read_matrix

#: Looking may write these: the trail, and when a session was last seen.
WRITTEN_BY_LOOKING = frozenset({"audit_row", "audit_batch", "sign_in_session"})
#: The same for everybody, whoever the patient.
CODE_LISTS = ("/codes/",)
PATIENT = ("张三丰", "369921196203050015")


class Seen:
    """One answer, as it was."""

    def __init__(self, person: str, url: str, answer: Any) -> None:
        self.person, self.url = person, url
        self.status: int = answer.status_code
        self.headers = answer.headers
        self.kind: str = answer.mimetype
        self.text: str = answer.text if self.kind.startswith(("text/", "application/json")) else ""

    def __repr__(self) -> str:
        return f"{self.person} {self.url} {self.status}"


def digest(stage: Stage) -> dict[str, str]:
    """A hash of each table's rows, by name."""
    with stage.app.app_context():
        tables = MetaData()
        tables.reflect(db.engine)
        found = {
            table.name: hashlib.sha256(
                repr(sorted(map(repr, db.session.execute(db.select(table))))).encode()
            ).hexdigest()
            for table in tables.sorted_tables
        }
        db.session.remove()
    return found


def doors(stage: Stage) -> Iterator[tuple[str, str]]:
    """Who is let in where by GET, after the reviewed matrix; both languages in turn."""
    matrix = read_matrix()
    for method, rule in rules_of(stage.app):
        for county in counties_of(rule):
            line = matrix.get((method, rule.rule, county), {})
            if method == "GET" and rule.endpoint != "accounts.choose_language":
                url = stage.url(rule, county)
                yield from ((person, url) for person in PEOPLE if line.get(person) == "in")


@pytest.fixture(scope="module")
def before_and_after(stage: Stage) -> dict[str, Any]:
    """Look at everything once."""
    before = digest(stage)
    seen = [Seen(who, url, stage.client(who).get(url)) for who, url in doors(stage)]
    return {"before": before, "after": digest(stage), "seen": seen}


@pytest.fixture(scope="module")
def seen(before_and_after) -> list[Seen]:
    return before_and_after["seen"]


@pytest.fixture(scope="module")
def errors(stage: Stage) -> list[Seen]:
    """Answers that are no pages: not signed in, refused, not found, no such method, no token."""
    clinician, nobody = stage.client("clinician"), stage.client("nobody")
    return [
        Seen("nobody", "/cases", nobody.get("/cases")),
        Seen("nobody", "/cases.json", nobody.get("/cases.json")),
        Seen("clinician", "/admin", clinician.get("/admin")),
        Seen("clinician", "/cases/999999", clinician.get("/cases/999999")),
        Seen("clinician", "/no/such", clinician.get("/no/such")),
        Seen("clinician", "/sign-out", clinician.get("/sign-out")),
        Seen("clinician", "/cases/new", clinician.post("/cases/new")),
        Seen("clinician", "/no.json", clinician.get("/no.json")),
    ]


def test_error_pages_are_what_they_should_be(errors):
    assert [one.status for one in errors] == [302, 401, 403, 404, 404, 405, 400, 404]


def test_everybody_got_what_the_matrix_says(seen):
    assert [one for one in seen if outcome_of(one) != "in"] == []
    assert len(seen) > 300


def outcome_of(one: Seen) -> str:
    class Answer:
        status_code = one.status

    return outcome(Answer)


def test_looking_changes_nothing_but_the_trail(before_and_after):
    before, after = before_and_after["before"], before_and_after["after"]
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= WRITTEN_BY_LOOKING


def test_every_answer_carries_the_headers(seen, errors):
    for one in [*seen, *errors]:
        headers = one.headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe-inline" not in re.sub(r"style-src[^;]*", "", policy), one
        assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", ""), one
        assert headers["X-Content-Type-Options"] == "nosniff", one
        assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, one
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", one
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", one
        assert headers["Permissions-Policy"] == "camera=(self), microphone=(self)", one
        assert "Strict-Transport-Security" not in headers, one
        if one.kind == "text/html":
            for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
                assert part in policy, one


def test_nothing_of_a_patient_is_stored_by_a_browser(seen, errors):
    for one in [*seen, *errors]:
        kept = one.headers["Cache-Control"]
        if one.url.startswith(CODE_LISTS):
            continue
        # A drawn image and a served object, which names nobody, never change under their address
        # and may stay for the session, privately.
        lasting = one.kind.startswith("image/") or "/dicom-web/studies/" in one.url
        assert kept == "no-store" or ("private" in kept and lasting), one


def test_no_text_that_people_write_becomes_markup(seen, errors):
    pages = [one for one in [*seen, *errors] if one.kind == "text/html"]
    assert [one for one in pages if LIVE_CANARY.search(one.text)] == []
    assert len([one for one in pages if "&lt;script&gt;" in one.text]) > 100


def test_json_is_only_ever_json(seen):
    answers = [one for one in seen if one.kind == "application/json"]
    for one in answers:
        json.loads(one.text)
    assert {one.url.split("?")[0].rsplit(".")[-1] for one in answers} >= {"json"}


def test_no_name_stands_in_an_address_a_title_or_a_file_name(seen):
    for one in seen:
        title = re.search(r"<title>(.*?)</title>", one.text, re.DOTALL)
        places = [one.url, one.headers.get("Content-Disposition", ""), title[1] if title else ""]
        for text in (*PATIENT, "script&gt;"):
            assert [place for place in places if text in place and "/case" in one.url] == [], one


def test_pages_run_no_script_or_style_of_their_own(seen, errors):
    for one in [*seen, *errors]:
        if one.kind != "text/html":
            continue
        for tag in re.findall(r"<script\b[^>]*>", one.text):
            assert "src=" in tag or 'type="application/json"' in tag, one
        assert re.search(r"<style\b", one.text) is None, one
        assert re.search(r"<[a-z][^>]*\s(?:style|on[a-z]+)=", _outside_quotes(one.text)) is None, (
            one
        )


def _outside_quotes(page: str) -> str:
    """The page with the contents of attributes taken out, where a text may say anything."""
    return re.sub(r'="[^"]*"', '=""', re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL))
