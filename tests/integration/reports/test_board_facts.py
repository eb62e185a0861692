"""The report counts a discussion from the signature on, out of what is noted with the tumour."""

import pytest
from flask_migrate import downgrade, upgrade

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.services.registry import import_register
from tests.board import build_board
from tests.fixtures_app import MIGRATIONS
from tests.integration.reports.conftest import PERIOD
from tests.plans import conclude
from tests.register_files import NOBODY, ROW, rows_to_csv
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
    "board_after", "outside_after",
)  # fmt: skip


def following(app):
    with app.app_context():
        statement = db.select(*(getattr(Tumour, name) for name in FOLLOWING)).order_by(Tumour.id)
        rows = db.session.execute(scope.unscoped(statement, because="a test looks at rows"))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("database", ["app", "postgresql_app"])
def test_rows_of_before_are_brought_up_to_date_by_the_migration(request, database):
    app = request.getfixturevalue(database)
    with app.app_context():
        world = build_world()
        viewer = world.viewer("quality")
        opinion = conclude(app, world, build_board(world))
        rows = [
            SAME_PERSON,
            {**NOBODY, "mrn": "1", "icd10": "D05.1"},
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
        ]
        import_register(viewer, rows_to_csv(*rows), now=NOW)
    opinion.signed()
    before = following(app)
    assert [row[0] is not None for row in before] == [True, *[False] * 6]
    with app.app_context():
        db.session.remove()
        downgrade(MIGRATIONS, "0003")
        upgrade(MIGRATIONS)
    assert following(app) == before
