"""Consents: who signed what and when."""

import re
from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.cases import Consent
from tests.board import make_case
from tests.case_kit import rows, save, scan, sign, start


@pytest.fixture
def draft(world, person):
    doctor = person("clinician")
    return doctor, start(doctor, world)


def test_a_consent_is_written_down(app, draft):
    doctor, case_id = draft
    answer = sign(doctor, case_id, "remote", signer="relative", relation="女儿")
    assert answer.status_code == 302
    [consent] = rows(app, Consent)
    assert (consent.kind, consent.signer, consent.relation, consent.signed_on) == (
        "remote",
        "relative",
        "女儿",
        date(2026, 11, 10),
    )
    page = doctor.get(f"/cases/{case_id}/consents/remote").text
    assert f'href="/cases/{case_id}/attachments?kind=consent_remote"' in page


def test_a_change_begins_with_what_is_written_down(draft):
    doctor, case_id = draft
    page = doctor.get(f"/cases/{case_id}/consents/remote").text
    assert 'value="2026-11-10"' not in page
    sign(doctor, case_id, "remote", signer="relative", relation="女儿")
    page = doctor.get(f"/cases/{case_id}/consents/remote").text
    assert re.search(r'<input checked[^>]*value="relative"', page)
    assert re.search(r'name="relation"[^>]*value="女儿"', page)
    assert re.search(r'name="signed_on"[^>]*value="2026-11-10"', page)
    assert '<p class="case-banner"><strong>张**' in page


def test_the_scan_that_is_there_goes_with_it(app, draft):
    doctor, case_id = draft
    attachment = scan(app, case_id, "consent_remote")
    sign(doctor, case_id, "remote")
    assert [one.attachment_id for one in rows(app, Consent)] == [attachment]


def test_a_second_one_replaces_the_first(app, draft):
    doctor, case_id = draft
    sign(doctor, case_id, "remote")
    sign(doctor, case_id, "remote", signed_on="2026-11-12")
    first, second = rows(app, Consent)
    assert first.withdrawn_at is not None
    assert second.withdrawn_at is None


def test_it_can_be_put_aside(app, draft):
    doctor, case_id = draft
    sign(doctor, case_id, "remote")
    [consent] = rows(app, Consent)
    path = f"/cases/{case_id}/consents/{consent.id}/withdraw"
    assert doctor.post(path).status_code == 302
    assert rows(app, Consent)[0].withdrawn_at is not None
    assert doctor.post(f"/cases/{case_id}/consents/999/withdraw").status_code == 404


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("remote", {"signer": ""}, "请选择签署人"),
        ("remote", {"signer": "guardian"}, "请填写此项"),
        ("guardian", {"signer": "patient"}, "须由监护人或近亲属签署"),
        ("remote", {"signed_on": ""}, "请填写签署日期"),
        ("remote", {"signed_on": "2999-01-01"}, "日期晚于今天"),
    ],
)
def test_bad_input(app, draft, kind, fields, words):
    doctor, case_id = draft
    answer = sign(doctor, case_id, kind, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert rows(app, Consent) == []


def test_no_such_kind(draft):
    doctor, case_id = draft
    assert doctor.get(f"/cases/{case_id}/consents/marriage").status_code == 404
    assert sign(doctor, case_id, "marriage").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("clinician2", 404), ("coordinator", 403)])
def test_who_may_not(app, draft, person, who, status):
    _, case_id = draft
    assert sign(person(who), case_id, "remote").status_code == status
    assert rows(app, Consent) == []


def test_after_submission_papers_can_still_be_made_good(app, world, person):
    with app.app_context():
        case_id = make_case(world, "A", "clinician", state="scheduled", number="MDT2026-000077").id
        signed = make_case(world, "A", "clinician", state="closed", number="MDT2026-000078").id
        db.session.commit()
    doctor = person("clinician")
    assert sign(doctor, case_id, "remote").status_code == 302
    assert sign(doctor, signed, "remote").status_code == 422
    assert [one.case_id for one in rows(app, Consent)] == [case_id]


def test_the_checklist_looks_at_the_consent_that_stands(app, draft):
    doctor, case_id = draft

    def asked():
        html = save(doctor, case_id, labs="正常").json["html"]["case-checklist"]
        return "监护人同意及关系证明" in html

    sign(doctor, case_id, "remote", signer="relative", relation="女儿")
    scan(app, case_id, "consent_remote")
    assert asked()
    sign(doctor, case_id, "remote")
    assert not asked()
    assert "监护人同意" not in doctor.get(f"/cases/{case_id}/submit").text
