"""Loading the demo: ready only when whole, twice is once, half is said."""

import pytest
from sqlalchemy import func, select

from mdt.cli.demo.demo import DOCTORS
from mdt.cli.demo.people import NAMED_ACCOUNTS
from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.plans import PlanRevision
from mdt.models.regions import Hospital
from mdt.queries import scope
from mdt.rules.plan import content_hash, from_content

ACCOUNTS = (
    "clinician", "clinician2", "approver", "coordinator", "chair", "radiologist", "pathologist",
    "surgeon", "oncologist", "radiotherapist", "tcm", "recorder", "observer", "quality",
    "quality-city", "quality-county", "quality-hospital", "sysadmin", "secadmin", "auditor",
)  # fmt: skip


def test_ready_only_once_everything_is_loaded(app, demo_app):
    assert app.test_client().get("/readyz").status_code == 503
    assert demo_app.test_client().get("/readyz").status_code == 200


def test_the_accounts_are_those_of_the_contract():
    assert tuple(username for username, _ in NAMED_ACCOUNTS) == ACCOUNTS


@pytest.mark.parametrize("username", ACCOUNTS)
def test_each_signs_in_and_has_a_worklist(visitor, username):
    assert visitor(username).get("/").status_code == 200


def test_loading_again_does_nothing(loaded):
    count = select(func.count(Case.id))
    before = db.session.scalar(scope.unscoped(count, because="counts all"))
    result = loaded.test_cli_runner().invoke(args=["demo", "load"])
    assert (result.exit_code, result.output) == (0, "The demo data is there already.\n")
    assert db.session.scalar(scope.unscoped(count, because="counts all")) == before


def test_half_a_load_says_what_to_do(app, world):
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 1
    assert "make reset-demo" in result.output


def test_the_accounts_are_printed_with_their_password(loaded):
    result = loaded.test_cli_runner().invoke(args=["demo", "accounts"])
    assert result.output.count("\n") == len(ACCOUNTS) + 1
    assert "mdt-demo-2026" in result.output


def test_signed_opinions_hold_what_was_signed(loaded):
    statement = select(PlanRevision).where(PlanRevision.state == "signed")
    rows = db.session.scalars(scope.unscoped(statement, because="looks at all")).all()

    assert len(rows) > 100
    assert [r.id for r in rows if content_hash(from_content(r.content)) != r.content_hash] == []
    assert all(s.content_hash == r.content_hash for r in rows for s in r.signatures)
    assert len({r.verify_code for r in rows}) == len(rows)


def test_an_opinion_of_the_past_can_be_printed_and_verified(demo_app, visitor):
    with demo_app.app_context():
        statement = (
            select(PlanRevision.case_id, PlanRevision.verify_code, Hospital.code)
            .join(Case, Case.id == PlanRevision.case_id)
            .join(Hospital, Hospital.id == Case.hospital_id)
            .where(PlanRevision.state == "signed", Case.state == "closed")
            .order_by(PlanRevision.id.desc())
        )
        rows = db.session.execute(scope.unscoped(statement, because="looks at all"))
        case_id, verify_code, hospital = rows.first()
    doctor = visitor(DOCTORS[hospital])

    printed = doctor.get(f"/cases/{case_id}/plan.pdf")
    assert (printed.status_code, printed.data[:5]) == (200, b"%PDF-")
    assert doctor.get(f"/verify/{verify_code}").status_code == 200
