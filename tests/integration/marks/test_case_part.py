"""Key images and lesions on the case's page: for who may mark with what can be done about them."""

import pytest

from tests.marks_kit import add_ct, at, mark


@pytest.fixture
def case_id(board):
    return board.cases["A"]


@pytest.fixture
def marked(doctor, case_id):
    """Two key images and a lesion."""
    pictures = add_ct(doctor, case_id)
    base = f"/cases/{case_id}"
    for key, caption in (("a", "右上叶结节 <b>12</b>"), ("b", "")):
        state = {"series": pictures["series"], "image": pictures["images"][0]}
        body = {"key": key, "state": state, "caption": caption}
        assert doctor.post_json(f"{base}/key-images", body).status_code == 200
    numbers = [
        doctor.post_json(
            f"{base}/marks", mark(pictures, "length", at(1, 1), at(1 + n, 1), key=f"m{n}")
        ).json["mark"]["id"]
        for n in (10, 20)
    ]
    body = {"key": "l", "name": "结节 <i>", "current": numbers[1], "prior": numbers[0]}
    assert doctor.post_json(f"{base}/lesions", body).status_code == 200


@pytest.mark.parametrize(
    ("username", "may"), [("clinician", True), ("radiologist", True), ("recorder", False)]
)
def test_the_page_shows_them_and_who_may_changes_them(person, case_id, marked, username, may):
    page = person(username).get(f"/cases/{case_id}").text
    for part in ("右上叶结节 &lt;b&gt;12", "结节 &lt;i&gt;", "+100.0%", "径线之和（1 个病灶）"):
        assert part in page
    assert page.count('class="key-image"') == 2
    for part in ('data-agenda-url="', "/key-images/1/strike", "/lesions/1/strike", 'data-move="1"'):
        assert (part in page) is may


def test_a_page_without_any_is_quiet(person, case_id):
    assert "还没有关键影像" in person("clinician").get(f"/cases/{case_id}").text
    page = person("recorder").get(f"/cases/{case_id}").text
    assert ("关键影像" in page, "病灶对照" in page) == (False, False)


def test_the_page_sends_the_order_as_it_reads_it(doctor, case_id, marked):
    url = f"/cases/{case_id}/key-images"
    answer = doctor.post_json(f"{url}/order", {"order": ["2", "1"], "version": 0})
    assert [one["id"] for one in answer.json["key_images"]] == [2, 1]
    assert doctor.post_json(f"{url}/order", {"order": ["2", "x"]}).status_code == 422
