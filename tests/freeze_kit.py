"""Closing a period through the page, and reading what changed since."""

import re
from urllib.parse import urlencode

from mdt.extensions import db
from mdt.models.coverage import CoverageFreeze
from mdt.queries import scope
from tests.world import PASSWORD

NEW = "/reports/freezes/new"
QUARTER = "2026-07-01_2026-09-30"
DAY = {"diagnosis_date": "2026-08-03"}
PROVINCE = {"scope": "region:360000", "period": QUARTER, "definition": "strict"}


def looked_at(person, **changes):
    """What the page to close by sends along: the figures that it shows."""
    page = person.get(f"{NEW}?{urlencode({**PROVINCE, **changes})}").text
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def close(person, password=PASSWORD, seen=None, **changes):
    asked = {name: changes[name] for name in PROVINCE if name in changes}
    sent = {"after_revision": "0", "password": password, **changes}
    return person.post(NEW, **{**PROVINCE, "seen": seen or looked_at(person, **asked), **sent})


def closed(person, **changes):
    """Close the quarter; gives the address of the freeze."""
    answer = close(person, **changes)
    assert answer.status_code == 302, answer.text
    return answer.location


def sums(page):
    """The table of sums: by line, the figures by their words."""
    table = page.split("<caption>")[1].split("</table>")[0]
    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", table)[1:]
    found = {}
    for part in table.split('data-sum="')[1:]:
        cells = re.findall(r"<td[^>]*>(.*?)</td>", part.split("</tr>")[0], re.DOTALL)
        numbers = [re.sub(r"<[^>]+>|,", "", cell).strip() for cell in cells][-len(heads) :]
        found[part.split('"')[0]] = {
            head: int(number.replace("—", "0")) for head, number in zip(heads, numbers, strict=True)
        }
    return found


def check_sums(page):
    found = sums(page)
    for head, number in found["now"].items():
        parts = [line[head] for name, line in found.items() if name != "now"]
        assert sum(parts) == number, head
    return found


def reasons(page):
    """The reason of each row of the list, by the number of the row."""
    return {
        int(re.search(r"(?:/registry/|>)(\d+)", part)[1]): part.split('"')[0]
        for part in page.split('data-change="')[1:]
    }


def stored(app):
    with app.app_context():
        statement = db.select(CoverageFreeze).order_by(CoverageFreeze.id)
        return list(db.session.scalars(scope.unscoped(statement, because="a test looks at it")))
