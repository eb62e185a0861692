"""The hospital's inbox outside a case: what came, from where, taken into which case, how long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mdt.extensions import db
from mdt.models.inbox import InboxObject, InboxStudy
from mdt.queries.patients import open_identity, seal_identity
from mdt.rules.calendar import utc_now
from mdt.services.inbox import clear_inbox
from tests.attachment_kit import rows, set_state
from tests.board import make_case
from tests.counting import count_queries
from tests.desk import add_case


def test_listed_by_day_with_its_case_and_its_end(app, doctor, case_id, receive, study):
    receive(study(1, 2), now=utc_now() - timedelta(days=28))
    receive(study(2))
    first, second = (f"/inbox/{row.id}" for row in rows(app, InboxStudy))
    page = doctor.get("/inbox").text
    assert page.index(second) < page.index(first)
    for words in ("张**", "P#1", "CTPACS", "2 天后", "30 天后", "未选入"):
        assert words in page
    assert "张三丰" not in page
    doctor.post(f"/cases/{case_id}/inbox/1/take")
    page = doctor.get("/inbox").text
    assert f'<a href="/cases/{case_id}">MDT2026-000001</a>' in page
    free = doctor.get("/inbox?state=free").text
    assert (first in free, second in free) == (False, True)


def test_a_study_is_put_into_an_open_case_of_the_same_hospital(app, doctor, world, receive, study):
    own = add_case(app, world)
    locked = add_case(app, world, number="MDT2026-000002")
    other = add_case(app, world, key="B", doctor="clinician2", number="MDT2026-000003")
    set_state(app, locked, "signed")
    receive(study(1, PatientName="李四光"))
    page = doctor.get("/inbox/1").text
    assert "与影像不一致" in page
    assert [f"/cases/{one}/inbox/1/take" in page for one in (own, locked, other)] == [
        True, False, False
    ]  # fmt: skip
    doctor.post(f"/cases/{own}/inbox/1/take")
    assert "已选入病例 MDT2026-000001" in doctor.get("/inbox/1").text


def test_a_case_is_begun_with_it(doctor, world, receive, study):
    receive(study(1))
    assert "/cases/new?from=inbox" in doctor.get("/inbox/1").text
    fields = {
        "ask": f"{world.team}:lung_nsclc", "name": "张三丰", "id_number": "369921196203050015",
    }  # fmt: skip
    answer = doctor.post("/cases/new?from=inbox", **fields)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].endswith("/inbox")
    assert "与本患者一致" in doctor.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("who", "status"),
    [("colleague", 200), ("clinician2", 404), ("approver", 403), ("coordinator", 403)],
)
def test_who_may(person, world, receive, study, who, status):
    receive(study(1))
    browser = person(who)
    assert browser.get("/inbox/1").status_code == status
    if status == 404:
        page = browser.get("/inbox")
        assert (page.status_code, "/inbox/1" in page.text) == (200, False)


def test_what_is_over_is_not_there(doctor, receive, study):
    receive(study(1), now=utc_now() - timedelta(days=31))
    assert doctor.get("/inbox/1").status_code == 404
    assert "/inbox/1" not in doctor.get("/inbox").text


def test_what_is_over_and_comes_again_is_there_as_new(app, doctor, receive, study):
    receive(study(1), now=utc_now() - timedelta(days=31))
    receive(study(1))
    assert "30 天后" in doctor.get("/inbox").text
    with app.app_context():
        assert clear_inbox(now=utc_now()) == 0
    assert len(rows(app, InboxObject)) == 1


def test_of_many_cases_those_of_the_person_are_offered(app, doctor, world, receive, study):
    own = add_case(app, world)
    with app.app_context():
        for number in range(2, 103):
            other = make_case(world, "A", "clinician", number=f"MDT2026-{number:06}")
            other.updated_at += timedelta(minutes=number)
            identity = replace(open_identity(other.patient), name="李四光", id_number="")
            seal_identity(other.patient, identity)
        db.session.commit()
    receive(study(1))
    assert f"/cases/{own}/inbox/1/take" in doctor.get("/inbox/1").text


def test_who_looks_after_the_machines_sees_numbers_and_no_names(person, receive, study, peer):
    peer("A", "CTPACS")
    receive(study(1, 2))
    receive(study(2))
    page = person("sysadmin").get("/admin/pacs").text
    row = page.partition("收到的检查")[2].partition("<tbody>")[2].partition("</tr>")[0]
    assert [words in row for words in ("CTPACS", ">2<", ">3<", ">0<")] == [True] * 4
    assert "张" not in row
    assert "P#1" not in page
    assert person("sysadmin").get("/inbox").status_code == 403


def test_as_many_queries_for_three_as_for_one(app, doctor, person, world, receive, study):
    def counted():
        found = []
        for browser, url in ((doctor, "/inbox"), (doctor, "/inbox/1"), (admin, "/admin/pacs")):
            with count_queries(app) as sent:
                assert browser.get(url).status_code == 200
            found.append(len(sent))
        return found

    admin = person("sysadmin")
    add_case(app, world)
    receive(study(1))
    counted()
    before = counted()
    for number in (2, 3):
        receive(study(number))
        add_case(app, world, number=f"MDT2026-00000{number}")
    assert counted() == before
