"""Marks on pictures: measured by the server, kept with the case, struck out, and guarded."""

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.marks import Mark
from mdt.models.slides import Slide
from tests.attachment_kit import rows, send, set_state, ultrasound
from tests.marks_kit import add_ct, at, mark, values
from tests.slide_kit import send_slide


@pytest.fixture
def case_id(board):
    return board.cases["A"]


@pytest.fixture
def pictures(doctor, case_id):
    return add_ct(doctor, case_id)


@pytest.fixture
def url(case_id):
    return f"/cases/{case_id}/marks"


@pytest.fixture
def length(pictures):
    """Three columns across and four rows down: 2.4 mm and 2 mm."""
    return mark(pictures, "length", at(5, 6), at(8, 10))


def listed(browser, case_id):
    return browser.get(f"/cases/{case_id}/marks.json").json["marks"]


def test_a_length_is_measured_by_the_server_and_kept(app, doctor, case_id, url, length, world):
    answer = doctor.post_json(url, {**length, "value": {"length_mm": 99}, "by": 7})
    assert answer.status_code == 200, answer.text
    kept = answer.json["mark"]
    assert kept["value"] == {"length_mm": pytest.approx((2.4**2 + 2**2) ** 0.5, abs=0.001)}
    assert (kept["by"]["id"], kept["by"]["name"]) == (world.users["clinician"], "林县医")
    names = ("series", "image", "frame", "index", "kind", "points", "text", "struck", "slide")
    assert {name: kept[name] for name in names} == {
        **{name: length[name] for name in ("series", "image", "frame", "kind", "points")},
        "index": 0, "text": "", "struck": None, "slide": None,
    }  # fmt: skip
    assert listed(doctor, case_id) == [kept]
    with app.app_context():
        row = db.session.scalars(db.select(AuditRow).where(AuditRow.action == "mark:add")).one()
        assert (row.case_id, row.object_id, row.data) == (
            case_id,
            str(kept["id"]),
            {"kind": "length"},
        )


def test_what_is_sent_twice_is_kept_once(app, doctor, url, length):
    first, second = (doctor.post_json(url, length).json["mark"] for _ in range(2))
    assert first == second
    assert len(rows(app, Mark)) == 1


def test_regions_tell_mean_and_deviation_of_the_stored_pixels(doctor, url, pictures):
    corners = [at(4, 6), at(9, 6), at(4, 8), at(9, 8)]
    kept = doctor.post_json(url, mark(pictures, "rectangle", *corners)).json["mark"]["value"]
    inside = values()[6:9, 4:10]
    assert kept == {
        "area_mm2": pytest.approx(5 * 0.8 * 2 * 0.5), "pixels": 18, "unit": "HU",
        "mean": pytest.approx(inside.mean(), abs=0.001), "least": inside.min(),
        "deviation": pytest.approx(inside.std(), abs=0.001), "most": inside.max(),
    }  # fmt: skip
    ends = [at(10, 7), at(10, 13), at(8, 10), at(12, 10)]
    kept = doctor.post_json(url, mark(pictures, "ellipse", *ends)).json["mark"]["value"]
    inside = [
        values()[row, column]
        for row in range(32)
        for column in range(32)
        if ((column - 10) / 2) ** 2 + ((row - 10) / 3) ** 2 <= 1
    ]
    assert (kept["pixels"], kept["mean"]) == (len(inside), sum(inside) / len(inside))
    assert kept["area_mm2"] == pytest.approx(3.14159 * 3 * 0.5 * 2 * 0.8, abs=0.001)


def test_angle_and_arrow(doctor, url, pictures):
    angle = mark(pictures, "angle", at(10, 0), at(0, 0), at(0, 10))
    assert doctor.post_json(url, angle).json["mark"]["value"] == {"angle_deg": 90}
    arrow = mark(pictures, "arrow", at(3, 3), at(3, 3), text=" 右上叶\n结节 ")
    kept = doctor.post_json(url, arrow).json["mark"]
    assert (kept["value"], kept["text"]) == ({}, "右上叶 结节")


def test_a_picture_may_be_named_by_its_index(doctor, url, length, pictures):
    second = {**length, "image": "", "index": 1, "points": [at(5, 6, 2), at(8, 10, 2)]}
    kept = doctor.post_json(url, second).json["mark"]
    assert (kept["image"], kept["index"], kept["frame"]) == (pictures["images"][1], 1, 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "circle"}, "kind"),
        ({"points": [[1, 2, 3]]}, "points"),
        ({"points": [[1, 2], [3, 4]]}, "points"),
        ({"points": [[1, 2, "3"], [3, 4, 5]]}, "points"),
        ({"points": [at(1, 1), at(1, 1)]}, "points"),
        ({"points": [at(5, 6, 2), at(8, 10, 2)]}, "points"),
        ({"points": [at(5, 6), at(800, 10)]}, "points"),
        ({"kind": "arrow"}, "text"),
        ({"text": "长" * 201}, "text"),
        ({"key": ""}, "key"),
        ({"series": "1"}, "series"),
        ({"series": None}, "series"),
        ({"image": None}, "series"),
        ({"slide": 1}, "series"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(app, doctor, url, length, change, field):
    answer = doctor.post_json(url, {**length, **change})
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == [field]
    assert rows(app, Mark) == []
    assert doctor.post_json(url, length).status_code == 200


def test_a_rectangle_has_right_angles(doctor, url, pictures):
    slanted = mark(pictures, "rectangle", at(4, 6), at(9, 6), at(6, 9), at(11, 9))
    assert doctor.post_json(url, slanted).json["error"]["fields"] == {
        "points": "这些点不成矩形或椭圆，请重新标注。"
    }


@pytest.mark.parametrize(
    ("change", "status"), [({"image": "2.25.99"}, 404), ({"frame": 2}, 404), ({"series": 99}, 404)]
)
def test_only_pictures_that_are_there_are_marked(doctor, url, length, change, status):
    assert doctor.post_json(url, {**length, **change}).status_code == status


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("colleague", 200), ("chair", 200), ("radiologist", 200), ("clinician", 200),
        ("approver", 403), ("recorder", 403), ("coordinator", 403), ("clinician2", 404),
        ("quality", 403), ("observer", 403), ("auditor", 403),
    ],
)  # fmt: skip
def test_who_may_mark(person, url, length, username, status):
    assert person(username).post_json(url, length).status_code == status


@pytest.mark.parametrize(
    ("username", "status"),
    [("recorder", 200), ("approver", 200), ("radiologist", 200), ("clinician2", 404)],
)
def test_who_sees_the_case_sees_its_marks(doctor, person, case_id, url, length, username, status):
    kept = doctor.post_json(url, length).json["mark"]
    answer = person(username).get(f"/cases/{case_id}/marks.json")
    assert answer.status_code == status
    if status == 200:
        assert answer.json == {"marks": [kept], "can": {"mark": username == "radiologist"}}


def test_nothing_is_marked_once_the_opinion_is_signed(app, doctor, case_id, url, length):
    set_state(app, case_id, "signed")
    assert doctor.post_json(url, length).json["error"]["code"] == "marks_locked"
    assert doctor.get(f"/cases/{case_id}/marks.json").json["can"] == {"mark": False}


def test_an_expert_who_is_invited_to_another_case_alone_does_not_mark(app, person, doctor, board):
    """Of the presenters only that of the case's own item: the other one does not even see it."""
    other = {"series": 1, "image": "2.25.1", "key": "k", "kind": "length", "points": []}
    assert doctor.post_json(f"/cases/{board.cases['B']}/marks", other).status_code == 404


def test_a_mark_is_struck_out_and_stays(doctor, person, case_id, url, length):
    kept = doctor.post_json(url, length).json["mark"]
    strike = f"{url}/{kept['id']}/strike"
    expert = person("radiologist")
    refused = expert.post_json(strike, {})
    assert refused.json["error"]["fields"] == {"reason": "请写明划除的原因。"}
    struck = expert.post_json(strike, {"reason": "不是同一病灶"}).json["mark"]["struck"]
    assert (struck["by"]["name"], struck["reason"]) == ("孙影像", "不是同一病灶")
    assert [one["struck"]["reason"] for one in listed(doctor, case_id)] == ["不是同一病灶"]
    assert doctor.post_json(strike, {}).json["error"]["code"] == "already_struck"


def test_one_s_own_mark_is_struck_out_without_a_reason(doctor, person, url, length):
    kept = doctor.post_json(url, length).json["mark"]
    strike = f"{url}/{kept['id']}/strike"
    for username, status in (("approver", 403), ("clinician2", 404)):
        assert person(username).post_json(strike, {}).status_code == status
    assert doctor.post_json(f"{url}/99/strike", {}).status_code == 404
    assert doctor.post_json(strike, {}).json["mark"]["struck"]["reason"] == ""


def test_who_may_not_see_a_series_sees_and_makes_no_mark_on_it(doctor, person, case_id, url):
    """Ultrasound waits for release, as a name may stand in it."""
    send(doctor, case_id, *ultrasound())
    series = doctor.get(f"/cases/{case_id}/series.json").json[0]["id"]
    sent = {"key": "k", "series": series, "index": 0, "kind": "length"}
    sent["points"] = [[3, 3, 0], [6, 7, 0]]
    expert = person("radiologist")
    assert expert.post_json(url, sent).status_code == 404
    kept = doctor.post_json(url, sent).json["mark"]
    assert kept["value"] == {"length_px": 5}
    assert (listed(doctor, case_id), listed(expert, case_id)) == ([kept], [])
    assert expert.post_json(f"{url}/{kept['id']}/strike", {"reason": "x"}).status_code == 404
    assert doctor.post(f"/cases/{case_id}/series/{series}/release").status_code == 302
    assert [one["id"] for one in listed(expert, case_id)] == [kept["id"]]


def test_a_mark_goes_along_when_its_picture_is_blacked_out(doctor, case_id, url, length):
    before = doctor.post_json(url, length).json["mark"]
    answer = doctor.post(
        f"/cases/{case_id}/series/{length['series']}/black-out",
        number="1", extent="frame", regions="[[0, 0, 4, 4]]", step="confirm",
    )  # fmt: skip
    assert answer.status_code == 302
    [after] = listed(doctor, case_id)
    assert after["image"] not in {before["image"], ""}
    assert {**after, "image": ""} == {**before, "image": ""}
    assert doctor.post_json(url, {**length, "key": "k2"}).status_code == 404
    again = doctor.post_json(url, {**length, "key": "k2", "image": after["image"]})
    assert again.json["mark"]["value"] == before["value"]


def test_marks_go_with_a_series_that_is_struck_out_or_taken_back(
    app, doctor, person, case_id, url, length
):
    doctor.post_json(url, length)
    base = f"/cases/{case_id}/series/{length['series']}"
    doctor.post(f"{base}/strike", reason="另一患者")
    assert (listed(doctor, case_id), listed(person("chair"), case_id)) == ([], [])
    doctor.post(f"{base}/restore")
    assert len(listed(doctor, case_id)) == 1
    set_state(app, case_id, "draft")
    doctor.post(f"{base}/take-back")
    assert rows(app, Mark) == []


def test_a_region_on_a_slide_is_measured_where_its_resolution_is_known(
    app, doctor, person, case_id, url
):
    """Half a micrometre a pixel: 100 by 50 micrometres."""
    number = send_slide(doctor, case_id)
    with app.app_context():
        db.session.execute(db.update(Slide).values(mpp=0.5))
        db.session.commit()
    region = {"key": "s", "slide": number, "kind": "rectangle", "text": "浸润前缘"}
    region["points"] = [[100, 100], [300, 100], [100, 200], [300, 200]]
    kept = person("pathologist").post_json(url, region).json["mark"]
    assert (kept["value"], kept["slide"], kept["series"]) == ({"area_mm2": 0.005}, number, None)
    assert (kept["image"], kept["index"], kept["points"]) == ("", None, region["points"])
    assert listed(doctor, case_id) == [kept]
    for change, status in (
        ({"slide": 99}, 404), ({"points": [[1, 1, 0]] * 4}, 422),
        ({"points": [[1, 1], [9000, 1], [1, 9], [9000, 9]]}, 422),
    ):  # fmt: skip
        assert doctor.post_json(url, {**region, "key": "x", **change}).status_code == status
    state = {"slide": number, "camera": [1, 1, 1, 0]}
    refused = doctor.post_json(f"/cases/{case_id}/key-images", {"key": "k", "state": state})
    assert refused.json["error"]["code"] == "key_image_of_slide"
    doctor.post(f"/cases/{case_id}/slides/{number}/strike", reason="另一患者")
    assert (listed(doctor, case_id), listed(person("chair"), case_id)) == ([], [])
