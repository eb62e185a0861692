"""Open every page that a person can reach by links, and note what is wrong with it."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, expect

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
    with _watched(page, found):
        waiting, seen, kinds = deque([start]), {start}, Counter[str]()
        while waiting:
            path = waiting.popleft()
            kinds[kind_of(path)] += 1
            if kinds[kind_of(path)] > OF_EACH_KIND or not _visit(page, base, path, found, look):
                continue
            for link in page.evaluate(_LINKS):
                target = _own_path(link, base, path)
                if target and target not in seen:
                    seen.add(target)
                    waiting.append(target)
    return found


def open_each(
    page: Page, base: str, paths: Iterable[str], *, look: Callable[[str], None] | None = None
) -> Findings:
    """Open these pages and no others."""
    found = Findings()
    with _watched(page, found):
        for path in paths:
            _visit(page, base, path, found, look)
    return found


def _visit(
    page: Page, base: str, path: str, found: Findings, look: Callable[[str], None] | None
) -> bool:
    """Open a page and note its faults; false where it does not open."""
    answer = page.goto(base + path, wait_until="load")
    status = answer.status if answer else 0
    found.opened.append(path)
    if status >= 400:
        found.faults.append((path, f"answers {status}"))
        return False
    if page.evaluate(_WIDER) > 0:
        found.faults.append((path, f"is {page.evaluate(_WIDER)} px wider than the window"))
    _settle(page)
    if look:
        look(kind_of(path))
    return True


def _settle(page: Page) -> None:
    """Wait until a room is joined and shows its pictures: links and faults come with them."""
    if page.locator("[data-line]").count():
        expect(page.locator("[data-line]")).to_have_attribute(
            "data-line", re.compile("good|fair|poor"), timeout=30_000
        )
        page.wait_for_load_state("networkidle")


@contextmanager
def _watched(page: Page, found: Findings) -> Iterator[None]:
    def script(error: Error) -> None:
        found.faults.append((page.url, f"script: {error}"))

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.faults.append((page.url, message.text))

    page.on("pageerror", script)
    page.on("console", console)
    yield
    page.remove_listener("pageerror", script)
    page.remove_listener("console", console)


def _own_path(link: str, base: str, here: str) -> str | None:
    parts = urlsplit(link)
    if parts.scheme not in {"", "http", "https"} or (parts.netloc and not link.startswith(base)):
        return None
    path = parts.path or urlsplit(here).path
    if not path.startswith("/") or NOT_PAGES.search(path):
        return None
    return path + (f"?{parts.query}" if parts.query else "")
