"""Key images: chosen in the viewer, drawn in their window, captioned, ordered, struck out."""

import io

import numpy as np
import pytest
from PIL import Image

from mdt.models.marks import KeyImage
from tests.attachment_kit import rows, send, set_state, ultrasound
from tests.marks_kit import add_ct

CAMERA = [1.5, 2, 3, 0, 0, 1, 0, -1, 0, 120.12345]


@pytest.fixture
def case_id(board):
    return board.cases["A"]


@pytest.fixture
def state(doctor, case_id):
    pictures = add_ct(doctor, case_id)
    return {
        "series": pictures["series"], "image": pictures["images"][1], "frame": 1, "index": 1,
        "pane": 2, "panes": 4, "center": -500, "width": 700, "invert": False, "camera": CAMERA,
    }  # fmt: skip


@pytest.fixture
def url(case_id):
    return f"/cases/{case_id}/key-images"


def add(browser, url, state, key="k1", caption="右上叶结节 12 mm"):
    answer = browser.post_json(url, {"key": key, "state": state, "caption": caption})
    assert answer.status_code == 200, answer.text
    return answer.json["key_image"]


def listed(browser, url):
    return browser.get(f"{url}.json").json["key_images"]


def drawn(browser, address):
    answer = browser.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    return np.asarray(Image.open(io.BytesIO(answer.data)))


def test_a_picture_is_chosen_with_its_state(doctor, url, state):
    kept = add(doctor, url, state)
    camera = [*CAMERA[:9], 120.1235]
    expected = {name: state[name] for name in ("series", "image", "frame", "index")}
    window = {"center": -500, "width": 700, "invert": False, "camera": camera}
    assert kept["state"] == {**expected, "slide": None, **window}
    assert (kept["caption"], kept["modality"], kept["study_date"]) == (
        "右上叶结节 12 mm", "CT", "2026-11-05",
    )  # fmt: skip
    assert listed(doctor, url) == [kept]
    assert add(doctor, url, state) == kept


def test_it_is_drawn_in_the_window_that_it_was_chosen_with(doctor, case_id, url, state):
    kept = add(doctor, url, state)
    plain = f"/cases/{case_id}/series/{state['series']}/images/2.jpg?center=-500&width=700"
    shown = drawn(doctor, kept["picture"])
    assert np.array_equal(shown, drawn(doctor, plain))
    inverted = add(doctor, url, {**state, "invert": True}, key="k2")
    # JPEG's rounding aside.
    turned = drawn(doctor, inverted["picture"]).astype(int) + shown
    assert abs(turned - 255).max() <= 4
    assert drawn(doctor, kept["thumbnail"]).shape == shown.shape
    lasting = doctor.get(kept["picture"]).headers["Cache-Control"]
    assert "immutable" in lasting
    assert "no-store" in doctor.get(f"{url}/{kept['id']}.jpg").headers["Cache-Control"]


def test_captions_and_order_are_changed(doctor, person, url, state):
    first, second, third = (add(doctor, url, state, key) for key in "abc")
    expert = person("radiologist")
    answer = expert.post_json(f"{url}/{second['id']}", {"caption": " 纵隔\n淋巴结 "})
    assert answer.json["key_image"]["caption"] == "纵隔 淋巴结"
    order = [third["id"], first["id"], second["id"]]
    answer = doctor.post_json(f"{url}/order", {"order": order})
    assert [one["id"] for one in answer.json["key_images"]] == order
    assert [one["id"] for one in listed(expert, url)] == order
    for wrong in ([1], [*order, 99], order[:2] * 2):
        assert doctor.post_json(f"{url}/order", {"order": wrong}).status_code == 409
    assert doctor.post_json(f"{url}/order", {"order": "1"}).status_code == 422


def test_one_is_struck_out_and_stays_in_the_record(app, doctor, person, url, state):
    kept, other = add(doctor, url, state), add(doctor, url, state, key="k2")
    strike = f"{url}/{kept['id']}/strike"
    assert person("chair").post_json(strike, {}).status_code == 422
    assert doctor.post_json(strike, {}).json["key_image"]["struck"]["reason"] == ""
    assert [one["id"] for one in listed(doctor, url)] == [other["id"]]
    assert len(rows(app, KeyImage)) == 2
    again = doctor.post_json(f"{url}/{kept['id']}", {"caption": "x"})
    assert again.json["error"]["code"] == "already_struck"


@pytest.mark.parametrize(
    "change",
    [
        {"center": "1"}, {"center": None}, {"width": 0}, {"invert": 1}, {"camera": [1]},
        {"camera": [*CAMERA[:9], None]}, {"series": None}, {"image": None, "index": None},
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_is_refused(doctor, url, state, change):
    body = {"key": "k", "state": {**state, **change}, "caption": ""}
    assert doctor.post_json(url, body).status_code == 422
    assert doctor.post_json(url, {**body, "state": state}).status_code == 200


@pytest.mark.parametrize("change", [{"state": None}, {"caption": "字" * 201}, {"caption": "🫁"}])
def test_what_cannot_be_printed_is_refused(doctor, url, state, change):
    body = {"key": "k", "state": state, "caption": "结节", **change}
    assert doctor.post_json(url, body).status_code == 422


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("colleague", 200), ("oncologist", 200), ("chair", 200), ("approver", 403),
        ("recorder", 403), ("clinician2", 404), ("quality", 403),
    ],
)  # fmt: skip
def test_who_may_choose(doctor, person, url, state, username, status):
    kept = add(doctor, url, state)
    browser = person(username)
    body = {"key": "k2", "state": state}
    assert browser.post_json(url, body).status_code == status
    assert browser.post_json(f"{url}/{kept['id']}", {"caption": "x"}).status_code == status
    reads = {"clinician2": 404, "quality": 403}.get(username, 200)
    assert browser.get(f"{url}.json").status_code == reads
    assert browser.get(kept["picture"]).status_code == reads


def test_nothing_of_what_waits_is_shown_to_guests(doctor, person, case_id, url):
    send(doctor, case_id, *ultrasound())
    series = doctor.get(f"/cases/{case_id}/series.json").json[0]["id"]
    kept = add(doctor, url, {"series": series, "index": 0})
    guest, desk = person("radiologist"), person("coordinator")
    assert (listed(guest, url), guest.get(kept["picture"]).status_code) == ([], 404)
    assert [one["id"] for one in listed(desk, url)] == [kept["id"]]
    doctor.post(f"/cases/{case_id}/series/{series}/release")
    assert [one["id"] for one in listed(guest, url)] == [kept["id"]]
    assert guest.get(kept["picture"]).status_code == 200


def test_the_picture_of_a_key_image_is_the_blacked_out_one(doctor, case_id, url, state):
    kept = add(doctor, url, {**state, "center": -500, "width": 2000})
    before = drawn(doctor, kept["picture"])
    answer = doctor.post(
        f"/cases/{case_id}/series/{state['series']}/black-out",
        number="1", extent="series", regions="[[0, 0, 16, 16]]", step="confirm",
    )  # fmt: skip
    assert answer.status_code == 302
    [after] = listed(doctor, url)
    assert after["picture"] != kept["picture"]
    shown = drawn(doctor, after["picture"])
    assert np.ptp(shown[:8, :8]) == 0 < np.ptp(before[:8, :8])


def test_once_signed_they_stand_as_they_are(app, doctor, case_id, url, state):
    kept = add(doctor, url, state)
    set_state(app, case_id, "signed")
    for door, body in (
        (url, {"key": "x", "state": state}), (f"{url}/{kept['id']}", {"caption": "x"}),
        (f"{url}/order", {"order": [kept["id"]]}), (f"{url}/{kept['id']}/strike", {}),
    ):  # fmt: skip
        assert doctor.post_json(door, body).json["error"]["code"] == "marks_locked"
    assert listed(doctor, url) == [kept]
