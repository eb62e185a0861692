"""The coverage report as page, JSON, CSV, XLSX and PDF: what it says and who may read it."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from mdt.adapters.spreadsheets import read_table
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.regions import Hospital
from tests.counting import count_queries
from tests.integration.reports.conftest import PERIOD
from tests.register_files import NOBODY, OTHER_WOMAN, ROW, WOMAN
from tests.unit.adapters.pdf_text import page_texts

BY_HOSPITAL = f"/reports/coverage.json?{PERIOD}&by=hospital&definition=strict"


def rates(answer):
    return {
        row["code"]: (row["numerator"], row["denominator"], row["unstaged"], row["excluded"])
        for row in answer.json["rows"]
    }


def test_json_has_the_shape_of_the_contract(person, province):
    answer = person("quality").get(BY_HOSPITAL)
    assert answer.status_code == 200
    body = answer.json
    assert body["definition"]["code"] == "strict"
    assert body["definition"]["version"] == "1"
    assert body["definition"]["text"].startswith("统计单位为一个原发肿瘤")
    assert (body["period"], body["target"]) == ({"from": "2026-10-01", "to": "2026-12-31"}, 0.5)
    # Who is pending depends on the day of the report, which is today.
    assert body["rows"][0].pop("pending") >= 0
    assert body["rows"][0] == {
        "code": "T-JX-A",
        "name": "安远示范医院（虚构）",
        "numerator": 1,
        "denominator": 2,
        "rate": 0.5,
        "ci_low": 0.0945,
        "ci_high": 0.9055,
        "unstaged": 1,
        "low": 0.3333,
        "high": 0.5,
        "excluded": {},
        "signed_without_meeting": 0,
        "meets_target": False,
        "unmatched_cases": 0,
    }
    assert rates(answer) == {
        "T-JX-A": (1, 2, 1, {}),
        "T-JX-B": (0, 1, 0, {}),
        "T-JX-T": (0, 0, 0, {"recurrence": 1}),
    }
    assert (body["total"]["numerator"], body["total"]["denominator"]) == (1, 3)


@pytest.mark.parametrize(
    ("username", "codes"),
    [
        ("quality", ["T-JX-A", "T-JX-B", "T-JX-T"]),
        ("quality-hospital", ["T-JX-A"]),
        ("recorder", ["T-JX-A"]),
        ("quality-jilin", []),
    ],
)
def test_a_manager_sees_the_own_hospital_county_or_province(
    person, province, county_manager, username, codes
):
    answer = person(username).get(BY_HOSPITAL)
    assert [row["code"] for row in answer.json["rows"]] == codes


@pytest.mark.parametrize(
    "path",
    [
        f"/reports/coverage?{PERIOD}",
        BY_HOSPITAL,
        f"/reports/coverage.csv?{PERIOD}",
        f"/reports/coverage.xlsx?{PERIOD}",
        f"/reports/coverage.pdf?{PERIOD}",
        f"/reports/coverage/list?{PERIOD}&cell=numerator",
    ],
)
def test_reports_are_for_quality_managers_alone(person, province, path):
    for username in ("clinician", "approver", "coordinator", "auditor"):
        assert person(username).get(path).status_code == 403
    assert person("quality").get(path).status_code == 200


def test_a_machine_needs_the_scope_of_reports(app, province, token):
    client = app.test_client()
    for scopes, status in ((("reports",), 200), (("register", "cases"), 403)):
        answer = client.get(BY_HOSPITAL, headers=token("quality", *scopes))
        assert answer.status_code == status
    assert client.get(BY_HOSPITAL, headers=token("clinician", "reports")).status_code == 403
    assert client.get(BY_HOSPITAL).status_code == 401
    page = client.get(f"/reports/coverage?{PERIOD}", headers=token("quality", "reports"))
    assert page.status_code == 403


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("from=2026-13-01", {"from"}),
        ("from=2026-02-01&to=2026-01-01", {"to"}),
        ("by=ward", {"by"}),
        ("definition=generous", {"definition"}),
    ],
)
def test_arguments_that_cannot_be_read_are_named(person, query, fields):
    manager = person("quality")
    answer = manager.get(f"/reports/coverage.json?{query}")
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, fields)
    assert manager.get(f"/reports/coverage?{query}").status_code == 422


def test_the_page_begins_with_the_sentence(person, province):
    page = person("quality").get(f"/reports/coverage?{PERIOD}").text
    sentence = page[
        page.index("report-sentence") : page.index("</p>", page.index("report-sentence"))
    ]
    words = " ".join(sentence.replace("<strong", " <strong").split())
    assert "2026年第四季度，江西省" in words
    assert "33.3%" in words
    assert "（1/3），目标 >50%，还差 1 例" in words
    assert ("严格口径" in page, "宽松口径" in page, "<svg class=\"rate-chart\"" in page) == (
        True, True, True,
    )  # fmt: skip
    empty = person("quality").get("/reports/coverage?from=2020-01-01&to=2020-03-31").text
    assert "2020年第一季度，江西省没有III期及以上的初诊肿瘤" in empty


def test_every_figure_leads_to_exactly_its_tumours(person, province):
    manager = person("quality")

    def listed(query):
        page = manager.get(f"/reports/coverage/list?{PERIOD}&{query}").text
        return [number for number in range(1, 6) if f'"/registry/{number}"' in page]

    assert listed("cell=numerator") == [1]
    assert listed("cell=denominator") == [1, 2, 4]
    assert listed("cell=denominator&row=T-JX-A") == [1, 2]
    assert listed("cell=not_discussed&row=T-JX-A") == [2]
    assert listed("cell=unstaged") == [3]
    assert listed("cell=excluded:recurrence&row=T-JX-T") == [5]
    assert listed("cell=numerator&row=breast&by=site") == []
    assert listed("cell=denominator&row=breast&by=site") == [2]
    for query in ("cell=nothing", "cell=numerator&row=NOWHERE", "", "cell=numerator&row="):
        assert manager.get(f"/reports/coverage/list?{PERIOD}&{query}").status_code == 404


@pytest.mark.parametrize(
    ("how", "strict", "lenient"),
    [
        ({"quorum": False}, "未达法定人数，不计入", "未达法定人数，不计入"),
        ({"signed": False}, "意见书未签署，不计入", "意见书未签署，不计入"),
        ({"deferred": True}, "缓议，不计入", "缓议，不计入"),
        ({"meeting": False}, "未开会而签署，不计入", "未开会而签署，不计入"),
        (
            {"day": date(2026, 12, 20)},
            "首次治疗后才讨论，不计入",
            "首次治疗后才讨论，且超过确诊后的宽限期，不计入",
        ),
    ],
)
def test_a_list_says_why_a_discussion_does_not_count(
    person, read_in, discuss, how, strict, lenient
):
    read_in({"first_treatment_date": "2026-11-10", "first_treatment_type": "化疗"})
    discuss(ROW["id_number"], **how)
    for definition, words in (("strict", strict), ("lenient", lenient)):
        query = f"{PERIOD}&cell=not_discussed&definition={definition}"
        page = person("quality").get(f"/reports/coverage/list?{query}").text
        assert (words in page, "已讨论</span>" in page) == (True, False), definition


def test_a_board_outside_counts_only_in_the_lenient_definition(person, read_in):
    read_in({"external_mdt_date": "2026-11-03"})
    manager, path = person("quality"), f"/reports/coverage/list?{PERIOD}"
    strict = manager.get(f"{path}&cell=not_discussed").text
    assert "2026-11-03</span> 本系统以外的讨论，不计入" in " ".join(strict.split())
    lenient = manager.get(f"{path}&cell=numerator&definition=lenient").text
    assert ("/registry/1" in lenient, "不计入" in lenient) == (True, False)


def test_lists_begin_with_the_last_diagnosed_and_say_so(person, read_in):
    read_in(
        {"diagnosis_date": "2026-11-01"},
        {**WOMAN, "diagnosis_date": "2026-12-01"},
        {**OTHER_WOMAN, "diagnosis_date": "2026-10-02"},
    )
    page = person("quality").get(f"/reports/coverage/list?{PERIOD}&cell=denominator").text
    days = [page.index(day) for day in ("2026-12-01</a>", "2026-11-01</a>", "2026-10-02</a>")]
    assert (days, "最近确诊的在前" in page) == (sorted(days), True)


def test_a_reversed_period_is_shown_at_its_field(person, province):
    query = "from=2026-12-31&to=2026-10-01&by=site&definition=lenient"
    answer = person("quality").get(f"/reports/coverage?{query}")
    page = answer.text
    assert answer.status_code == 422
    assert '<p class="field-error" id="to-error">结束日期早于开始日期。请核对期间。</p>' in page
    for kept in (
        'name="from" value="2026-12-31"', 'name="to" value="2026-10-01"',
        '<option value="site" selected>', '<option value="lenient" selected>',
    ):  # fmt: skip
        assert kept in page
    assert "report-sentence" not in page


def test_the_page_offers_its_figures_to_machines(person, province):
    page = person("quality").get(f"/reports/coverage?{PERIOD}").text
    assert 'href="/reports/coverage.json?from=2026-10-01&amp;to=2026-12-31' in page
    assert "/reports/indicators" not in page


def test_lists_name_nobody_above_the_own_hospital(person, province):
    query = f"/reports/coverage/list?{PERIOD}&cell=denominator&row=T-JX-A"
    above, own = person("quality").get(query).text, person("quality-hospital").get(query).text
    assert ("张**" in own, "MRN-1" in own, "张三丰" in own) == (True, True, False)
    assert ("张" in above, "MRN" in above) == (False, False)


@pytest.mark.parametrize(
    ("how", "numerator"),
    [
        ({}, 1),
        ({"quorum": False}, 0),
        ({"signed": False}, 0),
        ({"deferred": True}, 0),
        ({"cancelled": True}, 0),
        ({"meeting": False}, 0),
        ({"hospital": "B"}, 1),
        ({"day": date(2026, 11, 12)}, 0),
        ({"day": date(2026, 10, 1)}, 1),
    ],
)
def test_only_a_board_that_counts_moves_the_rate(person, read_in, discuss, how, numerator):
    read_in({"first_treatment_date": "2026-11-10", "first_treatment_type": "化疗"})
    discuss(ROW["id_number"], **how)
    total = person("quality").get(BY_HOSPITAL).json["total"]
    assert (total["numerator"], total["denominator"]) == (numerator, 1)
    assert total["signed_without_meeting"] == (1 if how == {"meeting": False} else 0)


def test_a_discussed_case_that_no_row_matches_stands_beside(person, read_in, discuss):
    read_in({})
    discuss(WOMAN["id_number"], number="MDT-8", diagnosis_date=date(2026, 10, 20))
    discuss("229921195509110038", hospital="B", number="MDT-9")
    discuss("369931197810301143", number="MDT-7", diagnosis_date=date(2026, 6, 1))
    manager = person("quality")
    body = manager.get(BY_HOSPITAL).json
    assert [(case["number"], case["hospital_code"]) for case in body["unmatched"]["cases"]] == [
        ("MDT-8", "T-JX-A"),
        ("MDT-9", "T-JX-B"),
    ]
    assert body["rows"][0]["unmatched_cases"] == 1
    page = manager.get(f"/reports/coverage?{PERIOD}").text
    assert "有 2 例经会诊讨论，但台账中没有对应的记录" in page
    assert "其中 1 例所在的一行没有任何台账记录" in page
    cell = manager.get(f"/reports/coverage/list?{PERIOD}&cell=unmatched&row=T-JX-B").text
    assert ("MDT-9" in cell, "MDT-8" in cell) == (True, False)
    own = person("quality-hospital").get(BY_HOSPITAL).json
    assert [case["number"] for case in own["unmatched"]["cases"]] == ["MDT-8"]


def test_the_csv_is_safe_and_says_where_it_is_from(app, person, province, world):
    with app.app_context():
        hospital = db.session.get(Hospital, world.hospitals["A"])
        hospital.name_zh = "=HYPERLINK(1)"
        db.session.commit()
    answer = person("quality").get(f"/reports/coverage.csv?{PERIOD}")
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="coverage-2026-10-01-2026-12-31-strict.csv"'
    )
    rows = list(read_table(answer.data).rows)
    assert [row.cells["名称"] for row in rows[:4]] == [
        "'=HYPERLINK(1)", "全南示范医院（虚构）", "江西示范肿瘤医院（虚构）", "合计",
    ]  # fmt: skip
    assert [row.cells["讨论率"] for row in rows[:4]] == ["0.5", "0.0", "", "0.3333"]
    assert rows[4].cells["代码"].startswith("导出人：郭质控；导出时间：")


def test_the_workbook_has_the_same_rows(person, province):
    content = person("quality").get(f"/reports/coverage.xlsx?{PERIOD}&by=year").data
    sheet = load_workbook(io.BytesIO(content)).active
    cells = [[cell.value for cell in row] for row in sheet]
    assert (sheet.title, sheet.freeze_panes) == ("讨论率", "A2")
    assert [cell.number_format for cell in sheet[2]][2:5] == ["General", "General", "0.0%"]
    assert cells[1][:5] == ["2026", "2026年", 1, 3, 0.3333]
    assert any(str(row[0]).startswith("导出人：郭质控；导出时间：") for row in cells)


def test_looking_and_taking_out_are_audited(app, person, province):
    manager = person("quality")
    for path in (f"?{PERIOD}", f".json?{PERIOD}", f".csv?{PERIOD}", f"/list?{PERIOD}&cell=pending"):
        manager.get(f"/reports/coverage{path}")
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action.startswith("report:"))
        rows = db.session.scalars(statement.order_by(AuditRow.id)).all()
    assert [(row.action, row.actor_name, row.data.get("cell")) for row in rows] == [
        ("report:view", "quality", None),
        ("report:view", "quality", None),
        ("report:export", "quality", None),
        ("report:view", "quality", "pending"),
    ]
    assert rows[0].data["from"] == "2026-10-01"


def test_a_report_asks_the_same_number_of_questions_however_long(app, person, read_in, discuss):
    read_in({})
    discuss(ROW["id_number"])
    manager = person("quality")
    manager.get(BY_HOSPITAL)
    with count_queries(app) as one:
        manager.get(BY_HOSPITAL)
    read_in(
        *({**NOBODY, "mrn": f"M{n}"} for n in range(1, 9)), {**WOMAN, "hospital_code": "T-JX-B"}
    )
    discuss(WOMAN["id_number"], hospital="B", number="MDT-2")
    with count_queries(app) as many:
        manager.get(BY_HOSPITAL)
    assert len(many) == len(one)


def test_a_figure_that_the_report_does_not_have_is_not_found(person, read_in, discuss):
    read_in({})
    discuss(WOMAN["id_number"], hospital="B", number="MDT-9")
    manager = person("quality")
    for query, status in (
        ("cell=unmatched&row=T-JX-B", 200),
        ("cell=denominator&row=T-JX-B", 200),
        ("cell=excluded:recurrence", 200),
        ("cell=xyz&row=T-JX-B", 404),
        ("cell=xyz", 404),
        ("cell=excluded:xyz", 404),
        ("cell=denominator&row=T-XX", 404),
        ("", 404),
    ):
        answer = manager.get(f"/reports/coverage/list?{PERIOD}&{query}")
        assert (query, answer.status_code) == (query, status)


@pytest.mark.parametrize(
    "period", ["from=9999-01-01&to=9999-12-31", "from=0001-01-01&to=9999-12-31"]
)
def test_the_ends_of_time_can_be_asked_for(person, province, period):
    manager = person("quality")
    for kind in ("", ".json", ".csv", ".xlsx", ".pdf"):
        assert manager.get(f"/reports/coverage{kind}?{period}").status_code == 200
    listed = f"/reports/coverage/list?{period}&cell=denominator"
    assert manager.get(listed).status_code == 200


def test_the_pdf_says_what_the_page_says(app, person, province):
    manager = person("quality")
    assert "/reports/coverage.pdf?" in manager.get(f"/reports/coverage?{PERIOD}").text
    answer = manager.get(f"/reports/coverage.pdf?{PERIOD}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="coverage-2026-10-01-2026-12-31-strict.pdf"'
    )
    words = "".join(page_texts(answer.data))
    words = "".join(words.split())
    for expected in (
        "III期及以上初诊肿瘤多学科讨论率",
        "2026年第四季度，江西省33.3%（1/3），目标>50%，还差1例",
        "严格口径", "宽松口径", "安远示范医院（虚构）", "合计",
        "统计单位为一个原发肿瘤", "导出人：郭质控；导出时间：",
    ):  # fmt: skip
        assert expected in words
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action == "report:export")
        assert [row.data["kind"] for row in db.session.scalars(statement)] == ["pdf"]
    assert manager.get("/reports").location == "/reports/coverage"


def test_the_pdf_in_english_and_of_nothing(person):
    manager = person("quality")
    manager.get("/language/en")
    answer = manager.get("/reports/coverage.pdf?from=2020-01-01&to=2020-03-31")
    words = " ".join("".join(page_texts(answer.data)).split())
    assert ("Q1 2020" in words, "Page 1 of 1" in words, "页" in words) == (True, True, False)
    assert "The unit is one primary tumour" in words


def test_the_page_in_english(person, province):
    manager = person("quality")
    manager.get("/language/en")
    assert "Anyuan Example Hospital" in manager.get(f"/reports/coverage?{PERIOD}").text
    body = manager.get(f"{BY_HOSPITAL}&by=county").json
    assert body["definition"]["text"].startswith("The unit is one primary tumour")
