"""The checklist of a case: lights, marks by hand, what it keeps off an agenda, the override."""

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.queries.case_standing import listing_blocks
from mdt.queries.cases import get_case
from mdt.rules.calendar import local_date
from mdt.rules.errors import Forbidden, IllegalTransition, Invalid
from mdt.services.case_listing import override_listing
from tests.board import make_case
from tests.case_kit import load, rows, scan, start
from tests.world import NOW


@pytest.fixture
def accepted_case(app, world):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state="accepted", number="MDT2026-000077").id
        db.session.commit()
    return case_id


def blocking(app, world, case_id):
    with app.app_context():
        case = get_case(world.viewer("coordinator"), case_id)
        return {state.item.base for state in listing_blocks(case, today=local_date(NOW))}


def test_red_lights_keep_a_case_off_an_agenda(app, world, accepted_case):
    found = blocking(app, world, accepted_case)
    assert {"ct_chest", "path_report"} <= found
    scan(app, accepted_case, "pathology_report", "右肺活检病理报告.pdf")
    assert blocking(app, world, accepted_case) == found - {"path_report"}


def test_a_mark_by_hand(app, world, person):
    doctor = person("clinician")
    case_id = start(doctor, world)
    fields = {"mark.ct_chest": "not_available:test_impossible", "mark.cl_exam": "present"}
    answer = doctor.post_json(f"/cases/{case_id}/checklist-marks", {"fields": fields})
    assert answer.status_code == 200
    assert "检查无条件或患者不能做" in answer.json["html"]["case-lights"]
    assert load(app, case_id).checklist_marks == {
        "ct_chest": {"mark": "not_available", "reason": "test_impossible"},
        "cl_exam": {"mark": "present", "reason": ""},
    }
    doctor.post_json(f"/cases/{case_id}/checklist-marks", {"fields": {"mark.ct_chest": ""}})
    assert list(load(app, case_id).checklist_marks) == ["cl_exam"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mark.ct_chest", "not_available"),
        ("mark.ct_chest", "not_available:moon"),
        ("mark.ct_chest", "perhaps"),
        ("mark.nothing", "present"),
    ],
)
def test_a_mark_that_says_nothing(app, world, person, name, said):
    doctor = person("clinician")
    case_id = start(doctor, world)
    answer = doctor.post_json(f"/cases/{case_id}/checklist-marks", {"fields": {name: said}})
    assert answer.status_code == 422
    assert name in answer.json["error"]["fields"]
    assert load(app, case_id).checklist_marks == {}


@pytest.mark.parametrize(("who", "status"), [("clinician2", 404), ("coordinator", 403)])
def test_who_may_not_mark(app, world, person, accepted_case, who, status):
    body = {"fields": {"mark.ct_chest": "present"}}
    answer = person(who).post_json(f"/cases/{accepted_case}/checklist-marks", body)
    assert answer.status_code == status


def test_an_override_with_a_reason_lets_it_through(app, world, accepted_case):
    with app.app_context():
        viewer = world.viewer("coordinator")
        override_listing(viewer, accepted_case, "emergency", "气道受压", now=NOW)
    assert blocking(app, world, accepted_case) == set()
    kept = load(app, accepted_case).listing_override
    assert (kept["reason"], kept["text"], kept["by"]) == ("emergency", "气道受压", "许秘书")
    assert [row.data["reason"] for row in rows(app, AuditRow, action="case:override")] == [
        "emergency"
    ]


def test_an_override_without_a_reason_or_by_others(app, world, accepted_case):
    with app.app_context():
        desk, doctor = world.viewer("coordinator"), world.viewer("clinician")
        with pytest.raises(Invalid):
            override_listing(desk, accepted_case, "", "气道受压", now=NOW)
        with pytest.raises(Invalid):
            override_listing(desk, accepted_case, "emergency", " ", now=NOW)
        with pytest.raises(Forbidden):
            override_listing(doctor, accepted_case, "emergency", "气道受压", now=NOW)
    assert load(app, accepted_case).listing_override == {}


def test_no_override_outside_the_queue(app, world):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state="signed", number="MDT2026-000078").id
        db.session.commit()
        with pytest.raises(IllegalTransition):
            override_listing(world.viewer("coordinator"), case_id, "emergency", "气道受压", now=NOW)
