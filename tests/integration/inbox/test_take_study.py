"""A clinician takes what the hospital's own PACS sent into a case; nobody else sees it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from mdt.adapters import devices
from mdt.adapters.queue import queue
from mdt.extensions import db
from mdt.models.attachments import Instance
from mdt.models.audit import AuditRow
from mdt.models.inbox import InboxObject, InboxStudy
from mdt.rules.attachments import FileRefused
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Refused
from mdt.rules.jobs import NIGHTLY, JobName
from mdt.services.inbox import NotAsAnnounced, Sender, receive_object
from tests import case_kit
from tests.attachment_kit import rows, set_state
from tests.board import make_case
from tests.counting import count_queries
from tests.desk import add_case, list_case, plan


def inbox(case_id):
    return f"/cases/{case_id}/inbox"


def take(browser, case_id, number):
    return browser.post(f"{inbox(case_id)}/{number}/take")


def ids(app):
    return [one.id for one in rows(app, InboxStudy)]


def stored_keys(app):
    with app.app_context():
        blobs = devices.storage().keys()
        return [blob.key for blob in blobs]


def test_taken_whole_and_says_by_which_case(app, doctor, case_id, receive, study):
    sent = study(1, 3)
    receive(sent)
    page = doctor.get(inbox(case_id)).text
    assert ("张**" in page, "张三丰" in page, "P#1" in page) == (True, False, True)
    (number,) = ids(app)
    answer = take(doctor, case_id, number)
    assert answer.headers["Location"] == f"/cases/{case_id}/attachments"
    assert "已从 PACS 来片选入 3 个文件" in doctor.get(answer.headers["Location"]).text
    taken = rows(app, Instance)
    with app.app_context():
        kept = [devices.storage().read(one.storage_key) for one in taken]
    assert kept == [data for _, data in sent]
    assert "已选入" in doctor.get(inbox(case_id)).text
    (study_row,) = rows(app, InboxStudy)
    assert (study_row.object_count, study_row.taken_case_id) == (3, case_id)
    (row,) = case_kit.rows(app, AuditRow, action="inbox:take")
    assert (row.actor_name, row.case_id, row.data) == ("clinician", case_id, {"images": 3})
    # More of it comes later: only that is new.
    receive(study(1, 4))
    take(doctor, case_id, number)
    again = doctor.get(f"/cases/{case_id}/attachments").text
    assert ("选入 1 个文件" in again, "3 个文件本病例中已有" in again) == (True, True)


def test_headers_of_somebody_else_hold_the_case_back(app, world, person, doctor, receive, study):
    receive(study(1, PatientName="李四光", PatientSex="F"))
    case_id = add_case(app, world)
    assert "与本患者不一致" in doctor.get(inbox(case_id)).text
    assert take(doctor, case_id, *ids(app)).status_code == 302
    desk = person("coordinator")
    refused = list_case(desk, plan(desk, world), case_id)
    assert (refused.status_code, "影像中有 1 人" in refused.text) == (422, True)


def test_whose_it_is_not_sees_nothing(app, world, person, doctor, case_id, receive, study):
    receive(study(1), hospital="B")
    (number,) = ids(app)
    assert "还没有发来检查" in doctor.get(inbox(case_id)).text
    assert take(doctor, case_id, number).status_code == 404
    other = person("clinician2")
    assert (other.get(inbox(case_id)).status_code, take(other, case_id, number).status_code) == (
        404,
        404,
    )
    for name in ("approver", "coordinator", "sysadmin"):
        browser = person(name)
        assert browser.get(inbox(case_id)).status_code == 403
        assert take(browser, case_id, number).status_code == 403
    assert rows(app, Instance) == []
    with app.app_context():
        own = make_case(world, "B", "clinician2", number="MDT2026-000002").id
        db.session.commit()
    assert take(other, own, number).status_code == 302
    assert len(rows(app, Instance)) == 1


def test_a_case_that_is_signed_takes_nothing_more(app, doctor, case_id, receive, study):
    receive(study(1))
    (number,) = ids(app)
    set_state(app, case_id, "signed")
    assert take(doctor, case_id, number).status_code == 409
    set_state(app, case_id, "draft")
    assert take(doctor, case_id, number).status_code == 302


def test_found_by_whole_name_or_number(doctor, case_id, receive, study):
    receive([*study(1), *study(2, PatientName="李四光", PatientID="x77")])
    asked = {text: doctor.post(inbox(case_id), text=text).text for text in ("李四光", "X77", "李")}
    found = {text: re.findall(r"查找结果：(\d+) 项", page) for text, page in asked.items()}
    assert found == {"李四光": ["1"], "X77": ["1"], "李": ["0"]}
    assert ("x77" in asked["X77"], "P#1" in asked["X77"]) == (True, False)


def test_two_persons_under_one_study_are_two_lines(app, receive, study):
    receive([*study(1), *study(1, SOPInstanceUID="2.25.9", PatientName="李四光")])
    assert [one.object_count for one in rows(app, InboxStudy)] == [1, 1]


def test_sent_again_is_kept_once_and_changed_is_kept_beside(app, receive, study):
    receive([*study(1), *study(1), *study(1, SeriesDescription="更正")])
    (one,) = rows(app, InboxStudy)
    stored = rows(app, InboxObject)
    assert (one.object_count, len(stored)) == (2, 2)
    assert stored_keys(app) == sorted(row.storage_key for row in stored)


def test_the_list_takes_as_many_queries_for_three_as_for_one(app, doctor, case_id, receive, study):
    receive(study(1))
    doctor.get(inbox(case_id))
    with count_queries(app) as one:
        doctor.get(inbox(case_id))
    receive([*study(2), *study(3)])
    with count_queries(app) as three:
        doctor.get(inbox(case_id))
    assert len(three) == len(one)


def test_after_thirty_days_rows_and_bytes_are_gone(app, receive, study):
    receive(study(1), now=utc_now() - timedelta(days=31))
    receive(study(2), now=utc_now() - timedelta(days=29))
    assert JobName.INBOX_CLEAR in NIGHTLY
    with app.app_context():
        queue().put(JobName.INBOX_CLEAR)
    (kept,) = rows(app, InboxObject)
    assert [one.study_uid for one in rows(app, InboxStudy)] == ["2.25.772"]
    assert stored_keys(app) == [kept.storage_key]


def test_what_cannot_be_read_or_is_another_or_has_no_room_is_not_kept(app, world, study):
    sender = Sender(world.hospitals["A"], "CTPACS")
    ((_, data),) = study(1)
    ct_class, uid = "1.2.840.10008.5.1.4.1.1.2", "2.25.10000001"
    before = app.config["MDT"]
    with app.app_context():
        for bad, called, error in (
            (data[:300], uid, FileRefused),
            (b"\0" * 128 + b"DICMnothing", uid, FileRefused),
            (data, "2.25.1", NotAsAnnounced),
        ):
            with pytest.raises(error):
                receive_object(sender, bad, sop_class_uid=ct_class, sop_uid=called, now=utc_now())
        app.config["MDT"] = replace(before, hospital_bytes=len(data) - 1)
        try:
            with pytest.raises(Refused, match="hospital_full"):
                receive_object(sender, data, sop_class_uid=ct_class, sop_uid=uid, now=utc_now())
        finally:
            app.config["MDT"] = before
        assert stored_keys(app) == []
        receive_object(sender, data, sop_class_uid=ct_class, sop_uid=uid, now=utc_now())
    assert len(rows(app, InboxObject)) == 1


def test_names_of_the_person_stand_nowhere_in_the_tables(app, receive, study):
    receive(study(1, StudyDescription="张三丰 胸部CT"))
    (row,) = rows(app, InboxStudy)
    plain = [getattr(row, one.name) for one in InboxStudy.__table__.columns]
    assert row.description == "* 胸部CT"
    assert "张三丰" not in str(plain)
