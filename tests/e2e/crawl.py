"""Open every page that a person can reach by links, and note what is wrong with it."""

import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

#: Pages of one kind that are opened at most; numbers in addresses make no new kind.
OF_EACH_KIND = 1
#: Links that leave the page's world: downloads, and what ends the session.
NOT_PAGES = re.compile(r"(\.(pdf|ics|csv|xlsx|json|jpg|png|zip)$)|/original$|/sign-out|/language/")

_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"


@dataclass
class Findings:
    """What a crawl came upon: pages opened, and faults by page."""

    opened: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)


def kind_of(path: str) -> str:
    """The page's kind: its path with numbers and codes taken out."""
    return re.sub(r"/(\d+|[0-9A-Z]{4}(-[0-9A-Z]{4})+)(?=/|$)", "/<n>", urlsplit(path).path)


def crawl(
    page: Page, base: str, *, start: str = "/", look: Callable[[str], None] | None = None
) -> Findings:
    """Follow links from ``start``; ``look`` is called on each open page with its kind."""
    found = Findings()
    _watch(page, found)
    waiting, seen, kinds = deque([start]), {start}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        kind = kind_of(path)
        if kinds[kind] >= OF_EACH_KIND:
            continue
        kinds[kind] += 1
        answer = page.goto(base + path, wait_until="load")
        status = answer.status if answer else 0
        found.opened.append(path)
        if status >= 400:
            found.faults.append((path, f"answers {status}"))
            continue
        if page.evaluate(_WIDER) > 0:
            found.faults.append((path, f"is {page.evaluate(_WIDER)} px wider than the window"))
        _settle(page)
        if look:
            look(kind)
        for link in page.evaluate(_LINKS):
            target = _own_path(link, base, path)
            if target and target not in seen:
                seen.add(target)
                waiting.append(target)
    return found


def _settle(page: Page) -> None:
    """Wait until a room is joined and shows its pictures: links and faults come with them."""
    if page.locator("[data-line]").count():
        expect(page.locator("[data-line]")).to_have_attribute(
            "data-line", re.compile("good|fair|poor"), timeout=30_000
        )
        page.wait_for_load_state("networkidle")


def _watch(page: Page, found: Findings) -> None:
    page.on("pageerror", lambda error: found.faults.append((page.url, f"script: {error}")))
    page.on(
        "console",
        lambda message: (
            found.faults.append((page.url, message.text)) if message.type == "error" else None
        ),
    )


def _own_path(link: str, base: str, here: str) -> str | None:
    parts = urlsplit(link)
    if parts.scheme not in {"", "http", "https"} or (parts.netloc and not link.startswith(base)):
        return None
    path = parts.path or urlsplit(here).path
    if not path.startswith("/") or NOT_PAGES.search(path):
        return None
    return path + (f"?{parts.query}" if parts.query else "")
