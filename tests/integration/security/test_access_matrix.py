"""Role x address x county: the reviewed file against what the doors answer.

``MDT_ACCESS_MATRIX=write pytest tests/integration/security/test_access_matrix.py`` adds the lines
that are missing with what was seen, to be reviewed like any other change.

A cell says what a bare request gets: ``in`` (let through; an unsafe request without its fields is
then refused for its content), ``sign-in``, ``403`` or ``404``. Lines of county ``B`` name a thing
of the other county: people of county A's hospital get 404 there.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mdt.web.guards import PUBLIC
from tests.integration.security.stage import PEOPLE, Stage, counties_of, rules_of

FILE = Path(__file__).with_name("access_matrix.csv")
KEY = ("method", "rule", "county")
Line = dict[str, str]


def outcome(answer: Any) -> str:
    """The class of an answer."""
    if answer.status_code in {403, 404}:
        return str(answer.status_code)
    if answer.status_code == 401:
        return "sign-in"
    if answer.status_code >= 500:
        return f"broken ({answer.status_code})"
    return "in"


def observe(stage: Stage) -> Iterator[Line]:
    """Ask at every door as everybody; what let somebody act is put back."""
    for method, rule in rules_of(stage.app):
        for county in counties_of(rule):
            url = stage.url(rule, county)
            line = {"method": method, "rule": rule.rule, "county": county}
            for person in PEOPLE:
                line[person] = _ask(stage, person, method, url)
            yield line


def _ask(stage: Stage, person: str, method: str, url: str) -> str:
    found = outcome(stage.ask(person, method, url))
    if method != "GET" and found == "in":
        with stage.put_back():
            pass
    return found


def read_matrix() -> dict[tuple[str, ...], Line]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {tuple(row[name] for name in KEY): row for row in csv.DictReader(file)}


def write_matrix(lines: list[Line]) -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*KEY, *PEOPLE], lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            sorted(lines, key=lambda line: (line["rule"], line["method"], line["county"]))
        )


@pytest.fixture(scope="module")
def seen(stage: Stage) -> dict[tuple[str, ...], Line]:
    return {tuple(line[name] for name in KEY): line for line in observe(stage)}


@pytest.fixture(scope="module")
def matrix(seen) -> dict[tuple[str, ...], Line]:
    """The file; with what was seen added where that was asked for."""
    lines = read_matrix() if FILE.exists() else {}
    if os.environ.get("MDT_ACCESS_MATRIX") == "write":
        write_matrix([lines.get(key, line) for key, line in seen.items()])
        lines = read_matrix()
    return lines


def test_every_door_stands_in_the_matrix(matrix, seen):
    missing = [",".join(line.values()) for key, line in seen.items() if key not in matrix]
    assert missing == [], "review these lines and add them:\n" + "\n".join(missing)


def test_no_line_names_a_door_that_is_gone(matrix, seen):
    assert set(matrix) - set(seen) == set()


def test_every_cell_is_as_reviewed(matrix, seen):
    different = [
        f"{' '.join(key)}: {person} gets {line[person]}, reviewed is {matrix[key][person]}"
        for key, line in seen.items()
        if key in matrix
        for person in PEOPLE
        if line[person] != matrix[key][person]
    ]
    assert different == []


def test_strangers_come_through_public_doors_alone(stage, matrix):
    views = {rule.rule: stage.app.view_functions[rule.endpoint] for _, rule in rules_of(stage.app)}
    through = {rule for (_, rule, _), line in matrix.items() if line["nobody"] == "in"}
    assert through == {rule for rule, view in views.items() if view.mdt_policy == PUBLIC}


def test_people_of_one_county_never_reach_the_other(matrix):
    """Nor may they learn that it is there: 404, or 403 at a door that their role never opens.

    At the doors of a phone that was let in by a code, whoever is signed in is nobody.
    """
    reached = [
        f"{method} {rule}: {person}"
        for (method, rule, county), line in matrix.items()
        if county == "B"
        for person in ("clinician", "approver", "quality_elsewhere")
        if line[person] not in ({"sign-in"} if rule.startswith("/phone/") else {"403", "404"})
    ]
    assert reached == []


def test_administrators_open_nothing_clinical(matrix):
    own = ("/admin", "/audit", "/account", "/sign-out", "/notices", "/codes", "/staging")
    clinical = [
        f"{method} {rule}: {person}"
        for (method, rule, _), line in matrix.items()
        for person in ("system", "security", "audit")
        if line[person] == "in" and line["nobody"] != "in"
        if rule != "/" and not rule.startswith(own)
    ]
    assert clinical == []


def test_nothing_breaks(matrix):
    assert [key for key, line in matrix.items() if "broken" in "".join(line.values())] == []
