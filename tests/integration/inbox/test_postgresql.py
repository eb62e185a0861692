"""The same on PostgreSQL, where several writers are at work at one moment."""

from concurrent.futures import ThreadPoolExecutor, wait

from sqlalchemy import event

from mdt.extensions import db
from mdt.models.attachments import Instance
from mdt.models.inbox import InboxObject, InboxStudy
from mdt.rules.calendar import utc_now
from mdt.rules.pacs import INBOX_LIFE
from mdt.services.inbox import Sender, clear_inbox, receive_object
from tests.attachment_kit import ct, draft, rows
from tests.fixtures_app import Browser
from tests.world import build_world


def test_four_associations_bring_one_study_that_a_case_takes(postgresql_app):
    app = postgresql_app
    with app.app_context():
        world = build_world()
        case_id = draft(app, world)

    def send(place):
        data = sent[place][1]
        with app.app_context():
            receive_object(
                Sender(world.hospitals["A"], "CTPACS"),
                data,
                sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
                sop_uid=f"2.25.1000000{place + 1}",
                now=utc_now(),
            )

    sent = ct(4, StudyDescription="CT\0")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, [0, 1, 2, 3, 0, 1, 2, 3]))
    (study,) = rows(app, InboxStudy)
    assert (study.object_count, study.modalities, len(rows(app, InboxObject))) == (4, "CT", 4)
    doctor = Browser(app, "clinician")
    assert (
        doctor.post(f"/cases/{case_id}/inbox", text="张三丰").text.count("选入本病例</button>") == 1
    )
    assert doctor.post(f"/cases/{case_id}/inbox/{study.id}/take").status_code == 302
    assert len(rows(app, Instance)) == 4
    assert "已选入" in doctor.get(f"/cases/{case_id}/inbox").text
    # Another comes while its study, whose time is over, is being cleared away.
    sent.append(ct(5)[4])
    waiting = []

    def come_beside(connection, cursor, statement, *_):
        if "SELECT inbox_object.storage_key" in statement and not waiting:
            waiting.append(pool.submit(send, 4))
            wait(waiting, timeout=1)

    with ThreadPoolExecutor(1) as pool, app.app_context():
        event.listen(db.engine, "after_cursor_execute", come_beside)
        assert clear_inbox(now=utc_now() + INBOX_LIFE) == 1
        event.remove(db.engine, "after_cursor_execute", come_beside)
        waiting[0].result()
    assert [row.sop_uid for row in rows(app, InboxObject)] == ["2.25.10000005"]
