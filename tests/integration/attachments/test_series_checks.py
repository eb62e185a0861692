"""Each series against the checklist, on the case's page, before submission and at the desk."""

import re

import pytest

from mdt.models.attachments import Series
from tests import case_kit
from tests.attachment_kit import ct, pdf, rows, send
from tests.desk import add_case
from tests.integration.attachments.test_identity_checks import check_url

ENHANCED = {"ContrastBolusAgent": "碘海醇"}


def shown(browser, url):
    """Text of the table, blank for blank."""
    page = browser.get(url).text
    table = page.partition('<div id="series-checks">')[2].partition("</table>")[0]
    return " ".join(table.replace("<", " <").split())


@pytest.fixture
def torn(app, doctor, world):
    """A submitted case with a chest CT of which slices 4 to 6 were not sent."""
    case_id = add_case(app, world, state="submitted")
    send(
        doctor, case_id, *[file for n, file in enumerate(ct(40, **ENHANCED)) if n not in (3, 4, 5)]
    )
    return case_id


def test_doctor_and_desk_read_the_same(app, person, doctor, torn):
    (series,) = rows(app, Series)
    assert (series.slices_missing, series.slices_doubled) == (3, 0)
    for browser, url in ((doctor, f"/cases/{torn}"), (person("coordinator"), f"/triage/{torn}")):
        table = shown(browser, url)
        for words in ("缺 3 层", "light-wait", "胸部增强CT", "图像缺层：请从 PACS 重新导出整个序列",
                      "确诊后 4 天", "至今"):  # fmt: skip
            assert words in table


def test_what_was_lacking_comes_in_and_the_light_turns_green(app, doctor, torn):
    send(doctor, torn, *ct(40, **ENHANCED))
    assert rows(app, Series)[0].slices_missing == 0
    assert "有图像，缺报告：请上传这次检查的诊断报告" in shown(doctor, f"/cases/{torn}")
    send(doctor, torn, ("胸部CT报告2026-11-06.pdf", pdf()), kind="ct_report")
    table = shown(doctor, f"/cases/{torn}")
    assert "符合清单要求。" in table
    assert "light-ok" in table
    # The checklist says the same of its item.
    lights = doctor.get(f"/cases/{torn}").text.partition('id="case-lights"')[2]
    assert "胸部增强CT" in lights.partition("已有（")[2]


def test_what_may_be_another_persons_counts_for_nothing(doctor, torn):
    sent = send(doctor, torn, *ct(5, series=2, PatientName="李四光", **ENHANCED))
    assert sent.status_code == 200
    table = shown(doctor, f"/cases/{torn}")
    assert "医师核对确认之前，不计入清单。" in table
    assert "light-stop" in table
    doctor.post(check_url(doctor, torn)[0], reason="影像科按曾用名登记")
    assert "不计入清单" not in shown(doctor, f"/cases/{torn}")


def test_slices_there_twice(app, doctor, case_id):
    place = {"ImagePositionPatient": [0, 0, 480]}
    (again,) = ct(1, **ENHANCED, **place, SOPInstanceUID="2.25.99", InstanceNumber=99)
    send(doctor, case_id, *ct(10, **ENHANCED), again)
    (series,) = rows(app, Series)
    assert (series.slices_missing, series.slices_doubled) == (0, 1)
    assert "重复 1 层" in shown(doctor, f"/cases/{case_id}")


def test_a_chinese_body_part_in_the_header_is_understood(doctor, case_id):
    files = ct(5, BodyPartExamined="LIGAND", SeriesDescription="", **ENHANCED)
    send(
        doctor, case_id, *[(name, data.replace(b"LIGAND", "胸部".encode())) for name, data in files]
    )
    assert "胸部增强CT" in shown(doctor, f"/cases/{case_id}")


def test_before_submission_it_says_what_to_do(app, doctor, world):
    case_id = case_kit.whole(app, doctor, world)
    send(doctor, case_id, *ct(5))
    page = doctor.get(f"/cases/{case_id}/submit").text
    assert "请确认是否增强：影像没有写明，请在“影像与资料”中点“更正”注明平扫或增强。" in page
    # The same advice stands below the light of the item.
    assert page.count("影像没有写明，请在") == 2
    assert "请上传；确实没有的，请在清单中注明原因。" in page


def test_what_a_doctor_types_is_not_asked_for_as_a_file(app, doctor, world):
    page = doctor.get(f"/cases/{case_kit.start(doctor, world)}").text
    lines = [line for line in page.split("<li>") if "light-advice" in line]
    asked = {
        label: re.search(r'light-advice">([^<]+)', line)[1]
        for line in lines
        for label in ("ECOG评分", "讨论问题与主管医师方案", "远程医疗知情同意书")
        if label in line
    }
    assert asked == {
        "ECOG评分": "请在病例中填写；确实没有的，请在清单中注明原因。",
        "讨论问题与主管医师方案": "请在病例中填写；确实没有的，请在清单中注明原因。",
        "远程医疗知情同意书": "请上传；确实没有的，请在清单中注明原因。",
    }


def test_guests_read_no_name_that_was_typed_into_a_header(doctor, person, board):
    case_id = board.cases["A"]
    send(doctor, case_id, *ct(5, SeriesDescription="胸部增强 王小明13800000000"))
    assert "王小明" in shown(doctor, f"/cases/{case_id}")
    table = shown(person("radiologist"), f"/cases/{case_id}")
    assert "胸部增强" in table
    assert "王小明" not in table
    assert "到会议日" in table
