"""What a case holds stands through a change of the tables, down and up."""

from flask_migrate import downgrade, upgrade

from mdt.extensions import db
from mdt.models.attachments import Instance, Series
from tests.attachment_kit import ct, pdf, rows, send
from tests.fixtures_app import MIGRATIONS


def test_images_stand_through_tables_that_are_made_anew(app, doctor, case_id):
    send(doctor, case_id, *ct(2), ("a.pdf", pdf()))
    kept = [(one.id, one.series_id, one.sha256) for one in rows(app, Instance)]
    with app.app_context():
        db.session.remove()
        downgrade(MIGRATIONS, "0017")
        upgrade(MIGRATIONS)
    assert [(one.id, one.series_id, one.sha256) for one in rows(app, Instance)] == kept
    assert [one.instance_count for one in rows(app, Series)] == [2]
    with app.app_context():
        assert db.session.execute(db.text("PRAGMA foreign_keys")).scalar() == 1
