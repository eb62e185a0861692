"""The agenda: cases come on it, are moved, timed, presented, and taken off."""

from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from mdt.rules.calendar import utc_now
from tests.desk import (
    add_case,
    agenda,
    all_rows,
    conference_row,
    invitations,
    item_of,
    list_case,
    notices,
    plan,
    states,
)


@pytest.fixture
def three(app, world, desk, conference):
    """Three listed cases of county A."""
    cases = [add_case(app, world, number=f"MDT2026-00000{n}") for n in (1, 2, 3)]
    for case in cases:
        assert list_case(desk, conference, case, minutes=20).status_code == 302
    return cases


def test_listing_a_case_schedules_it_and_asks_its_doctor(app, world, desk, conference):
    case = add_case(app, world)
    answer = list_case(desk, conference, case)
    assert answer.status_code == 302
    assert agenda(app, conference) == [(case, 15)]
    assert states(app, case) == ["scheduled"]
    assert invitations(app, world, conference)["clinician"] == ("presenter", "pending")
    assert notices(app, world, "case_scheduled") == ["clinician"]
    assert "clinician" not in notices(app, world, "conference_invited")


def test_red_lights_keep_a_case_off_until_somebody_says_why(app, world, desk, conference):
    case = add_case(app, world, listing_override={})
    refused = list_case(desk, conference, case)
    assert refused.status_code == 422
    assert "项必备资料缺失" in refused.text
    assert states(app, case) == ["accepted"]
    unchosen = list_case(desk, conference, case, excepted="1", reason="", text="气道受压")
    assert unchosen.status_code == 422
    assert "请选择特批原因" in unchosen.text
    unexplained = list_case(desk, conference, case, excepted="1", reason="emergency", text=" ")
    assert unexplained.status_code == 422
    assert "请写明为什么资料不全也要列入" in unexplained.text
    assert list_case(desk, conference, case, reason="emergency").status_code == 422
    assert states(app, case) == ["accepted"]
    given = {"reason": "emergency", "text": "气道受压"}
    assert list_case(desk, conference, case, excepted="1", **given).status_code == 302
    assert states(app, case) == ["scheduled"]
    with app.app_context():
        kept = db.session.scalars(all_rows(Case)).one().listing_override
        assert (kept["reason"], kept["by"]) == ("emergency", "许秘书")
        rows = db.session.scalars(db.select(AuditRow).where(AuditRow.action == "case:override"))
        assert [(row.case_id, row.data["reason"]) for row in rows] == [(case, "emergency")]


def test_no_reason_for_an_exception_is_chosen_beforehand(app, world, desk, conference):
    add_case(app, world, listing_override={})
    form = (
        desk.get(f"/conferences/{conference}").text.split('name="excepted"')[1].split("</form>")[0]
    )
    assert '<option value="">请选择</option>' in form
    assert "selected" not in form


def test_an_exception_is_over_once_the_case_is_put_back(app, world, desk, conference):
    case = add_case(app, world, listing_override={})
    list_case(desk, conference, case, reason="emergency", text="气道受压")
    page = desk.get(f"/cases/{case}").text
    assert "资料不全仍同意排期" in page
    assert "气道受压（许秘书）" in page
    desk.post(f"/conferences/{conference}/items/{item_of(app, conference, case)}/remove")
    page = desk.get(f"/cases/{case}").text
    assert "资料不全仍同意排期" not in page
    assert "特批已失效" in page
    assert "气道受压（许秘书）" in page
    assert list_case(desk, conference, case).status_code == 422


def test_the_page_of_a_case_leads_into_the_room(app, world, desk, conference, person):
    case = add_case(app, world)
    list_case(desk, conference, case)
    room = f'href="/conferences/{conference}/live"'
    assert room not in desk.get(f"/cases/{case}").text
    desk.post(f"/conferences/{conference}/start")
    for who in ("coordinator", "clinician", "radiologist"):
        assert room in person(who).get(f"/cases/{case}").text
    assert room not in person("colleague").get(f"/cases/{case}").text


def test_a_date_after_the_cases_time_is_marked(app, world, desk, conference):
    case = add_case(app, world, submitted_at=utc_now() - timedelta(days=1))
    list_case(desk, conference, case)
    assert "晚于病例时限" in desk.get(f"/conferences/{conference}").text


@pytest.mark.parametrize("state", ["submitted", "draft", "concluded"])
def test_only_an_accepted_case_is_listed(app, world, desk, conference, state):
    case = add_case(app, world, state=state)
    assert list_case(desk, conference, case).status_code in {404, 422}
    assert (agenda(app, conference), states(app, case)) == ([], [state])


def test_a_case_stands_on_one_agenda_only(app, world, desk, conference):
    case = add_case(app, world)
    list_case(desk, conference, case)
    assert list_case(desk, plan(desk, world), case).status_code == 422


@pytest.mark.parametrize("minutes", ["181", "-3", "abc"])
def test_an_items_time_is_within_bounds(app, world, desk, conference, minutes):
    case = add_case(app, world)
    assert list_case(desk, conference, case, minutes=minutes).status_code == 422
    assert agenda(app, conference) == []


def test_an_item_goes_up_and_down(app, desk, conference, three):
    first, second, third = three
    item = item_of(app, conference, third)
    assert desk.post(f"/conferences/{conference}/items/{item}/move", step="up").status_code == 302
    assert [case for case, _ in agenda(app, conference)] == [first, third, second]
    desk.post(f"/conferences/{conference}/items/{item}/move", step="down")
    desk.post(f"/conferences/{conference}/items/{item}/move", step="down")
    assert [case for case, _ in agenda(app, conference)] == [first, second, third]
    assert desk.post(f"/conferences/{conference}/items/{item}/move", step="x").status_code == 422


def test_the_order_is_set_by_dragging_and_times_come_back(app, desk, conference, three):
    items = [item_of(app, conference, case) for case in three]
    version = conference_row(app, conference).version
    order = [str(items[2]), str(items[0]), str(items[1])]
    answer = desk.post_json(
        f"/conferences/{conference}/order", {"order": order, "version": version}
    )
    assert answer.json["ok"] is True
    assert answer.json["times"] == dict(zip(order, ("14:30", "14:50", "15:10"), strict=True))
    assert answer.json["version"] == conference_row(app, conference).version
    assert [case for case, _ in agenda(app, conference)] == [three[2], three[0], three[1]]


def test_an_order_on_an_old_page_is_stale(app, desk, conference, three):
    items = [str(item_of(app, conference, case)) for case in three]
    version = conference_row(app, conference).version
    body = {"order": items[::-1], "version": version}
    assert desk.post_json(f"/conferences/{conference}/order", body).status_code == 200
    assert desk.post_json(f"/conferences/{conference}/order", body).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"order": "1", "version": 1},
        {"order": ["x"], "version": 1},
        {"order": [], "version": 1},
        {"order": ["1"], "version": "1"},
    ],
)
def test_an_order_that_cannot_be_read_is_refused(desk, conference, body):
    assert desk.post_json(f"/conferences/{conference}/order", body).status_code == 422


def test_an_order_of_other_items_is_refused(app, desk, conference, three):
    version = conference_row(app, conference).version
    body = {"order": [item_of(app, conference, three[0])], "version": version}
    assert desk.post_json(f"/conferences/{conference}/order", body).status_code == 422


def test_minutes_and_presenter_are_changed(app, world, desk, conference):
    case = add_case(app, world)
    list_case(desk, conference, case)
    item = item_of(app, conference, case)
    answer = desk.post(
        f"/conferences/{conference}/items/{item}",
        minutes="25",
        presenter_id=world.users["colleague"],
    )
    assert answer.status_code == 302
    assert agenda(app, conference) == [(case, 25)]
    asked = invitations(app, world, conference)
    assert asked["colleague"] == ("presenter", "pending")
    assert "clinician" not in asked
    assert notices(app, world, "invitation_withdrawn") == ["clinician"]
    assert "colleague" in notices(app, world, "conference_invited")


def test_a_presenter_is_a_doctor_of_the_cases_hospital(app, world, desk, conference):
    case = add_case(app, world)
    list_case(desk, conference, case)
    item = item_of(app, conference, case)
    answer = desk.post(
        f"/conferences/{conference}/items/{item}",
        minutes="15",
        presenter_id=world.users["clinician2"],
    )
    assert answer.status_code == 422
    assert "汇报人须是病例所在医院的医师" in answer.text


def test_a_case_taken_off_goes_back_to_the_queue(app, world, desk, conference, three):
    item = item_of(app, conference, three[1])
    answer = desk.post(f"/conferences/{conference}/items/{item}/remove")
    assert answer.status_code == 302
    assert [case for case, _ in agenda(app, conference)] == [three[0], three[2]]
    assert states(app, *three) == ["scheduled", "accepted", "scheduled"]
    assert notices(app, world, "case_put_back") == ["clinician"]
    again = list_case(desk, conference, three[1], reason="emergency", text="气道受压")
    assert again.status_code == 302
    assert [case for case, _ in agenda(app, conference)] == [three[0], three[2], three[1]]


def test_an_observer_is_asked_to_one_case_only(app, world, desk, conference, three, person):
    item = item_of(app, conference, three[0])
    answer = desk.post(
        f"/conferences/{conference}/items/{item}/observers", observer=world.users["observer"]
    )
    assert answer.status_code == 302
    assert invitations(app, world, conference)["observer"] == ("observer", "pending")
    page = person("observer").get(f"/conferences/{conference}").text
    assert page.count("其他单位病例") == 2
    assert "MDT2026-000001" in page
    assert "MDT2026-000002" not in page


def test_nobody_but_an_observer_is_asked_to_listen(app, world, desk, conference, three):
    item = item_of(app, conference, three[0])
    answer = desk.post(
        f"/conferences/{conference}/items/{item}/observers", observer=world.users["quality"]
    )
    assert answer.status_code == 422
    assert "observer" not in invitations(app, world, conference)


def test_the_agenda_is_the_desks_alone(app, world, conference, three, person):
    item = item_of(app, conference, three[0])
    base = f"/conferences/{conference}"
    for name, status in (("clinician", 403), ("oncologist", 403), ("clinician2", 403)):
        visitor = person(name)
        assert visitor.post(f"{base}/items", case_id=three[0]).status_code == status
        assert visitor.post(f"{base}/items/{item}/remove").status_code == status
        assert visitor.post_json(f"{base}/order", {}).status_code == status
    assert [case for case, _ in agenda(app, conference)] == three


def test_once_it_has_begun_the_agenda_stands(app, desk, conference, three):
    assert desk.post(f"/conferences/{conference}/start").headers["Location"] == (
        f"/conferences/{conference}/live"
    )
    item = item_of(app, conference, three[0])
    answer = desk.post(f"/conferences/{conference}/items/{item}/remove")
    assert answer.status_code == 422
    assert "议程和时间不能再改" in answer.text
    assert [case for case, _ in agenda(app, conference)] == three
