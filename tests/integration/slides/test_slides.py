"""Slides: sent, cut into tiles, shown to those who see the case, and nothing of the person."""

import io
import zipfile

import pytest

from mdt.adapters import devices
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.cases import CaseStep
from mdt.models.slides import Slide, SlidePack
from mdt.rules.calendar import utc_now
from mdt.services.slide_preparing import prepare_slides
from mdt.services.stored_blobs import check_blobs
from tests import case_kit
from tests.attachment_kit import codes, packed, pdf, send, set_state
from tests.counting import count_queries
from tests.plans import select_all
from tests.samples import sample
from tests.slide_kit import list_of, picture, send_slide, slide_file, slide_rows, tile_of

SVS = "slides/CMU-1-Small-Region.svs"


@pytest.fixture
def case_id(board):
    return board.cases["A"]


def test_a_slide_is_listed_with_nothing_but_its_technique(doctor, case_id):
    number = send_slide(doctor, case_id, "王大明-住院号123-HE.tiff", stain=" HE ", block="A1")
    assert list_of(doctor, case_id) == [
        {
            "id": number,
            "slide": number,
            "address": f"/cases/{case_id}/slides/{number}.json",
            "title": "HE · A1",
            "stain": "HE",
            "block": "A1",
            "state": "ready",
            "percent": 100,
            "width": 1300,
            "height": 900,
            "mpp": 0.5,
            "objective": 20.0,
            "magnifications": [2, 4, 10, 20],
            "presets": [
                {"label": "2×", "magnification": 2},
                {"label": "4×", "magnification": 4},
                {"label": "10×", "magnification": 10},
                {"label": "20×", "magnification": 20},
            ],
            "tile": 510,
            "overlap": 1,
            "top": 2,
            "level": 2,
            "tiles": f"/cases/{case_id}/slides/{number}/tiles/{{level}}/{{x}}_{{y}}.jpg?v=0",
            "thumbnail": f"/cases/{case_id}/slides/{number}/tiles/0/0_0.jpg?v=0",
        }
    ]
    for path in ("attachments", "slides.json", f"slides/{number}.json"):
        assert "王大明" not in doctor.get(f"/cases/{case_id}/{path}").text


def test_tiles_show_the_right_place_of_each_level(doctor, case_id):
    """The colour of a pixel says where on the slide it lies."""
    send_slide(doctor, case_id)
    (source,) = list_of(doctor, case_id)
    for level, columns, rows in ((0, 1, 1), (1, 2, 1), (2, 3, 2)):
        scale = 2 ** (2 - level)
        for x in range(columns):
            for y in range(rows):
                tile = picture(doctor.get(tile_of(source, level, x, y)))
                left, top = max(0, 510 * x - 1), max(0, 510 * y - 1)
                for at in ((2, 2), (tile.width // 2, tile.height // 2)):
                    red, green, _ = tile.getpixel(at)
                    assert abs(red - 255 * (left + at[0]) * scale / 1300) < 5
                    assert abs(green - 255 * (top + at[1]) * scale / 900) < 5
        assert doctor.get(tile_of(source, level, columns, 0)).status_code == 404
        assert doctor.get(tile_of(source, level, 0, rows)).status_code == 404
    assert doctor.get(tile_of(source, 3, 0, 0)).status_code == 404


def test_a_tile_is_kept_by_the_browser_under_its_revision_alone(doctor, case_id):
    send_slide(doctor, case_id)
    (source,) = list_of(doctor, case_id)
    lasting = doctor.get(tile_of(source, 0, 0, 0)).headers["Cache-Control"]
    assert lasting == "private, max-age=43200, immutable"
    other = doctor.get(tile_of(source, 0, 0, 0).replace("v=0", "v=1"))
    assert other.headers["Cache-Control"] == "no-store"


def test_the_case_decides_who_sees_it(person, doctor, case_id):
    number = send_slide(doctor, case_id)
    (source,) = list_of(doctor, case_id)
    addresses = ["slides.json", f"slides/{number}.json"]
    paths = [f"/cases/{case_id}/{path}" for path in addresses] + [tile_of(source, 2, 0, 0)]
    found = {
        who: {person(who).get(path).status_code for path in paths}
        for who in ("clinician", "oncologist", "chair", "clinician2", "sysadmin")
    }
    assert found == {
        "clinician": {200},
        "oncologist": {200},
        "chair": {200},
        "clinician2": {404},
        "sysadmin": {403},
    }


def test_opening_a_slide_is_written_down_once_and_its_thumbnail_is_not(app, doctor, case_id):
    number = send_slide(doctor, case_id)
    (source,) = list_of(doctor, case_id)
    doctor.get(source["thumbnail"])
    assert case_kit.rows(app, AuditRow, action="slide:view") == []
    for x in range(3):
        doctor.get(tile_of(source, 2, x, 0))
    doctor.get(f"/cases/{case_id}/slides/{number}.json")
    (row,) = case_kit.rows(app, AuditRow, action="slide:view")
    assert (row.object_type, row.object_id, row.case_id) == ("slide", str(number), case_id)


def test_what_was_taken_is_sealed_and_no_open_copy_is_left(app, doctor, case_id):
    send_slide(doctor, case_id)
    (slide,) = slide_rows(app)
    with app.app_context():
        storage, root = devices.storage(), devices.settings().instance
        assert storage.read(slide.storage_key) == slide_file()
        checked = check_blobs()
    assert checked.findings == []
    assert [path.name for path in (root / "slide-copies").iterdir()] == []
    kept = [path.read_bytes() for path in (root / "storage").rglob("*") if path.is_file()]
    assert len(kept) == 2
    for stored in kept:
        assert slide_file()[:64] not in stored
        assert b"\xff\xd8\xff\xe0\x00\x10JFIF" not in stored


def test_the_same_slide_again_is_there_already(app, doctor, case_id):
    send_slide(doctor, case_id)
    again = send(doctor, case_id, ("other name.tif", slide_file()))
    assert codes(again) == ["duplicate"]
    assert len(slide_rows(app)) == 1


def test_slides_and_papers_come_together(doctor, case_id):
    answer = send(
        doctor, case_id, ("a.pdf", pdf()), ("s.svs", slide_file()), ("b.pdf", pdf("other"))
    )
    assert [one["name"] for one in answer.json["results"]] == ["a.pdf", "s.svs", "b.pdf"]
    assert codes(answer) == ["taken"] * 3


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.kfb", b"KFB anything", "slide_vendor"),
        ("a.sdpc", b"anything", "slide_vendor"),
        ("a.tmap", b"anything", "slide_vendor"),
        ("a.svs", b"II*\0" + bytes(400), "slide_unreadable"),
        ("a.svs", slide_file()[:3000], "slide_unreadable"),
        ("paper.tif", b"II*\0" + bytes(400), "image_other_format"),
        ("a.svs", b"no tiff at all", "slide"),
        ("a.zip", packed(("a.svs", slide_file())), "archive_nothing_taken"),
        ("a.zip", packed(("x/a.mrxs", b"JPEG"), ("x/a/Slidedat.ini", b"")), "slide_unreadable"),
    ],
)  # fmt: skip
def test_what_is_no_readable_slide_says_why(app, doctor, case_id, name, data, code):
    answer = send(doctor, case_id, (name, data))
    assert codes(answer) == [code]
    assert "操作没有完成" not in answer.text
    assert slide_rows(app) == []


def test_it_is_described_struck_restored_and_taken_back(app, doctor, person, case_id):
    number = send_slide(doctor, case_id)
    base = f"/cases/{case_id}/slides/{number}"
    assert doctor.post(f"{base}/describe", stain="Ki-67", block="B2").status_code == 302
    assert list_of(doctor, case_id)[0]["title"] == "Ki-67 · B2"
    assert doctor.post(f"{base}/describe", stain="x" * 41).status_code == 422
    assert doctor.post(f"{base}/strike").status_code == 422
    assert doctor.post(f"{base}/strike", reason="传错").status_code == 302
    expert = person("oncologist")
    assert (list_of(doctor, case_id), list_of(expert, case_id)) == ([], [])
    assert expert.get(f"{base}/tiles/0/0_0.jpg").status_code == 404
    assert doctor.get(f"{base}/tiles/0/0_0.jpg").status_code == 200
    assert doctor.post(f"{base}/restore").status_code == 302
    assert len(list_of(expert, case_id)) == 1
    for who in (expert, person("chair")):
        for step in ("describe", "strike", "restore", "take-back"):
            assert who.post(f"{base}/{step}", reason="x").status_code == 403
    assert doctor.post(f"{base}/take-back").status_code == 409
    actions = [row.action for row in case_kit.rows(app, AuditRow, object_type="slide")]
    assert actions == [
        "slide:prepare", "attachment:edit", "attachment:strike", "attachment:restore",
    ]  # fmt: skip


def test_taken_back_it_is_gone_with_its_bytes(app, world, doctor, board):
    case_id = board.cases["A"]
    number = send_slide(doctor, case_id)
    with app.app_context():
        db.session.execute(db.delete(CaseStep))
        db.session.commit()
    set_state(app, case_id, "draft")
    assert doctor.post(f"/cases/{case_id}/slides/{number}/take-back").status_code == 302
    assert slide_rows(app) == []
    root = app.config["MDT"].instance / "storage"
    assert [path for path in root.rglob("*") if path.is_file()] == []
    send_slide(doctor, case_id)


def test_the_original_is_given_to_its_own_hospital(doctor, person, case_id):
    number = send_slide(doctor, case_id)
    answer = doctor.get(f"/cases/{case_id}/slides/{number}/original")
    assert answer.data == slide_file()
    assert "A1" not in answer.headers["Content-Disposition"]
    assert person("oncologist").get(f"/cases/{case_id}/slides/{number}/original").status_code == 403


def test_a_broken_off_drawing_goes_on_where_it_was(app, doctor, case_id):
    """Packs that are there stay; an open copy of a slide that is done is swept."""
    number = send_slide(doctor, case_id)
    with app.app_context():
        (pack,) = db.session.scalars(select_all(SlidePack))
        tiles = pack.tiles
        db.session.execute(
            db.update(Slide).values(state="waiting", made=0, made_bytes=0, revision=1)
        )
        db.session.execute(db.delete(SlidePack))
        db.session.commit()
        stale = devices.settings().instance / "slide-copies" / "99"
        stale.mkdir(parents=True)
        prepare_slides(clock=utc_now)
        assert not stale.exists()
    (slide,) = slide_rows(app)
    assert (slide.id, slide.state, slide.made) == (number, "ready", tiles)
    (source,) = list_of(doctor, case_id)
    assert picture(doctor.get(tile_of(source, 2, 2, 1))).size == (281, 391)
    assert "v=1" in source["tiles"]


def test_the_list_costs_the_same_for_one_and_three(app, doctor, case_id):
    counts = []
    for number in (1, 2, 3):
        send(doctor, case_id, ("s.svs", slide_file(seed=number)))
        with count_queries(app) as counted:
            assert len(list_of(doctor, case_id)) == number
        counts.append(len(counted))
    assert counts[0] == counts[2]


def test_a_real_slide_never_gives_its_label(doctor, case_id):
    """The label and the macro image of this file are pictures of the glass with its sticker."""
    send(doctor, case_id, ("CMU-1.svs", sample(SVS).read_bytes()))
    (source,) = list_of(doctor, case_id)
    assert (source["width"], source["height"], source["mpp"]) == (2220, 2967, 0.499)
    assert (source["objective"], source["magnifications"]) == (20.0, [2, 4, 10, 20])
    sizes = {picture(doctor.get(tile_of(source, 3, x, y))).size for x in (0, 4) for y in (0, 5)}
    assert sizes == {(511, 511), (181, 511), (511, 418), (181, 418)}


def test_an_mrxs_without_its_folder_is_told_to_be_zipped(doctor, case_id):
    answer = send(doctor, case_id, ("a.mrxs", b"\xff\xd8\xff\xe0 jpeg"))
    assert codes(answer) == ["slide"]
    assert "ZIP" in answer.json["results"][0]["message"]


def test_zip_of_a_slide_with_traps_is_refused(doctor, case_id):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.mrxs", b"\xff\xd8\xff")
        archive.writestr("../evil", b"x")
    assert codes(send(doctor, case_id, ("a.zip", stream.getvalue()))) == ["archive_unsafe_names"]


def test_the_viewer_opens_on_a_slide_and_lists_it(doctor, person, case_id):
    number = send_slide(doctor, case_id, stain="HE", block="A1")
    page = doctor.get(f"/cases/{case_id}/viewer?slide={number}").text
    assert f'data-slide-link="{number}" aria-current="page"' in page
    assert f'"firstKey": "slide:{number}"' in page
    # There is nothing else to look at.
    assert f'"firstKey": "slide:{number}"' in doctor.get(f"/cases/{case_id}/viewer").text
    assert doctor.get(f"/cases/{case_id}/viewer?slide=99").status_code == 404
    assert person("clinician2").get(f"/cases/{case_id}/viewer?slide={number}").status_code == 404
    for path in ("", "/attachments"):
        assert (
            f"/cases/{case_id}/viewer?slide={number}" in doctor.get(f"/cases/{case_id}{path}").text
        )


CORNERS = [[100, 200], [300, 200], [300, 300], [100, 300]]


def mark(browser, case_id, **changed):
    body = {"key": "k1", "kind": "rectangle", "points": CORNERS, "text": "浸润前沿", **changed}
    return browser.post_json(f"/cases/{case_id}/marks", body)


def marks_of(browser, case_id):
    return browser.get(f"/cases/{case_id}/marks.json").json["marks"]


def test_a_region_is_marked_with_its_caption(app, doctor, person, case_id):
    """Half a micrometre a pixel: 200 x 100 pixels are 0.1 x 0.05 mm."""
    number = send_slide(doctor, case_id)
    answer = mark(doctor, case_id, slide=number)
    assert (answer.status_code, answer.json["mark"]["value"]) == (200, {"area_mm2": 0.005})
    expert = person("oncologist")
    (seen,) = marks_of(expert, case_id)
    assert (seen["slide"], seen["series"], seen["text"]) == (number, None, "浸润前沿")
    assert seen["points"] == CORNERS
    # The same key is the same mark; what is no region of this slide is refused.
    assert mark(doctor, case_id, slide=number).json["mark"]["id"] == seen["id"]
    for wrong in ({"points": [[x, y, 0] for x, y in CORNERS]}, {"points": []}):
        assert mark(doctor, case_id, slide=number, key="k2", **wrong).status_code == 422
    far = [[x + 9000, y] for x, y in CORNERS]
    assert mark(doctor, case_id, slide=number, key="k2", points=far).status_code == 422
    assert mark(doctor, case_id, slide=99, key="k2").status_code == 404
    assert mark(person("clinician2"), case_id, slide=number, key="k2").status_code == 404
    # With the slide it is gone from sight, and comes back.
    doctor.post(f"/cases/{case_id}/slides/{number}/strike", reason="传错")
    assert marks_of(expert, case_id) == []
    doctor.post(f"/cases/{case_id}/slides/{number}/restore")
    assert len(marks_of(expert, case_id)) == 1
