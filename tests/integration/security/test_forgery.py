"""A request that another site makes a browser send changes nothing."""

import pytest

from tests.integration.security.stage import PEOPLE, Stage, counties_of, rules_of
from tests.integration.security.test_access_matrix import read_matrix
from tests.integration.security.test_pages import WRITTEN_BY_LOOKING, digest


@pytest.fixture(scope="module")
def answers(stage: Stage):
    """Every unsafe request that somebody may make, sent without a token and with a wrong one."""
    before, matrix, found = digest(stage), read_matrix(), []
    for method, rule in rules_of(stage.app):
        line = matrix.get((method, rule.rule, "A"), {})
        person = next((one for one in PEOPLE if line.get(one) == "in"), None)
        if method == "GET" or person is None:
            continue
        url = stage.url(rule, counties_of(rule)[0])
        for headers in ({}, {"X-CSRFToken": "forged"}):
            for body in ({"data": {"a": "b"}}, {"json": {"fields": {}}}):
                answer = stage.client(person).open(url, method=method, headers=headers, **body)
                found.append((rule.rule, answer.status_code))
    return found, before, digest(stage)


def test_every_unsafe_door_asks_for_the_token(answers):
    found, _, _ = answers
    assert [one for one in found if one[1] != 400] == []
    assert len({rule for rule, _ in found}) > 60


def test_nothing_was_changed(answers):
    _, before, after = answers
    assert {name for name in after if after[name] != before[name]} <= WRITTEN_BY_LOOKING


def test_a_token_of_another_session_does_not_fit(stage: Stage):
    client = stage.client("clinician")
    strange = stage.token("chair", client)
    assert client.post("/sign-out", data={"csrf_token": strange}).status_code == 400
    assert client.get("/account").status_code == 200
