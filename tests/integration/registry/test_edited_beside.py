"""Two people, or a person and a file, at one row at one moment, on PostgreSQL."""

import threading

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.tumours import MatchDecision, Tumour
from mdt.queries.patients import Identity
from mdt.queries.people import find_user, viewer_of
from mdt.queries.register_history import list_former_rows
from mdt.rules.errors import MdtError
from mdt.services import match_decisions, register_entry
from mdt.services.registry import import_register
from tests.discussions import person_case
from tests.fixtures_app import Browser
from tests.integration.registry.test_entry import edit
from tests.integration.registry.test_match_decisions import decide
from tests.register_files import WOMAN, rows_to_csv
from tests.world import NOW, build_world


@pytest.fixture
def app(postgresql_app):
    return postgresql_app


@pytest.fixture
def world(app):
    with app.app_context():
        return build_world()


def open_all(statement):
    return statement.execution_options(mdt_scoped=True)


def who(username):
    return viewer_of(find_user(username), now=NOW)


def read_file(app, *rows):
    with app.app_context():
        import_register(who("clinician"), rows_to_csv(*rows), now=NOW)
        db.session.remove()


class Beside:
    """Something that another thread does as soon as ``module.name`` is reached, once.

    It may have to wait for what goes on there, so nobody waits for it before `ended`.
    """

    def __init__(self, monkeypatch, module, name, action, *, wait=None):
        self.threads, self.errors = [], []
        plain = getattr(module, name)

        def meanwhile(*args, **kwargs):
            if not self.threads:
                self.threads.append(threading.Thread(target=self._run, args=(action,)))
                self.threads[0].start()
                self.threads[0].join(wait)
            return plain(*args, **kwargs)

        monkeypatch.setattr(module, name, meanwhile)

    def _run(self, action):
        try:
            action()
        except MdtError as error:
            self.errors.append(error.code)

    def ended(self):
        self.threads[0].join(20)
        return not self.threads[0].is_alive()


FILE = {"t": "T4", "n": "N0", "first_treatment_date": "2026-11-10"}


def states(app):
    """What the row says, and what it said before, oldest first."""
    with app.app_context():
        row = db.session.scalars(open_all(db.select(Tumour))).one()
        former = [(one.cells["t"], one.cells["n"]) for one in list_former_rows(row)]
        return [*reversed(former), (row.t, row.n)]


def test_a_file_waits_for_a_correction_under_way(app, world, monkeypatch):
    read_file(app, {})
    doctor = Browser(app, "clinician")
    beside = Beside(
        monkeypatch, register_entry, "rewrite_row", lambda: read_file(app, FILE), wait=1
    )
    assert edit(doctor, t="T1b").status_code == 302
    assert beside.ended()
    # Of one moment, both: which is the later is the clock's business alone.
    assert sorted(states(app)[:2]) == [("T1b", "N2b"), ("T2a", "N2b")]
    assert states(app)[2] == ("T4", "N0")


def test_a_correction_sees_the_file_that_it_waited_for(app, world, monkeypatch):
    read_file(app, {})
    doctor = Browser(app, "clinician")
    Beside(
        monkeypatch,
        register_entry,
        "queue_behind_other_imports",
        lambda: read_file(app, FILE),
    )
    answer = edit(doctor, t="T1b")
    assert (answer.status_code, "别人刚刚改过这条记录" in answer.text) == (409, True)
    assert states(app) == [("T2a", "N2b"), ("T4", "N0")]


def test_a_decision_is_taken_back_once(app, world, monkeypatch):
    with app.app_context():
        mistyped = Identity(name="张三丰", id_number=WOMAN["id_number"])
        person_case(world, "A", mistyped, number="MDT2026-000001")
        db.session.commit()
    read_file(app, {})
    doctor = Browser(app, "clinician")
    assert decide(doctor, "linked").status_code == 302
    with app.app_context():
        decision_id = db.session.scalar(open_all(db.select(MatchDecision.id)))

    def other():
        with app.app_context():
            match_decisions.revoke_match(who("colleague"), decision_id, now=NOW)
            db.session.remove()

    Beside(monkeypatch, match_decisions, "_hold", other)
    answer = doctor.post(f"/registry/match/{decision_id}/revoke")
    with app.app_context():
        actors = db.session.scalars(
            db.select(AuditRow.actor_name)
            .where(AuditRow.action == "registry:match", AuditRow.result == "ok")
            .order_by(AuditRow.id)
        ).all()
        by = db.session.scalar(open_all(db.select(MatchDecision.revoked_by_id)))
    page = doctor.get(answer.location).text
    assert (actors, "这项判定已被撤销" in page) == (["clinician", "colleague"], True)
    assert by == world.users["colleague"]
