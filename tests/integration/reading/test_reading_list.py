"""The reading list: what a radiologist or pathologist is asked to read, opened or not."""

import re

import pytest

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import Invitation
from mdt.models.readings import ReadingOpinion
from mdt.models.slides import Slide
from mdt.rules.calendar import utc_now
from mdt.services.readings import give_reading, keep_reading
from tests.attachment_kit import ct, pdf, send, set_state, ultrasound
from tests.board import build_board
from tests.counting import count_queries
from tests.desk import all_rows
from tests.world import build_world


@pytest.fixture
def coming(app, world, board):
    """The board in an hour, with its cases still open to files."""
    return board


def lines(browser):
    """Case and how far it was opened, in the order of the page."""
    page = browser.get("/reading").text
    return [
        (int(case), opened)
        for case, opened in re.findall(r'data-reading="(\d+)" data-opened="(\w+)"', page)
    ]


def read_texts(app):
    with app.app_context():
        return [
            (row.text, row.given_at is not None)
            for row in db.session.scalars(all_rows(ReadingOpinion))
        ]


def keep(browser, case, text, version=0):
    return browser.post_json(
        f"/cases/{case}/reading/draft", {"fields": {"text": text}, "version": version}
    )


def test_readers_of_a_coming_conference_have_its_cases(coming, person):
    a, b = coming.cases["A"], coming.cases["B"]
    assert lines(person("radiologist")) == [(a, "not"), (b, "not")]
    assert lines(person("pathologist")) == [(a, "not"), (b, "not")]
    # An expert of a discipline that does not read, and the chair of the team, whose is not either.
    assert lines(person("oncologist")) == []
    assert lines(person("chair")) == []


@pytest.mark.parametrize("name", ["clinician", "coordinator", "recorder", "observer", "quality"])
def test_the_list_is_for_experts(coming, person, name):
    assert person(name).get("/reading").status_code == 403


def test_who_declined_has_nothing_to_read(app, coming, person):
    radiologist = person("radiologist")
    radiologist.post(f"/conferences/{coming.conference}/answer", answer="declined")
    assert lines(radiologist) == []
    assert keep(radiologist, coming.cases["A"], "右上肺结节").status_code == 404


def test_opened_is_what_the_trail_says(app, coming, person):
    case = coming.cases["A"]
    set_state(app, case, "draft")
    doctor = person("clinician")
    send(doctor, case, *ct(2))
    set_state(app, case, "scheduled")
    radiologist = person("radiologist")
    radiologist.get(f"/cases/{case}")
    assert lines(radiologist)[0] == (case, "case")
    radiologist.get(f"/cases/{case}/viewer")
    assert lines(radiologist)[0] == (case, "read")
    assert lines(person("pathologist"))[0] == (case, "not")


def test_it_counts_what_this_reader_sees(app, coming, person):
    case = coming.cases["A"]
    set_state(app, case, "draft")
    doctor = person("clinician")
    send(doctor, case, *ct(3), *ultrasound(2))
    send(doctor, case, ("ct.pdf", pdf("ct")), kind="ct_report")
    send(doctor, case, ("path.pdf", pdf("path")), kind="pathology_report")
    set_state(app, case, "scheduled")
    # Ultrasound and reports wait for release: invited readers do not learn of them.
    page = person("radiologist").get("/reading").text
    assert "序列 1 组，图像 3 幅" in page
    assert "报告 0 份" in page
    assert not re.search(r"切片 \d+ 张", page)


def test_it_counts_slides_that_are_not_struck_out(app, world, coming, person):
    case, now = coming.cases["A"], utc_now()
    with app.app_context():
        for number, struck in ((1, None), (2, None), (3, now)):
            db.session.add(
                Slide(
                    case_id=case,
                    format="svs",
                    sha256=str(number) * 64,
                    by_user_id=world.users["clinician"],
                    at=now,
                    struck_at=struck,
                )
            )
        db.session.commit()
    page = person("pathologist").get("/reading").text
    assert "切片 2 张" in page
    assert f'href="/cases/{case}#images"' in page


def test_the_worklist_says_what_is_unread(coming, person):
    radiologist = person("radiologist")
    page = radiologist.get("/").text
    task = page.split('data-task="read_cases"')[1].split("</li>")[0]
    assert "2 例" in task
    assert f"/reading#conference-{coming.conference}" in task
    assert 'href="/reading"' in page
    assert "read_cases" not in person("oncologist").get("/").text


def test_as_many_queries_for_many_cases_as_for_few(app, world, coming, person):
    radiologist = person("radiologist")
    radiologist.get("/reading")
    with count_queries(app) as few:
        assert len(lines(radiologist)) == 2
    with app.app_context():
        build_board(world, number=2)
    with count_queries(app) as many:
        assert len(lines(radiologist)) == 4
    assert len(many) == len(few)


def test_a_draft_is_kept_and_nobody_else_sees_it(app, coming, person):
    case, radiologist = coming.cases["A"], person("radiologist")
    answer = keep(radiologist, case, "右上肺结节，约 21 mm")
    assert (answer.status_code, answer.json["version"]) == (200, 1)
    assert "右上肺结节，约 21 mm" in radiologist.get("/reading").text
    for other in ("pathologist", "chair", "clinician"):
        assert "右上肺结节" not in person(other).get(f"/cases/{case}").text
    assert "右上肺结节" not in person("pathologist").get("/reading").text
    assert "右上肺结节" not in person("recorder").get(f"/cases/{case}/plan").text


def test_two_windows_of_one_reader_do_not_overwrite_each_other(coming, person):
    case, radiologist = coming.cases["A"], person("radiologist")
    assert keep(radiologist, case, "一").json["version"] == 1
    # The same again, as after a lost answer, is no conflict.
    assert keep(radiologist, case, "一").json["version"] == 1
    stale = keep(radiologist, case, "二")
    assert stale.status_code == 409
    assert (stale.json["version"], stale.json["fields"]) == (1, {"text": "一"})
    assert keep(radiologist, case, "二", version=1).json["version"] == 2


def test_a_draft_is_kept_and_given_on_postgresql(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
        board = build_board(world)
        reader, case, now = world.viewer("radiologist"), board.cases["A"], utc_now()
        draft = keep_reading(reader, case, "一", version=0, now=now)
        assert keep_reading(reader, case, "二", version=draft.version, now=now).version == 2
        give_reading(reader, case, "三", now=now)
        assert keep_reading(reader, case, "四", version=0, now=now).version == 1
    assert read_texts(postgresql_app) == [("三", True), ("四", False)]


def test_what_is_given_is_seen_by_all_who_see_the_case(app, coming, person):
    case, radiologist = coming.cases["A"], person("radiologist")
    keep(radiologist, case, "草稿")
    answer = radiologist.post(f"/cases/{case}/reading", text="右上肺结节，考虑恶性")
    assert answer.headers["Location"] == f"/reading#case-{case}"
    for other in ("chair", "clinician", "pathologist", "coordinator"):
        page = person(other).get(f"/cases/{case}").text
        assert "右上肺结节，考虑恶性" in page
        assert "孙影像" in page
    assert "右上肺结节" in person("pathologist").get("/reading").text
    assert person("clinician2").get(f"/cases/{case}").status_code == 404
    assert read_texts(app) == [("右上肺结节，考虑恶性", True)]


def test_a_correction_keeps_what_was_said_before(app, coming, person):
    case, radiologist = coming.cases["A"], person("radiologist")
    for text in ("一", "一", "二"):
        assert radiologist.post(f"/cases/{case}/reading", text=text).status_code == 302
    assert read_texts(app) == [("一", True), ("二", True)]


def test_the_plan_offers_to_insert_who_said_what(coming, person):
    case = coming.cases["A"]
    person("radiologist").post(f"/cases/{case}/reading", text="旧的说法")
    person("radiologist").post(f"/cases/{case}/reading", text="右上肺结节")
    person("pathologist").post(f"/cases/{case}/reading", text="腺癌")
    page = person("recorder").get(f"/cases/{case}/plan").text
    offers = re.findall(r'data-insert-into="(\w+)" data-insert-text="([^"]+)"', page)
    assert offers == [
        ("imaging_review", "孙影像（医学影像科）：右上肺结节"),
        ("pathology_review", "马病理（病理科）：腺癌"),
    ]
    # Who only reads the opinion of the board is offered nothing to write with.
    assert "data-insert-into" not in person("clinician").get(f"/cases/{case}/plan").text


def test_who_may_not_write_one(coming, person):
    case = coming.cases["A"]
    for name, status in (
        ("oncologist", 403),
        ("chair", 403),
        ("clinician", 403),
        ("clinician2", 403),
        ("observer", 403),
    ):
        assert keep(person(name), case, "x").status_code == status, name
        assert person(name).post(f"/cases/{case}/reading", text="x").status_code == status, name


def test_a_reader_of_another_conference_finds_nothing(app, world, coming, person):
    with app.app_context():
        asked = db.session.scalars(
            all_rows(Invitation).where(Invitation.user_id == world.users["radiologist"])
        ).one()
        asked.withdrawn_at = asked.answered_at
        db.session.commit()
    radiologist = person("radiologist")
    assert keep(radiologist, coming.cases["A"], "x").status_code == 404
    assert radiologist.post(f"/cases/{coming.cases['A']}/reading", text="x").status_code == 404


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "请填写此项"), ("长" * 1801, "最多1800字"), ("好😀", "无法打印的字符")],
)
def test_what_cannot_be_given_is_said_and_stays_in_the_field(coming, person, text, words):
    case = coming.cases["A"]
    answer = person("radiologist").post(f"/cases/{case}/reading", text=text)
    assert answer.status_code == 422
    assert words in answer.text
    assert f">{text}</textarea>" in answer.text


def test_unreadable_autosaves_are_refused(coming, person):
    url, radiologist = f"/cases/{coming.cases['A']}/reading/draft", person("radiologist")
    for body in ({}, {"fields": {"text": 3}, "version": 0}, {"fields": {"text": "x"}}):
        assert radiologist.post_json(url, body).status_code == 422, body


def test_after_the_board_has_signed_nothing_more_is_said(app, world, coming, person):
    case = coming.cases["A"]
    with app.app_context():
        db.session.execute(db.update(Case).where(Case.id == case).values(signed_at=utc_now()))
        db.session.commit()
    answer = person("radiologist").post(f"/cases/{case}/reading", text="晚了")
    assert answer.status_code == 422
    assert "诊疗意见书已签署" in answer.text
    assert read_texts(app) == []
