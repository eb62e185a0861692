"""The report counts a discussion from the signature on, out of what is noted with the tumour."""

from datetime import UTC, date, datetime

import pytest
from flask_migrate import downgrade, upgrade

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.coverage import TumourBoard
from mdt.models.plans import Plan, PlanRevision
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.patients import Identity
from mdt.rules.audit import AuditAction
from mdt.services.matching import match_case
from mdt.services.registry import import_register
from mdt.services.unit_of_work import unit_of_work
from tests.board import build_board
from tests.discussions import person_case
from tests.fixtures_app import MIGRATIONS
from tests.integration.reports.conftest import PERIOD
from tests.plans import conclude
from tests.register_files import NOBODY, ROW, WOMAN, rows_to_csv
from tests.world import NOW, build_world

REPORT = f"/reports/coverage.json?{PERIOD}"
SAME_PERSON = {**ROW, "id_number": "369921196203050015", "first_treatment_date": "2026-12-01"}


@pytest.fixture
def total(person):
    def read(key="numerator"):
        return person("quality").get(REPORT).json["total"][key]

    return read


@pytest.fixture
def opinion(app, world, board, read_in):
    """County A's case was discussed; its tumour stands in the register."""
    read_in(SAME_PERSON)
    return conclude(app, world, board)


def recounted(app):
    return app.test_cli_runner().invoke(args=["registry", "recount"]).output


def test_a_case_counts_with_its_last_signature(app, opinion, total):
    opinion.complete()
    opinion.open()
    opinion.sign("chair", "oncologist", "radiotherapist", "radiologist")
    assert (total(), total("denominator")) == (0, 1)
    opinion.sign("pathologist")
    assert (total(), total("denominator")) == (1, 1)
    assert recounted(app) == "0 rows brought up to date.\n"


def test_a_deferred_case_does_not_count(app, opinion, total):
    opinion.signed(outcome="deferred", deferral_reason="await_molecular", deferral_text="等待基因")
    assert (total(), total("denominator")) == (0, 1)
    assert recounted(app) == "0 rows brought up to date.\n"


def test_a_row_that_comes_after_the_opinion_counts_at_once(app, world, board, read_in, total):
    conclude(app, world, board).signed()
    assert total() == 0
    read_in(SAME_PERSON)
    assert total() == 1
    read_in({**SAME_PERSON, "first_treatment_date": "2026-11-01"})
    assert total() == 0


def test_recounting_mends_what_was_noted_wrongly(app, opinion, total):
    opinion.signed()
    opinion.put(Tumour, Tumour.id > 0, board_on=None, board_after=None)
    assert total() == 0
    assert recounted(app) == "1 rows brought up to date.\n"
    assert total() == 1
    with app.app_context():
        statement = db.select(AuditRow.data).where(AuditRow.action == "registry:recount")
        assert list(db.session.scalars(statement)) == [{"changed": 1}]


TREATED = {"first_treatment_date": "2026-11-10"}
FOLLOWING = (
    "board_on", "opinion_alone", "diagnosis_month", "exclusion", "counted_stage", "treated_after",
    "board_after", "outside_after", "opinion_on", "opinion_after", "died_after", "excluding",
)  # fmt: skip


def following(app):
    with app.app_context():
        statement = db.select(*(getattr(Tumour, name) for name in FOLLOWING)).order_by(Tumour.id)
        rows = db.session.execute(scope.unscoped(statement, because="a test looks at rows"))
        boards = db.session.execute(db.select(TumourBoard.held_on, TumourBoard.disciplines))
        return [tuple(row) for row in (*rows, *boards)]


def _sign_alone(world, id_number):
    """An opinion with no meeting, on a Chinese day that is another one in UTC."""
    case = person_case(world, "B", Identity(id_number=id_number), number="MDT-9")
    early = datetime(2026, 11, 4, 16, 30, tzinfo=UTC)
    plan = Plan(case_id=case.id, created_at=early)
    db.session.add(plan)
    db.session.flush()
    db.session.add(
        PlanRevision(
            plan_id=plan.id, case_id=case.id, number=1, state="signed",
            content={"outcome": "recommended"}, signed_at=early, updated_at=early,
            updated_by_id=world.users["chair"],
        )
    )  # fmt: skip
    db.session.commit()
    with unit_of_work(None, AuditAction.CASE_EDIT, now=NOW) as work:
        match_case(work, case)


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_rows_of_before_are_brought_up_to_date_by_the_migration(request, database):
    app = request.getfixturevalue(database)
    with app.app_context():
        world = build_world()
        viewer = world.viewer("quality")
        opinion = conclude(app, world, build_board(world))
        rows = [
            SAME_PERSON,
            {**NOBODY, "mrn": "1", "icd10": "D05.1", "death_date": "2026-11-10"},
            {**NOBODY, "mrn": "2", "icd10": "C91.0", "external_mdt_date": "2026-11-09"},
            {**NOBODY, "mrn": "3", "case_type": "复发", "stage_basis": "yp"},
            {**NOBODY, "mrn": "4", "icd10": "D45", "diagnosis_basis": "8"},
            {
                **NOBODY,
                "mrn": "5",
                "stage_date": "2026-11-20",
                "first_treatment_date": "2026-11-10",
            },
            {**NOBODY, "mrn": "6", "stage_basis": "p", "first_treatment_type": "手术"},
            {**WOMAN, "hospital_code": "T-JX-B"},
        ]
        import_register(viewer, rows_to_csv(*rows), now=NOW)
        _sign_alone(world, WOMAN["id_number"])
    opinion.put(Tumour, Tumour.icd10 == "C91.0", emergency=True, excluding=48)
    opinion.signed()
    before = following(app)
    assert [row[0] is not None for row in before] == [True, *[False] * 7, True]
    assert before[-2][-4:] == (date(2026, 11, 5), 4, None, 0)
    assert before[-1] == (before[0][0], 5)
    with app.app_context():
        db.session.remove()
        downgrade(MIGRATIONS, "0003")
        upgrade(MIGRATIONS)
    assert following(app) == before
