"""An addendum: a new revision that names the old one, which stays as it was to the last byte."""

import pytest
from sqlalchemy.exc import DatabaseError

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.people import Notice
from mdt.models.plans import PlanRevision
from tests.plans import SIGNERS, SITE
from tests.unit.adapters.pdf_text import page_texts


def amend(browser, opinion, reason):
    return browser.post(f"/cases/{opinion.case}/plan/amend", reason=reason)


def stored_row(opinion, revision_id):
    with opinion.app.app_context():
        table = PlanRevision.__table__
        return db.session.execute(db.select(table).where(table.c.id == revision_id)).one()


def test_the_old_revision_stays_and_the_new_one_names_it(opinion, person):
    old = opinion.signed(site=SITE)
    before, file = stored_row(opinion, old.id), opinion.read("clinician")
    assert amend(person("recorder"), opinion, "术后病理与讨论时不同").status_code == 302

    draft = opinion.revision()
    assert (draft.state, draft.amends_id, draft.content) == ("draft", old.id, old.content)
    opinion.write(answer="改为术后辅助放疗")
    opinion.open()
    new = opinion.sign(*SIGNERS, site=SITE)
    assert (new.state, new.verify_code != old.verify_code) == ("signed", True)
    assert stored_row(opinion, old.id) == before
    assert opinion.read("clinician", revision=old.id) == file
    words = "".join(page_texts(opinion.read("clinician").content)).replace("\n", "")
    assert "本版修改第 1 版" in words
    assert "术后病理与讨论时不同" in words
    assert "第 2 版" in words
    owners = opinion.rows(Notice, Notice.kind == "plan_amended")
    assert [row.user_id for row in owners] == [opinion.world.users["clinician"]]
    assert opinion.row(Case).state == "signed"


def test_both_are_on_the_page(opinion, person):
    old = opinion.signed()
    amend(person("recorder"), opinion, "补充")
    page = person("clinician").get(f"/cases/{opinion.case}/plan").text
    assert "修订理由：补充" in page
    assert f"/cases/{opinion.case}/plan?revision={old.id}" in page
    earlier = person("clinician").get(f"/cases/{opinion.case}/plan?revision={old.id}")
    assert (earlier.status_code, "这是较早的一版" in earlier.text) == (200, True)


def test_giving_it_up_leaves_the_signed_one_in_force(opinion, person):
    old = opinion.signed()
    amend(person("recorder"), opinion, "补充")
    assert person("recorder").post(f"/cases/{opinion.case}/plan/discard").status_code == 302
    assert opinion.revision().id == old.id
    assert [r.state for r in opinion.revisions()] == ["signed", "withdrawn"]


@pytest.mark.parametrize(("reason", "words"), [(" ", "请填写此项"), ("很好😀", "无法打印")])
def test_a_reason_is_owed(opinion, person, reason, words):
    opinion.signed()
    answer = amend(person("recorder"), opinion, reason)
    assert (answer.status_code, len(opinion.revisions())) == (422, 1)
    assert words in answer.text


@pytest.mark.parametrize(("username", "status"), [("clinician", 403), ("oncologist", 403)])
def test_who_may_not(opinion, person, username, status):
    opinion.signed()
    answer = amend(person(username), opinion, "补充")
    assert (answer.status_code, len(opinion.revisions())) == (status, 1)


def test_another_hospital_finds_nothing(opinion, person):
    opinion.signed()
    opinion.put(Case, Case.id == opinion.case, team_id=None)
    assert amend(person("coordinator"), opinion, "补充").status_code == 404


def test_an_unsigned_opinion_is_not_amended(opinion, person):
    opinion.complete()
    answer = amend(person("recorder"), opinion, "补充")
    assert (answer.status_code, len(opinion.revisions())) == (422, 1)


def test_an_addendum_does_not_defer(opinion, person):
    opinion.signed()
    amend(person("recorder"), opinion, "补充")
    opinion.write(outcome="deferred", deferral_reason="await_pathology")
    page = person("recorder").get(f"/cases/{opinion.case}/plan").text
    assert "补充修订不能改为缓议" in page


@pytest.mark.parametrize(
    "values",
    [
        {"content": {}},
        {"state": "draft"},
        {"verify_code": None},
        {"version": 99},
        {"pdf_sha256": "0" * 64},
    ],
)
def test_the_database_itself_keeps_a_signed_revision(opinion, values):
    signed = opinion.signed(site=SITE)
    before = stored_row(opinion, signed.id)
    with pytest.raises(DatabaseError, match="final"):
        opinion.put(PlanRevision.__table__, PlanRevision.id == signed.id, **values)
    assert stored_row(opinion, signed.id) == before


def test_the_database_removes_no_signed_revision(opinion):
    signed = opinion.signed()
    with opinion.app.app_context(), pytest.raises(DatabaseError, match=r"final|append-only"):
        db.session.execute(db.delete(PlanRevision).where(PlanRevision.id == signed.id))
