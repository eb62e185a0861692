"""Signing exactly once, however many requests arrive at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from mdt.models.cases import CaseStep
from mdt.models.people import Notice
from mdt.models.plans import PlanRevision, Signature
from mdt.rules.errors import MdtError
from mdt.services.plan_signing import sign_plan
from tests.board import build_board
from tests.plans import SIGNERS, SITE, Opinion, conclude
from tests.world import PASSWORD, build_world


@pytest.fixture(params=["app", "postgresql_app"])
def both(request) -> Opinion:
    """The discussed case on SQLite and on PostgreSQL."""
    app: Flask = request.getfixturevalue(request.param)
    with app.app_context():
        world = build_world()
        board = build_board(world)
    return conclude(app, world, board)


def at_once(opinion, usernames):
    """Everybody signs at the same moment; what each got."""
    number, barrier = opinion.revision().id, Barrier(len(usernames))

    def sign(username):
        barrier.wait()
        try:
            opinion.act(sign_plan, username, opinion.case, number, PASSWORD, site=SITE)
        except MdtError as error:
            return error.code
        return "signed"

    with ThreadPoolExecutor(len(usernames)) as pool:
        return list(pool.map(sign, usernames))


def test_one_person_who_clicks_four_times_signs_once(both):
    both.complete()
    both.open()
    assert at_once(both, ["oncologist"] * 4) == ["signed"] * 4
    assert len(both.rows(Signature)) == 1


def test_all_five_at_once_make_one_signed_opinion_with_one_file(both):
    both.complete()
    both.open()
    assert at_once(both, list(SIGNERS) * 2) == ["signed"] * 10

    (revision,) = both.rows(PlanRevision)
    assert (revision.state, len(both.rows(Signature))) == ("signed", 5)
    assert [step.action for step in both.rows(CaseStep)] == ["sign"]
    assert len(both.rows(Notice, Notice.kind == "plan_signed")) == 1
    assert len(both.read("clinician").content) > 10_000


def test_two_who_write_at_once_both_count(both):
    base = both.write("recorder", basis="指南").version
    barrier = Barrier(2)

    def write(change):
        username, fields = change
        barrier.wait()
        return both.edit(username, fields, base).errors

    changes = [("recorder", {"answer": "可手术"}), ("chair", {"review_point": "术后"})]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write, changes)) == [{}, {}]
    content = both.revision().content
    assert (content["answer"], content["review_point"]) == ("可手术", "术后")
