"""Cases of the demo: every state, nobody's papers in the wrong hands, only invented people."""

import pytest
from sqlalchemy import func, select

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.queries.patients import open_identity
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.case_state import CaseState
from mdt.rules.identity import IdNumber, check_id_number

INVENTED = ("3699", "2299")


def read(statement):
    return scope.unscoped(statement, because="looks at all that was loaded")


def test_every_state_of_a_case_occurs(loaded):
    states = db.session.scalars(read(select(Case.state).distinct())).all()
    assert set(states) == set(CaseState)


def test_identity_numbers_are_invented_and_rightly_checked(loaded):
    today = local_date(utc_now())
    numbers = [open_identity(row).id_number for row in db.session.scalars(read(select(Patient)))]

    assert len(numbers) > 500
    assert {number[:4] for number in numbers} == set(INVENTED)
    assert [n for n in numbers if not isinstance(check_id_number(n, today), IdNumber)] == []


def test_nothing_lies_in_the_future_but_coming_conferences(loaded):
    now = utc_now()
    late = select(func.count(Case.id)).where(
        (Case.created_at > now) | (Case.updated_at > now) | (Case.submitted_at > now)
    )
    assert db.session.scalar(read(late)) == 0


@pytest.fixture
def own_cases(demo_app, viewer):
    """The clinician's cases."""
    with demo_app.app_context():
        return list(db.session.scalars(scope.cases(viewer("clinician"))))


def test_the_clinician_has_a_draft_and_cases_further_on(own_cases):
    states = {case.state for case in own_cases}
    assert {"draft", "returned", "submitted", "scheduled", "discussing", "signed"} <= states


def test_another_county_sees_none_of_them(own_cases, visitor):
    theirs = [f"/cases/{case.id}" for case in own_cases]
    stranger, own = visitor("clinician2"), visitor("clinician")
    assert {stranger.get(path).status_code for path in theirs} == {404}
    assert {own.get(path).status_code for path in theirs[:3]} == {200}


def test_the_draft_is_unfinished_and_the_returned_case_has_a_day(own_cases):
    draft = next(case for case in own_cases if case.state == "draft")
    returned = next(case for case in own_cases if case.state == "returned")
    assert (draft.question, draft.submitted_at) == ("", None)
    assert returned.due_on is not None
    assert returned.due_on > local_date(utc_now())
