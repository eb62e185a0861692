"""Invited people answer until the conference begins; the desk asks and withdraws."""

import pytest

from tests.desk import add_case, invitations, item_of, list_case, notices, plan


@pytest.mark.parametrize("said", ["accepted", "tentative", "declined"])
def test_an_invited_person_answers(app, world, conference, person, said):
    expert = person("oncologist")
    assert "您能参加吗" in expert.get(f"/conferences/{conference}").text
    assert expert.post(f"/conferences/{conference}/answer", answer=said).status_code == 302
    assert invitations(app, world, conference)["oncologist"] == ("expert", said)


def test_an_answer_may_be_changed_until_it_begins(app, world, desk, conference, person):
    expert = person("oncologist")
    expert.post(f"/conferences/{conference}/answer", answer="declined")
    expert.post(f"/conferences/{conference}/answer", answer="accepted")
    assert invitations(app, world, conference)["oncologist"] == ("expert", "accepted")
    desk.post(f"/conferences/{conference}/start")
    late = expert.post(f"/conferences/{conference}/answer", answer="declined")
    assert late.status_code == 422
    assert "不能再答复" in late.text
    assert invitations(app, world, conference)["oncologist"] == ("expert", "accepted")


@pytest.mark.parametrize("said", ["", "pending", "perhaps"])
def test_an_answer_that_is_none_is_refused(app, world, conference, person, said):
    expert = person("oncologist")
    assert expert.post(f"/conferences/{conference}/answer", answer=said).status_code == 422
    assert invitations(app, world, conference)["oncologist"] == ("expert", "pending")


def test_who_is_not_asked_finds_nothing_to_answer(conference, desk, person):
    assert person("clinician").post(
        f"/conferences/{conference}/answer", answer="accepted"
    ).status_code == 404  # fmt: skip
    assert desk.post(f"/conferences/{conference}/answer", answer="accepted").status_code == 404
    assert person("quality").post(
        f"/conferences/{conference}/answer", answer="accepted"
    ).status_code == 403  # fmt: skip


def test_one_answer_holds_for_every_case_that_one_presents(app, world, desk, conference, person):
    first, second = (add_case(app, world, number=f"MDT2026-00000{n}") for n in (1, 2))
    list_case(desk, conference, first)
    person("clinician").post(f"/conferences/{conference}/answer", answer="accepted")
    list_case(desk, conference, second)
    assert invitations(app, world, conference)["clinician"] == ("presenter", "accepted")
    page = desk.get(f"/conferences/{conference}").text
    assert page.count("汇报：") == 2


def test_who_declined_sees_no_case_any_more(app, world, desk, conference, person):
    list_case(desk, conference, add_case(app, world))
    expert = person("oncologist")
    assert "MDT2026-000001" in expert.get(f"/conferences/{conference}").text
    expert.post(f"/conferences/{conference}/answer", answer="declined")
    page = expert.get(f"/conferences/{conference}").text
    assert "MDT2026-000001" not in page
    assert "您已答复不参加" in page


def test_the_roster_is_asked_later_and_withdrawn(app, world, desk, person):
    conference = plan(desk, world, invited=[])
    assert invitations(app, world, conference) == {"chair": ("chair", "pending")}
    answer = desk.post(
        f"/conferences/{conference}/invitations", people=[world.users["pathologist"]]
    )
    assert answer.status_code == 302
    assert invitations(app, world, conference)["pathologist"] == ("expert", "pending")
    page = desk.get(f"/conferences/{conference}").text
    number = page.split("/withdraw")[0].rsplit("/", 1)[1]
    url = f"/conferences/{conference}/invitations/{number}/withdraw"
    assert person("pathologist").post(url).status_code == 403
    assert desk.post(url).status_code == 302
    assert "pathologist" not in invitations(app, world, conference)
    assert notices(app, world, "invitation_withdrawn") == ["pathologist"]
    assert person("pathologist").get(f"/conferences/{conference}").status_code == 404


@pytest.mark.parametrize("who", ["clinician", "quality"])
def test_only_the_roster_sits_in_the_panel(app, world, desk, conference, who):
    answer = desk.post(f"/conferences/{conference}/invitations", people=[world.users[who]])
    assert answer.status_code == 422
    assert who not in invitations(app, world, conference)


def test_answers_by_discipline_give_the_quorum_to_be_expected(app, world, desk, conference, person):
    list_case(desk, conference, add_case(app, world))
    assert "待答复后可到齐" in desk.get(f"/conferences/{conference}").text
    for name in ("chair", "oncologist", "radiotherapist", "radiologist"):
        person(name).post(f"/conferences/{conference}/answer", answer="accepted")
    assert "法定学科已确认到齐" in desk.get(f"/conferences/{conference}").text
    for name in ("radiotherapist", "radiologist"):
        person(name).post(f"/conferences/{conference}/answer", answer="declined")
    page = desk.get(f"/conferences/{conference}").text
    assert "学科不足" in page
    assert "必备学科暂无人可到" in page


def test_a_withdrawn_presenter_leaves_the_case_unpresented(app, world, desk, conference):
    case = add_case(app, world)
    list_case(desk, conference, case)
    item = item_of(app, conference, case)
    desk.post(f"/conferences/{conference}/items/{item}", minutes="15", presenter_id="")
    assert "clinician" not in invitations(app, world, conference)
    assert "未指定" in desk.get(f"/conferences/{conference}").text
