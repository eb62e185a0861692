"""What the front end's build made, as browsers get it."""

import gzip
import json
from pathlib import Path

import mdt

BUILD = Path(mdt.__file__).parent / "static" / "build"


def test_they_are_sent_packed_to_who_takes_that(app):
    manifest = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    client = app.test_client()
    for entry in ("main.js", "viewer/index.js"):
        url = f"/static/build/{manifest[entry]['file']}"
        with client.get(url) as plain:
            assert "Content-Encoding" not in plain.headers
            text = plain.data
        with client.get(url, headers={"Accept-Encoding": "gzip"}) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert "Accept-Encoding" in packed.headers["Vary"]
            assert gzip.decompress(packed.data) == text


def test_a_page_names_what_its_scripts_import(app):
    """Each file once, so that a browser need not read one to learn of the next."""
    manifest = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    page = app.test_client().get("/sign-in").text
    wanted, seen = ["main.js"], []
    while wanted:
        key = wanted.pop(0)
        if key not in seen:
            seen.append(key)
            wanted += manifest[key].get("imports", ())
    assert len(seen) > 1
    for key in seen:
        assert page.count(f'="/static/build/{manifest[key]["file"]}"') == 1
