"""The way of a register file through its pages, for tests that take it there."""

import io
import re
from typing import Any

_SELECT = re.compile(r'<select[^>]* name="(columns-\d+)".*?</select>', re.DOTALL)
_CHOSEN = re.compile(r'<option value="(\w*)" selected>')
_HEADING = re.compile(r'<td id="heading-\d+">(.*?)</td>')


def upload(browser: Any, content: bytes, name: str = "register.csv") -> Any:
    """Send a file through the page."""
    return browser.post("/registry/import", file=(io.BytesIO(content), name))


def shown_columns(page: str) -> dict[str, str]:
    """The column that is chosen for each heading, as the page asks about them."""
    chosen = [_CHOSEN.search(found[0]) for found in _SELECT.finditer(page)]
    columns = [one[1] if one else "" for one in chosen]
    return dict(zip(_HEADING.findall(page), columns, strict=True))


def confirm(browser: Any, path: str, **changes: str) -> Any:
    """Confirm the columns as guessed, but for the headings named in ``changes``."""
    columns = shown_columns(browser.get(path).text) | changes
    fields = {f"columns-{at}": column for at, column in enumerate(columns.values())}
    return browser.post(f"{path}/columns", **fields)


def read_through(browser: Any, content: bytes) -> str:
    """Upload a file, confirm what was guessed and have it read in; gives its address."""
    path: str = upload(browser, content).location
    if shown_columns(browser.get(path).text):
        confirm(browser, path)
    browser.post(f"{path}/begin")
    return path
