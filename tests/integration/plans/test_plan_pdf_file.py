"""The printed opinion: made after the last signature, kept byte for byte, checked when read."""

import hashlib

import pytest

from mdt.adapters.devices import signer, storage
from mdt.adapters.pdf_fonts import GETA
from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from mdt.models.plans import PlanRevision
from mdt.rules.errors import Refused
from mdt.services import plan_signing
from tests.plans import LATER, SIGNERS, SITE
from tests.unit.adapters.pdf_text import page_texts
from tests.world import PASSWORD


def words_of(content: bytes) -> str:
    return "".join(page_texts(content)).replace("\n", "")


def test_the_file_is_stored_with_its_hash_and_signed_by_the_organisation(opinion, person):
    revision = opinion.signed(site=SITE)
    answer = person("clinician").get(f"/cases/{opinion.case}/plan.pdf")

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert hashlib.sha256(answer.data).hexdigest() == revision.pdf_sha256
    with opinion.app.app_context():
        reports = signer(now=LATER).verify(answer.data)
    assert [(r.bottom_line, r.coverage) for r in reports] == [(True, "ENTIRE_FILE")]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert answer.headers["Content-Disposition"] == (
        f'inline; filename="MDT2026-900001-{revision.plan_id}-1.pdf"'
    )


def test_it_says_what_was_agreed_and_by_whom(opinion):
    revision = opinion.signed(
        site=SITE,
        **{
            "dissent.d1.user_id": str(opinion.world.users["radiotherapist"]),
            "dissent.d1.kind": "sequence",
            "dissent.d1.text": "应先做纵隔放疗",
        },
    )
    words = words_of(opinion.read("clinician").content)
    for expected in (
        "张三丰",
        "可手术，先新辅助治疗。",
        "含铂双药2周期",
        "郑放疗",
        "对治疗顺序有不同意见",
        "应先做纵隔放疗",
        "并由邀请方承担相应责任",
        revision.verify_code,
        f"{SITE}/verify/{revision.verify_code}",
        revision.content_hash,
    ):
        assert expected in words


def test_a_draft_has_a_mark_and_no_code(opinion, person):
    opinion.complete()
    answer = person("clinician").get(f"/cases/{opinion.case}/plan.pdf")
    words = words_of(answer.data)
    assert (answer.status_code, "草稿" in words) == (200, True)
    assert "核验码在签署完成后生成" in words
    assert opinion.revision().pdf_key is None


def test_who_sees_the_case_without_identity_gets_a_copy_without_it(opinion):
    opinion.signed(site=SITE)
    words = words_of(opinion.read("oncologist").content)
    assert "阅览副本" in words
    assert "张三丰" not in words
    assert "MRN" not in words
    assert "3699" not in words


def test_a_crash_between_signature_and_file_loses_nothing(opinion, monkeypatch):
    opinion.complete()
    revision = opinion.open()
    opinion.sign(*SIGNERS[:-1])
    with monkeypatch.context() as killed:
        killed.setattr(plan_signing, "ensure_pdf", lambda *_, **__: 1 / 0)
        opinion.act(
            plan_signing.sign_plan, SIGNERS[-1], opinion.case, revision.id, PASSWORD, site=SITE
        )
    signed = opinion.revision()
    assert (signed.state, signed.pdf_key, opinion.row(Case).state) == ("signed", None, "signed")

    first = opinion.read("clinician")
    made = opinion.revision()
    assert made.pdf_sha256 == hashlib.sha256(first.content).hexdigest()
    assert made.version == signed.version
    assert opinion.read("clinician") == first


def test_a_changed_file_is_not_handed_out(opinion, person):
    revision = opinion.signed(site=SITE)
    with opinion.app.app_context():
        path = storage()._path(revision.pdf_key)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))

    with pytest.raises(Refused) as refused:
        opinion.read("clinician")
    assert refused.value.code == "pdf_damaged"
    answer = person("clinician").get(f"/cases/{opinion.case}/plan.pdf")
    assert (answer.status_code, "与签署时不一致" in answer.text) == (409, True)
    rows = opinion.rows(AuditRow, AuditRow.action == "plan:pdf:view")
    assert [row.result for row in rows] == ["refused", "refused"]


def test_a_file_that_is_gone_is_not_made_anew(opinion):
    revision = opinion.signed(site=SITE)
    with opinion.app.app_context():
        storage().delete(revision.pdf_key)
    with pytest.raises(Refused):
        opinion.read("clinician")


def test_each_reading_is_recorded(opinion):
    opinion.signed(site=SITE)
    opinion.read("clinician")
    rows = opinion.rows(AuditRow, AuditRow.action == "plan:pdf:view")
    assert [(r.actor_name, r.case_id, r.data["state"]) for r in rows] == [
        ("clinician", opinion.case, "signed")
    ]


def test_characters_of_the_case_that_no_font_has_are_marked(opinion):
    opinion.put(Case, Case.id == opinion.case, history="咳嗽😀两月", question="能否手术😀？")
    opinion.signed(site=SITE)
    words = words_of(opinion.read("clinician").content)
    assert f"咳嗽{GETA}两月" in words
    assert f"能否手术{GETA}？" in words


def test_a_withdrawn_text_is_not_printed(opinion, person):
    opinion.complete()
    old = opinion.open()
    opinion.act(plan_signing.take_back, "chair", opinion.case, old.id)
    path = f"/cases/{opinion.case}/plan.pdf?revision={old.id}"
    assert person("clinician").get(path).status_code == 404
    assert opinion.rows(PlanRevision)[0].state == "withdrawn"


@pytest.mark.parametrize(("username", "status"), [("clinician2", 404), ("quality", 403)])
def test_others_get_no_file(opinion, person, username, status):
    opinion.signed(site=SITE)
    assert person(username).get(f"/cases/{opinion.case}/plan.pdf").status_code == status
