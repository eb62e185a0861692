"""What is typed into the form of a new row is kept until it is entered, for who typed it alone."""

import re
from datetime import timedelta

from mdt.extensions import db
from mdt.models.register_drafts import RegisterDraft
from tests.page_forms import cells_in
from tests.register_files import ROW

NEW = "/registry/new"
TYPED = {"name": "张三丰", "id_number": ROW["id_number"], "icd10": "C34.1"}


def begin(browser, **typed):
    """Open the form and type; gives the draft's number."""
    page = browser.get(NEW).text
    number = re.search(r'data-autosave="/registry/new/drafts/([\w-]+)/autosave"', page)[1]
    for name, text in typed.items():
        saved = browser.post_json(f"{NEW}/drafts/{number}/autosave", {"fields": {name: text}})
        assert (saved.status_code, saved.json["ok"]) == (200, True)
    return number


def shown(browser, number):
    return cells_in(browser.get(f"{NEW}?draft={number}").text)


def test_what_was_typed_is_offered_again_and_shown(person):
    doctor = person("clinician")
    number = begin(doctor, **TYPED, unknown="x")
    offered = doctor.get(NEW).text
    assert f'href="{NEW}?draft={number}"' in offered
    assert ("张**" in offered, "张三丰" in offered) == (True, False)
    cells = shown(doctor, number)
    assert {name: cells[name] for name in TYPED} == TYPED
    assert (cells["case_type"], cells["draft"]) == ("new", number)


def test_an_entered_row_leaves_no_draft_and_a_late_save_brings_none_back(person, register):
    doctor = person("clinician")
    number = begin(doctor, **TYPED)
    row = {**shown(doctor, number), "diagnosis_date": "20261101"}
    assert doctor.post(NEW, **row, then="show").location == "/registry/1"
    late = doctor.post_json(f"{NEW}/drafts/{number}/autosave", {"fields": {"t": "2a"}})
    assert late.status_code == 200
    assert f"draft={number}" not in doctor.get(NEW).text
    assert doctor.get(f"{NEW}?draft={number}").status_code == 404
    assert register("icd10") == [("C34.1",)]


def test_a_first_save_that_is_slower_than_the_entry_brings_no_draft(person, register):
    doctor = person("clinician")
    row = {**cells_in(doctor.get(NEW).text), **TYPED, "diagnosis_date": "20261101"}
    number = row["draft"]
    assert doctor.post(NEW, **row, then="show").location == "/registry/1"
    late = doctor.post_json(f"{NEW}/drafts/{number}/autosave", {"fields": {"t": "2a"}})
    assert late.status_code == 200
    assert f"draft={number}" not in doctor.get(NEW).text
    assert register("icd10") == [("C34.1",)]


def test_what_was_refused_is_kept_as_it_was_sent(person):
    doctor = person("clinician")
    number = begin(doctor, name="张")
    sent = {**TYPED, "hospital_code": "T-JX-A", "draft": number}
    assert doctor.post(NEW, **sent).status_code == 422
    assert {name: shown(doctor, number)[name] for name in TYPED} == TYPED


def test_a_draft_is_thrown_away(person):
    doctor = person("clinician")
    number = begin(doctor, **TYPED)
    assert doctor.post(f"{NEW}/drafts/{number}/discard").location == NEW
    assert f"draft={number}" not in doctor.get(NEW).text


def test_nobody_else_sees_or_touches_a_draft(person):
    doctor, manager = person("clinician"), person("quality-hospital")
    number = begin(doctor, **TYPED)
    assert f"draft={number}" not in manager.get(NEW).text
    assert manager.get(f"{NEW}?draft={number}").status_code == 404
    other = manager.post_json(f"{NEW}/drafts/{number}/autosave", {"fields": {"name": "李四"}})
    assert (other.status_code, manager.post(f"{NEW}/drafts/{number}/discard").status_code) == (
        404,
        404,
    )
    assert (
        doctor.post_json(f"{NEW}/drafts/mine/autosave", {"fields": {"t": "1"}}).status_code == 404
    )
    assert shown(doctor, number)["name"] == "张三丰"


def test_a_draft_is_sealed_and_goes_after_a_week(app, person):
    doctor = person("clinician")
    number = begin(doctor, **TYPED)
    with app.app_context():
        [draft] = db.session.scalars(db.select(RegisterDraft))
        assert "张三丰".encode() not in draft.sealed_cells
        draft.updated_at -= timedelta(days=8)
        db.session.commit()
    later = begin(doctor, name="李四")
    with app.app_context():
        ids = set(db.session.scalars(db.select(RegisterDraft.id)))
    assert (number in ids, later in ids) == (False, True)
