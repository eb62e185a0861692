"""Where it is said that the checklist is a proposal, and who holds a case."""

from mdt.extensions import db
from tests.board import make_case


def draft(app, world, state="draft"):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state=state, number="MDT2026-000077").id
        db.session.commit()
        return case_id


def test_only_the_submit_page_says_that_the_checklist_is_a_proposal(app, world, person):
    case_id, doctor = draft(app, world), person("clinician")
    pages = {path: doctor.get(f"/cases/{case_id}{path}").text for path in ("", "/edit", "/submit")}
    assert {path for path, page in pages.items() if "清单为建议稿，版本 " in page} == {"/submit"}
    assert {path for path, page in pages.items() if "审核签字" in page} == set()


def test_a_case_in_the_hands_of_its_doctor_says_role_and_name(app, world, person):
    draft(app, world, "following")
    page = person("clinician").get("/cases").text
    assert ('data-label="当前经办">主管医师 林县医<' in page, "在此状态自" in page) == (True, True)
