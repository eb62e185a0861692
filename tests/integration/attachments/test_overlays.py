"""What derived objects draw over a series: right to the pixel, and for who sees both."""

import pytest

from mdt.models.attachments import Series
from tests.attachment_kit import codes, confirm_identities, rows, send
from tests.overlay_kit import (
    dose,
    presentation_state,
    segmentation,
    slices,
    structure_set,
)
from tests.samples import sample

WHITE = "#ffffff"


@pytest.fixture
def case_id(board):
    return board.cases["A"]


@pytest.fixture
def base(doctor, case_id):
    """The address of a CT with a segmentation, a structure set, a state and a dose."""
    made = (segmentation(), structure_set(), presentation_state(), dose())
    files = [(f"{number}.dcm", data) for number, data in enumerate(made)]
    answer = send(doctor, case_id, *slices(), *files)
    assert "taken" in codes(answer), answer.text
    confirm_identities(doctor, case_id)
    return f"/cases/{case_id}/series/1"


def uids(browser, case_id):
    """The served UIDs of the two slices, the upper one first."""
    found = browser.get(f"/cases/{case_id}/dicom-web/instances").json
    ct_class = ["1.2.840.10008.5.1.4.1.1.2"]
    return [x["00080018"]["Value"][0] for x in found if x["00080016"]["Value"] == ct_class]


def content(browser, base, kind):
    (one,) = [x for x in browser.get(f"{base}/overlays.json").json["overlays"] if x["kind"] == kind]
    answer = browser.get(one["url"])
    assert answer.status_code == 200
    return answer.json


def test_a_series_says_what_is_drawn_over_it_and_what_is_not(doctor, base):
    found = doctor.get(f"{base}/overlays.json").json
    assert {one["kind"]: one["segments"] for one in found["overlays"]} == {
        "masks": [
            {"number": 1, "label": "Liver", "colour": WHITE},
            {"number": 2, "label": "轮廓 2", "colour": "#00c2d1"},
        ],
        "contours": [
            {"number": 1, "label": "Heart", "colour": "#ff1000"},
            {"number": 2, "label": "轮廓 2", "colour": "#00c2d1"},
        ],
        "state": [{"number": 1, "label": "PR", "colour": "#ffb000"}],
    }
    (unshown,) = found["unshown"]
    assert (unshown["modality"], "剂量" in unshown["words"]) == ("RTDOSE", True)


def test_the_outline_of_a_segment_runs_around_its_pixels(doctor, case_id, base):
    found = content(doctor, base, "masks")
    upper, _ = uids(doctor, case_id)
    assert (found["left_out"], found["cut"]) == (0, False)
    assert {uid: sorted(frames) for uid, frames in found["pictures"].items()} == {upper: ["1"]}
    first, second = found["pictures"][upper]["1"]
    assert (first["segment"], second["segment"]) == (1, 2)
    corners = [[3.5, 5.5], [7.5, 5.5], [7.5, 7.5], [3.5, 7.5]]
    assert sorted(first["points"]) == sorted(corners)
    assert sorted(second["points"]) == [[1.5, 0.5], [1.5, 1.5], [2.5, 0.5], [2.5, 1.5]]


def test_a_contour_in_the_patient_is_put_onto_its_slice(doctor, case_id, base):
    found = content(doctor, base, "contours")
    _, lower = uids(doctor, case_id)
    assert found["pictures"] == {
        lower: {"1": [{"segment": 1, "closed": True, "points": [[1, 1], [5, 1], [1, 6]]}]}
    }
    # The line lies 190 mm below the last slice.
    assert found["left_out"] == 1


def test_a_state_says_how_to_show_and_what_is_written_without_names(doctor, case_id, base):
    found = content(doctor, base, "state")
    upper, _ = uids(doctor, case_id)
    display, circle, line, text = found["pictures"][upper]["1"]
    assert display["display"] == {
        "window": {"center": 40, "width": 400}, "area": [3.5, 3.5, 8, 8],
        "invert": False, "turn": 0, "mirrored": False,
    }  # fmt: skip
    assert (circle["closed"], len(circle["points"])) == (True, 48)
    # A centre 8 pixels from the outer edge lies between the eighth and the ninth.
    assert circle["points"][0] == [11.5, 7.5]
    assert circle["points"][24] == [3.5, 7.5]
    assert line["points"] == [[3.5, 3.5], [11.5, 11.5]]
    assert (text["text"], text["points"]) == ("Liver", [[2.5, 3.5]])


def test_only_who_sees_both_sees_the_overlay(app, doctor, person, case_id, base):
    derived = doctor.get(f"{base}/overlays.json").json["overlays"][0]["url"]
    for name, expected in (("radiologist", 200), ("clinician2", 404)):
        other = person(name)
        assert other.get(f"{base}/overlays.json").status_code == expected
        assert other.get(derived).status_code == expected
    # A series that somebody struck out is not drawn over another one.
    number = next(one.id for one in rows(app, Series) if one.modality == "SEG")
    doctor.post(f"/cases/{case_id}/series/{number}/strike", reason="传错")
    assert doctor.get(derived).json["pictures"] == {}
    assert person("radiologist").get(derived).status_code == 404
    kinds = [one["kind"] for one in doctor.get(f"{base}/overlays.json").json["overlays"]]
    assert sorted(kinds) == ["contours", "state"]


def test_an_overlay_that_waits_is_shown_inside_the_hospital_alone(doctor, person, case_id):
    held = segmentation(BurnedInAnnotation="YES")
    send(doctor, case_id, *slices(), ("seg.dcm", held))
    confirm_identities(doctor, case_id)
    listed = f"/cases/{case_id}/series/1/overlays.json"
    (own,) = doctor.get(listed).json["overlays"]
    assert doctor.get(own["url"]).status_code == 200
    guest = person("radiologist")
    assert guest.get(listed).json == {"overlays": [], "unshown": []}
    assert guest.get(own["url"]).status_code == 404


def test_real_objects_lie_on_their_slices(doctor, case_id):
    folder = sample("dicom/objects")
    images = sorted((folder / "seg_ct_3slice").iterdir())
    lung = folder / "rt_lung_ct_2017"
    files = [*images, folder / "seg_liver.dcm", lung / "CT01.dcm", lung / "RT.dcm"]
    send(doctor, case_id, *((f"{at}.dcm", one.read_bytes()) for at, one in enumerate(files)))
    confirm_identities(doctor, case_id)
    found = {}
    for series in doctor.get(f"/cases/{case_id}/series.json").json:
        if series["modality"] != "CT":
            continue
        base = f"/cases/{case_id}/series/{series['id']}"
        for one in doctor.get(f"{base}/overlays.json").json["overlays"]:
            shown = doctor.get(one["url"]).json
            drawings = [d for f in shown["pictures"].values() for d in f["1"]]
            found[one["kind"]] = (len(shown["pictures"]), len(drawings), shown["left_out"])
            points = [point for drawing in drawings for point in drawing["points"]]
            assert all(-0.5 <= place <= 511.5 for point in points for place in point)
    assert found["masks"] == (3, 13, 0)
    pictures, drawings, left_out = found["contours"]
    assert (pictures, drawings + left_out) == (1, 382)
    assert drawings == 1
