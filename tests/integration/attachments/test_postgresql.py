"""The same on PostgreSQL: upload, order, list, picture, taking back."""

import json
from contextlib import contextmanager
from functools import partial
from itertools import count

import pytest
from sqlalchemy import event

from mdt.extensions import db
from mdt.models.attachments import Instance
from tests.attachment_kit import codes, ct, draft, pdf, rows, send, ultrasound
from tests.fixtures_app import Browser
from tests.world import build_world


@pytest.fixture
def case_id(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
        first = draft(postgresql_app, world)
        draft(postgresql_app, world, number="MDT2026-000002")
    return first


def test_a_case_with_files(postgresql_app, case_id):
    doctor = Browser(postgresql_app, "clinician")
    files = ct(4)
    assert codes(send(doctor, case_id, *files[::-1], ("a.pdf", pdf()))) == ["taken"] * 5
    assert codes(send(doctor, case_id, *files)) == ["duplicate"] * 4
    found = sorted(rows(postgresql_app, Instance), key=lambda row: row.first_image)
    assert [row.number for row in found] == [1, 2, 3, 4]
    addresses = ("attachments", "series.json", "series/1/images/4.jpg", "attachments/1/copy")
    assert [doctor.get(f"/cases/{case_id}/{end}").status_code for end in addresses] == [200] * 4
    # Blacked out and taken back, then released, which a job follows up.
    before = [row.served_uid for row in found]
    form = {"step": "confirm", "extent": "series", "number": 1, "regions": "[[0,0,2,2]]"}
    assert doctor.post(f"/cases/{case_id}/series/1/black-out", **form).status_code == 302
    changed = rows(postgresql_app, Instance)
    assert not {row.served_uid for row in changed} & set(before)
    assert {str(row.black_boxes) for row in changed} == {"[[-1, 0, 0, 2, 2]]"}
    for end in ("show-again", "release"):
        assert doctor.post(f"/cases/{case_id}/series/1/{end}").status_code == 302
    changed = sorted(rows(postgresql_app, Instance), key=lambda row: row.first_image)
    assert [row.served_uid for row in changed] == before
    assert {(row.black_boxes, row.served_stale) for row in changed} == {(None, False)}
    # The next case of the same person takes the study over, and keeps it when it goes here.
    assert doctor.post(f"/cases/{case_id + 1}/earlier/1").status_code == 302
    assert doctor.post(f"/cases/{case_id}/series/1/take-back").status_code == 302
    left = rows(postgresql_app, Instance)
    assert [(row.case_id, row.number) for row in left] == [(case_id + 1, n) for n in (1, 2, 3, 4)]
    assert doctor.get(f"/cases/{case_id + 1}/series/2/images/4.jpg").status_code == 200
    assert doctor.post(f"/cases/{case_id + 1}/series/2/take-back").status_code == 302
    assert rows(postgresql_app, Instance) == []


@contextmanager
def beside(app, place, action, reads="black_boxes"):
    """Let something happen after the ``place``-th SELECT that ``reads`` this before a lock."""
    read = []

    def look(connection, cursor, statement, *_):
        if "FOR UPDATE" in statement:
            read.append("locked")
        elif statement.startswith("SELECT") and reads in statement:
            read.append("read")
            if read == ["read"] * place:
                action()

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", look)


def test_what_two_doctors_black_out_at_once_is_all_black(postgresql_app, case_id):
    first, second = (Browser(postgresql_app, "clinician") for _ in range(2))
    send(first, case_id, *ultrasound(1))
    answers = {}

    def black_out(doctor, box):
        form = {"step": "confirm", "extent": "image", "number": 1, "regions": json.dumps([box])}
        answer = doctor.post(f"/cases/{case_id}/series/1/black-out", **form)
        answers[box] = "stale" if "别人刚刚改过这里" in answer.text else answer.status_code

    for place in count(1):
        other, own = (place, 0, 1, 9), (place, 20, 1, 9)
        with beside(postgresql_app, place, partial(black_out, second, other)):
            black_out(first, own)
        if other not in answers:
            break
        (row,) = rows(postgresql_app, Instance)
        black = {box for box, status in answers.items() if status == 302}
        assert {tuple(box) for _, *box in row.black_boxes} == black
        assert answers[other] == 302
    assert set(answers.values()) == {302, "stale"}
    # Who searches meanwhile finds it as it was.
    (row,) = rows(postgresql_app, Instance)
    address = f"/cases/{case_id}/dicom-web/instances?includefield=BitsAllocated"
    with beside(postgresql_app, 1, partial(black_out, second, (40, 40, 4, 4)), "served_syntax_uid"):
        found = first.get(address)
    assert found.status_code == 200
    assert [one["00080018"]["Value"] for one in found.json] == [[row.served_uid]]
    assert rows(postgresql_app, Instance)[0].served_uid != row.served_uid
