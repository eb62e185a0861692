"""A form as a page holds it, for tests that press its button."""

import re
from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self.open: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = self.found.setdefault(given.get("action", ""), {})
        elif tag == "input" and self.open is not None and given.get("type") == "hidden":
            self.open.setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Hidden fields of the form with this address; of two with one name the first."""
    forms = _Forms()
    forms.feed(page)
    return forms.found[action]


def press(browser: Any, path: str, action: str, **fields: Any) -> Any:
    """Open a page and send its form with what a person fills in."""
    hidden = hidden_fields(browser.get(path).text, action)
    return browser.client.post(action, data={**hidden, **fields})


def cells_in(page: str) -> dict[str, str]:
    """What stands in the fields of a page with one form: text, hidden, chosen."""
    found = dict(
        re.findall(r'<input[^>]*name="(\w+)"[^>]*type="(?:text|hidden)" value="([^"]*)"', page)
    )
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found[name] = "".join(re.findall(r'<option selected value="([^"]*)"', body))
    for tag in re.findall(r'<input[^>]*type="radio"[^>]*>', page):
        if " checked" in tag:
            found[re.search(r'name="(\w+)"', tag)[1]] = re.search(r'value="([^"]*)"', tag)[1]
    found.pop("csrf_token", None)
    return found
