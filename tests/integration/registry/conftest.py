"""What the tests of the register share."""

import pytest

from mdt.extensions import db
from mdt.models.tumours import Tumour, TumourCase
from mdt.services.registry import import_register
from tests.register_files import rows_to_csv
from tests.world import NOW


@pytest.fixture
def read_in(app, world):
    """``read_in(row, ..., by="clinician")`` reads a file of these rows; gives the report."""

    def read(*rows, by="clinician", hospital_code=None, content=None):
        with app.app_context():
            viewer = world.viewer(by) if by else None
            whole = rows_to_csv(*rows) if content is None else content
            return import_register(viewer, whole, hospital_code=hospital_code, now=NOW)

    return read


@pytest.fixture
def register(app):
    """``register()`` gives the register's rows as tuples of the columns asked for."""

    def look(*columns):
        with app.app_context():
            statement = db.select(Tumour).order_by(Tumour.id).execution_options(mdt_scoped=True)
            return [
                tuple(getattr(tumour, column) for column in columns)
                for tumour in db.session.scalars(statement)
            ]

    return look


@pytest.fixture
def links(app):
    """``links()`` gives which register row belongs to which case."""

    def look():
        with app.app_context():
            rows = db.session.execute(db.select(TumourCase.tumour_id, TumourCase.case_id))
            return {tuple(row) for row in rows}

    return look
