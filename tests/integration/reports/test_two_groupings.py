"""Coverage by two groupings: machine, page, files, and the tumours behind each pair."""

import io
import re

from openpyxl import load_workbook

from mdt.adapters.spreadsheets import read_table
from tests.integration.reports.conftest import PERIOD
from tests.register_files import ROW, WOMAN
from tests.unit.adapters.pdf_text import page_texts

PAIR = f"{PERIOD}&by=hospital&by2=site"
MATRIX = f"{PERIOD}&by=county&by2=quarter"


def test_rows_have_the_codes_and_names_of_both(person, province):
    body = person("quality").get(f"/reports/coverage.json?{PAIR}").json
    assert (body["by"], body["by2"]) == ("hospital", "site")
    assert [
        (row["code"], row["code2"], row["numerator"], row["denominator"]) for row in body["rows"]
    ] == [
        ("T-JX-A", "lung", 1, 1),
        ("T-JX-A", "breast", 0, 1),
        ("T-JX-B", "lung", 0, 1),
        ("T-JX-T", "lung", 0, 0),
    ]
    assert body["rows"][1]["name2"] == "乳腺"
    assert (body["total"]["numerator"], body["total"]["denominator"]) == (1, 3)
    alone = person("quality").get(f"/reports/coverage.json?{PERIOD}&by=hospital").json
    assert ("by2" in alone, "code2" in alone["rows"][0]) == (False, False)


def test_every_pair_leads_to_exactly_its_tumours(person, province):
    manager = person("quality")

    def listed(query):
        page = manager.get(f"/reports/coverage/list?{PAIR}&cell=denominator&{query}")
        return [number for number in range(1, 6) if f'"/registry/{number}"' in page.text]

    assert listed("row=T-JX-A&row2=lung") == [1]
    assert listed("row=T-JX-A&row2=breast") == [2]
    assert listed("row=T-JX-A") == [1, 2]
    assert listed("row2=lung") == [1, 4]
    assert listed("") == [1, 2, 4]
    for unknown in ("row=T-JX-B&row2=breast", "row2=nowhere", "row=NOWHERE&row2=lung"):
        path = f"/reports/coverage/list?{PAIR}&cell=denominator&{unknown}"
        assert manager.get(path).status_code == 404
    once = f"/reports/coverage/list?{PERIOD}&by=hospital&cell=denominator&row=T-JX-A&row2=lung"
    assert manager.get(once).status_code == 404


def test_few_second_groups_stand_across_with_the_sums_of_both(person, province):
    page = person("quality").get(f"/reports/coverage?{MATRIX}").text
    cell = page[page.index('data-pair="360726/2026-Q4"') :]
    words = " ".join(cell[: cell.index("</td>")].split())
    assert "50.0%" in words
    lists = "/reports/coverage/list?from=2026-10-01&amp;to=2026-12-31&amp;by=county&amp;by2=quarter"
    for figure in ("numerator", "denominator"):
        of_pair = f"definition=strict&amp;cell={figure}&amp;row=360726&amp;row2=2026-Q4"
        assert f"{lists}&amp;{of_pair}" in words
    # Below: every figure of each pair under its first group, and the sums across and down.
    assert ("is-small" in page, 'class="all-figures"' in page) == (True, True)
    assert ('data-pair="360726/"' in page, 'data-pair="/2026-Q4"' in page) == (True, True)


def test_many_second_groups_stand_under_the_first(person, read_in):
    rows = [{"diagnosis_date": f"2026-{month:02}-10", "mrn": f"M{month}"} for month in range(1, 11)]
    read_in(*({**row, "id_number": "", "id_type": ""} for row in rows), {**WOMAN})
    year = "from=2026-01-01&to=2026-12-31&by=hospital&by2=month"
    page = person("quality").get(f"/reports/coverage?{year}").text
    assert ("data-pair" in page, page.count('class="rate-place rate-second"')) == (False, 11)
    assert page.count('class="group-row') == 1


def test_of_a_long_table_what_counts_nothing_stands_behind_a_link(person, read_in):
    nobody = {"id_number": "", "id_type": "", "t": "", "n": "", "m": "", "stage_group": "I"}
    rows = [
        {**nobody, "mrn": f"M{month}", "diagnosis_date": f"{year}-{month:02}-10"}
        for year in (2024, 2025, 2026) for month in range(1, 11)
    ]  # fmt: skip
    read_in({"diagnosis_date": "2026-11-10"}, *rows)
    asked = "from=2024-01-01&to=2026-12-31&by=hospital&by2=month"
    manager = person("quality")
    page = manager.get(f"/reports/coverage?{asked}").text
    assert ('data-folded="30"' in page, page.count("rate-second")) == (True, 1)
    link = re.search(r'<a href="([^"]+)">全部列出</a>', page)[1].replace("&amp;", "&")
    whole = manager.get(link).text
    assert ("data-folded" in whole, whole.count("rate-second")) == (False, 31)


def test_the_files_have_both_names(person, province):
    manager = person("quality")
    rows = list(read_table(manager.get(f"/reports/coverage.csv?{PAIR}").data).rows)
    assert [(row.cells["代码"], row.cells["代码2"], row.cells["讨论率"]) for row in rows[:2]] == [
        ("T-JX-A", "lung", "1.0"),
        ("T-JX-A", "breast", "0.0"),
    ]
    assert (rows[4].cells["名称"], rows[4].cells["名称2"]) == ("合计", "")
    book = load_workbook(io.BytesIO(manager.get(f"/reports/coverage.xlsx?{PAIR}").data)).active
    assert [cell.value for cell in book[2]][:6] == [
        "T-JX-A", "安远示范医院（虚构）", "lung", "气管、支气管和肺", 1, 1,
    ]  # fmt: skip
    printed = "".join(page_texts(manager.get(f"/reports/coverage.pdf?{PAIR}").data))
    assert "安远示范医院（虚构） · 气管、支气管和肺" in "".join(printed.splitlines())


def test_pairs_cannot_be_of_the_same_or_of_nothing(person):
    manager = person("quality")
    for query in ("by=site&by2=site", "by2=hospital", "by2=ward"):
        answer = manager.get(f"/reports/coverage.json?{query}")
        assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {"by2"})
    page = manager.get("/reports/coverage?by=site&by2=site")
    assert (page.status_code, 'id="by2-error"' in page.text) == (422, True)


def test_unmatched_cases_stand_at_their_pair(person, read_in, discuss):
    read_in({})
    discuss(ROW["id_number"], number="MDT-7")
    discuss(WOMAN["id_number"], number="MDT-8", icd10="C50.1")
    body = person("quality").get(f"/reports/coverage.json?{PAIR}").json
    assert [row["unmatched_cases"] for row in body["rows"]] == [0]
    path = f"/reports/coverage/list?{PAIR}&cell=unmatched"
    found = person("quality").get(f"{path}&row=T-JX-A&row2=breast").text
    assert ("MDT-8" in found, "MDT-7" in found) == (True, False)


def test_a_county_manager_sees_pairs_of_the_county_alone(person, province, county_manager):
    rows = person(county_manager).get(f"/reports/coverage.json?{PAIR}").json["rows"]
    assert {row["code"] for row in rows} == {"T-JX-A"}
