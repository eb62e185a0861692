"""Registers read in and boards held for the tests of reports."""

from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.people import UserRole
from mdt.queries.patients import Identity
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.services.matching import match_case
from mdt.services.registry import import_register
from mdt.services.unit_of_work import unit_of_work
from tests.discussions import hold_board, person_case
from tests.freeze_kit import DAY
from tests.register_files import NOBODY, OTHER_WOMAN, ROW, WOMAN, rows_to_csv
from tests.world import NOW

PERIOD = "from=2026-10-01&to=2026-12-31"


@pytest.fixture
def read_in(app, world):
    def read(*rows, by="quality"):
        with app.app_context():
            return import_register(world.viewer(by), rows_to_csv(*rows), now=NOW)

    return read


@pytest.fixture
def discuss(app, world):
    """``discuss(id_number, day, hospital="A", ...)``: a case of this person, discussed."""

    def hold(id_number, day=date(2026, 11, 5), hospital="A", number="MDT-1", **how):
        columns = {name: how.pop(name) for name in ("icd10", "diagnosis_date") if name in how}
        with app.app_context():
            who = Identity(id_number=id_number)
            case = person_case(world, hospital, who, number=number, **columns)
            hold_board(world, case, day, **how)
            db.session.commit()
            with unit_of_work(None, AuditAction.CASE_EDIT, now=NOW) as work:
                match_case(work, case)
            return case.id

    return hold


@pytest.fixture
def province(read_in, discuss):
    """Three tumours of A (one discussed, one unstaged), one of B, one recurrence of the team's."""
    unstaged = {"t": "", "n": "", "m": ""}
    read_in(
        {},
        {**OTHER_WOMAN, "icd10": "C50.4", "stage_group": "IV", **unstaged},
        {**NOBODY, "mrn": "MRN-8", **unstaged},
        {**WOMAN, "hospital_code": "T-JX-B"},
        {**NOBODY, "mrn": "MRN-9", "hospital_code": "T-JX-T", "case_type": "复发"},
    )
    discuss(ROW["id_number"])


@pytest.fixture
def rows(read_in):
    """A quarter of A and B: four that count, one of them for no reason to change."""
    read_in(
        {**DAY},
        {**WOMAN, **DAY},
        {**OTHER_WOMAN, **DAY, "hospital_code": "T-JX-B", "icd10": "C16.2", "stage_group": "IV"},
        {**NOBODY, **DAY, "mrn": "4", "first_treatment_date": "2026-09-01"},
    )


@pytest.fixture
def read_later(app, world):
    """Rows that the register has only after what was closed before."""

    def read(*rows):
        with app.app_context():
            import_register(world.viewer("quality"), rows_to_csv(*rows), now=utc_now())

    return read


@pytest.fixture
def county_manager(app, world):
    """A quality manager of Anyuan county alone: the recorder is given the role."""
    with app.app_context():
        role = UserRole(user_id=world.users["recorder"], role="quality", region_code="360726")
        db.session.add(role)
        db.session.commit()
    return "recorder"
