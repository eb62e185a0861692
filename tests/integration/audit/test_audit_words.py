"""The auditor reads words and names: each code in the trail has them, in both languages."""

import re

import pytest
from flask_babel import force_locale

from mdt.extensions import db
from mdt.models.regions import Alliance
from mdt.rules.access import TOKEN_SCOPES, Role
from mdt.rules.case_draft import draft_fields
from mdt.rules.case_state import CaseAction, CaseState
from mdt.rules.conference import InvitationAnswer
from mdt.rules.content import document_types, reasons
from mdt.rules.content.reasons import ReasonList
from mdt.rules.coverage import DEFINITIONS, By
from mdt.rules.followup import AdoptionDecision
from mdt.rules.intake import ConsentKind, Signer
from mdt.rules.measuring import MarkKind
from mdt.rules.plan import PlanState
from mdt.rules.plan_fields import CODES, ROWS, TEXTS
from mdt.rules.scheduling import Change
from mdt.services.reports import CELLS
from mdt.web.words.audit import OBJECTS
from mdt.web.words.audit_details import word_of
from tests.counting import count_queries
from tests.integration.audit.test_audit_page import write_row

DOCUMENTS = [one.code for one in document_types()]
KNOWN = {
    "action": list(CaseAction),
    "after": DOCUMENTS,
    "answer": list(InvitationAnswer),
    "before": DOCUMENTS,
    "by": list(By),
    "cell": [*CELLS],
    "change": list(Change),
    "decision": list(AdoptionDecision),
    "definition": list(DEFINITIONS),
    "fields": [*draft_fields(), *CODES, *TEXTS, "stage.t", *(f"{name}.order" for name in ROWS)],
    "kind": [*DOCUMENTS, *ConsentKind, *MarkKind, "csv", "pdf", "xlsx"],
    "reason": [one.code for name in ReasonList for one in reasons(name.value)],
    "roles": list(Role),
    "scopes": sorted(TOKEN_SCOPES),
    "seat": list(Role),
    "signer": list(Signer),
    "state": list(PlanState),
    "step": ["begin", "end"],
    "to": list(CaseState),
}
#: What is the same in both languages.
SAME = {"T", "N", "M", "ECOG", "KPS", "CSV", "PDF", "XLSX"}


def test_every_code_in_details_has_its_words(app):
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        chinese = {
            (key, code): word_of(key, str(code)) for key, codes in KNOWN.items() for code in codes
        }
    bare = {at for at, word in chinese.items() if not word or word == at[1]}
    assert bare == set()
    latin = {word for word in chinese.values() if not re.search("[\u4e00-\u9fff]", word)}
    assert latin == SAME


def test_every_part_of_the_site_has_a_word(app):
    with app.test_request_context():
        assert {name for name in app.view_functions if not word_of("endpoint", name)} == set()


def test_every_table_that_is_written_about_has_a_word(app):
    named = {"CoverageRequest", "RegisterFilter", "RegisterQuality", "demo"}
    with app.app_context():
        tables = {name for name in OBJECTS if name in db.metadata.tables}
    assert set(OBJECTS) - tables == named


@pytest.mark.parametrize(
    ("columns", "zh"),
    [
        ({"object_type": "hospital", "object_id": "1"}, "医院 1 安远示范医院（虚构）"),
        ({"object_type": "team", "object_id": "1"}, "团队 1 "),
        ({"object_type": "agreement", "object_id": "1"}, "协议 1 安远示范医院（虚构） → "),
        ({"object_type": "user_account", "object_id": "1"}, "账号 1 林县医"),
        ({"object_type": "CoverageRequest", "object_id": ""}, "讨论率报表"),
        ({"data": {"step": "end"}}, "步骤 结束"),
        ({"data": {"action": "put_back", "to": "accepted"}}, "操作 退回待排期；至 已受理"),
        ({"data": {"by": "hospital", "definition": "strict"}}, "分组 机构；口径 严格口径"),
        ({"data": {"cell": "not_discussed"}}, "栏 III期及以上，未讨论"),
        ({"data": {"fields": ["answer", "outcome"]}}, "栏目 对问题的答复、讨论结论"),
        ({"data": {"fields": ["steps.order", "steps.s1.what"]}}, "栏目 诊疗方案<"),
        ({"data": {"page": "case"}}, "页面 病例"),
        ({"data": {"seat": "chair", "user": 1}}, "团队角色 主席；人员编号 1 林县医"),
        ({"data": {"by": "hospital", "row": "T-JX-A"}}, "行 T-JX-A 安远示范医院（虚构）"),
        ({"data": {"by": "county", "row": "360726"}}, "行 360726 安远县"),
        ({"data": {"by": "month", "row": "2026-10"}}, "行 2026年10月"),
        ({"data": {"items": ["ct_cap", "bx_node"]}}, "项目 2 项"),
        ({"data": {"endpoint": "cases.show_case"}}, "页面 病例"),
    ],
)
def test_codes_and_numbers_are_shown_in_words_and_names(app, world, person, columns, zh):
    write_row(app, action="plan:sign", **columns)
    page = person("auditor").get("/audit?action=plan:sign").text
    assert zh in page


def test_names_cost_the_same_however_many_rows(app, world, person):
    with app.app_context():
        alliance = Alliance(name_zh="联盟甲", lead_hospital_id=1)
        db.session.add(alliance)
        db.session.commit()
    auditor = person("auditor")

    def write_all(number):
        for kind in ("user_account", "hospital", "team", "agreement", "alliance"):
            write_row(
                app,
                action="plan:sign",
                object_type=kind,
                object_id=str(number),
                actor_id=number,
                hospital_id=min(number, 3),
                data={"by": "county", "row": "360726", "user": number},
            )

    counts = []
    for number in (1, 2, 3):
        write_all(number)
        if number != 2:
            auditor.get("/audit?action=plan:sign")
            with count_queries(app) as sent:
                auditor.get("/audit?action=plan:sign")
            counts.append(len(sent))
    assert counts[0] == counts[1]
