"""Lesions: pairs of lengths with their change in percent, and the sums of diameters."""

import pytest

from tests.attachment_kit import set_state
from tests.marks_kit import add_ct, at, mark


@pytest.fixture
def case_id(board):
    return board.cases["A"]


@pytest.fixture
def url(case_id):
    return f"/cases/{case_id}/lesions"


@pytest.fixture
def pictures(doctor, case_id):
    return add_ct(doctor, case_id)


@pytest.fixture
def length(doctor, case_id, pictures):
    """``length(10)`` keeps a length of so many columns, 0.8 mm each; gives its mark's number."""

    def keep(columns, browser=None, kind="length"):
        points = [at(1, 1), at(1 + columns, 1)]
        if kind == "angle":
            points.append(at(5, 5))
        sent = mark(pictures, kind, *points, key=f"{kind}-{columns}")
        return (browser or doctor).post_json(f"/cases/{case_id}/marks", sent).json["mark"]["id"]

    return keep


def add(browser, url, name, current, prior=None, key=None):
    body = {"key": key or name, "name": name, "current": current, "prior": prior}
    return browser.post_json(url, body)


def table(browser, url):
    found = browser.get(f"{url}.json").json
    rows = [
        (one["name"], one["current"]["length_mm"], one["prior"] and one["prior"]["length_mm"],
         one["change_percent"])
        for one in found["lesions"]
    ]  # fmt: skip
    return rows, found["sums"]


def test_pairs_have_their_change_and_are_added_up(doctor, person, url, length):
    assert add(doctor, url, "右上叶结节", length(10), length(20)).status_code == 200
    assert add(person("radiologist"), url, "4R 淋巴结", length(15), length(12)).status_code == 200
    assert add(doctor, url, "新病灶", length(5)).status_code == 200
    assert table(person("recorder"), url) == (
        [
            ("右上叶结节", 8.0, 16.0, -50.0),
            ("4R 淋巴结", 12.0, 9.6, 25.0),
            ("新病灶", 4.0, None, None),
        ],
        {"count": 2, "current_mm": 20.0, "prior_mm": 25.6, "change_percent": -21.9},
    )


def test_the_same_key_again_gives_the_same_lesion(doctor, url, length):
    first = add(doctor, url, "结节", length(10), key="k").json["lesion"]
    assert add(doctor, url, "别的", length(11), key="k").json["lesion"] == first


def test_a_lesion_is_changed_and_struck_out(doctor, person, url, length):
    kept = add(doctor, url, "结节", length(10)).json["lesion"]
    one = f"{url}/{kept['id']}"
    body = {"name": "右肺结节", "current": length(10), "prior": length(8)}
    assert person("radiologist").post_json(one, body).json["lesion"]["change_percent"] == 25
    assert person("radiologist").post_json(f"{one}/strike", {}).status_code == 422
    assert doctor.post_json(f"{one}/strike", {}).status_code == 200
    assert table(doctor, url)[0] == []
    assert doctor.post_json(one, body).json["error"]["code"] == "already_struck"


def test_a_mark_that_a_lesion_is_measured_by_is_not_struck_out(doctor, case_id, url, length):
    current, prior = length(10), length(12)
    kept = add(doctor, url, "结节", current, prior).json["lesion"]
    for number in (current, prior):
        answer = doctor.post_json(f"/cases/{case_id}/marks/{number}/strike", {})
        assert answer.json["error"]["code"] == "mark_in_lesion"
    doctor.post_json(f"{url}/{kept['id']}/strike", {})
    assert doctor.post_json(f"/cases/{case_id}/marks/{current}/strike", {}).status_code == 200
    assert add(doctor, url, "结节", current, key="k2").status_code == 422


def test_what_is_no_pair_of_lengths_is_refused_at_its_field(doctor, url, length):
    good, angle = length(10), length(10, kind="angle")
    for body, field in (
        ({"current": angle}, "current"), ({"current": 99}, "current"), ({}, "current"),
        ({"current": good, "prior": angle}, "prior"), ({"current": good, "prior": good}, "prior"),
        ({"current": good, "name": " "}, "name"), ({"current": good, "name": "字" * 61}, "name"),
        ({"current": good, "key": ""}, "key"),
    ):  # fmt: skip
        answer = doctor.post_json(url, {"key": "k", "name": "结节", **body})
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert add(doctor, url, "结节", good).status_code == 200


@pytest.mark.parametrize(
    ("username", "status"),
    [("colleague", 200), ("chair", 200), ("approver", 403), ("recorder", 403), ("clinician2", 404)],
)
def test_who_may(doctor, person, url, length, username, status):
    current = length(10)
    kept = add(doctor, url, "结节", current).json["lesion"]
    browser = person(username)
    assert add(browser, url, "另一结节", current).status_code == status
    assert (
        browser.post_json(f"{url}/{kept['id']}", {"name": "x", "current": current}).status_code
        == status
    )
    assert browser.get(f"{url}.json").status_code == (404 if status == 404 else 200)


def test_nothing_is_changed_once_the_opinion_is_signed(app, doctor, case_id, url, length):
    current = length(10)
    set_state(app, case_id, "signed")
    assert add(doctor, url, "结节", current).json["error"]["code"] == "marks_locked"
