from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from mdt.adapters.pdf_fonts import MissingGlyph
from mdt.adapters.plan_pdf import Amendment, DissentLine, StepLine, render_plan
from tests.unit.adapters.pdf_text import fonts, page_texts
from tests.unit.adapters.plan_documents import opinion

pytestmark = pytest.mark.unit


def flat(pdf):
    """All text in one line: a sentence is found whether or not it was broken."""
    return "".join(page_texts(pdf)).replace("\n", "")


@pytest.fixture(scope="module")
def printed():
    return render_plan(opinion())


@pytest.mark.parametrize(
    "words",
    [
        "肿瘤多学科诊疗意见书",
        "江西示范肿瘤医院（虚构）",
        "望禾县人民医院（虚构）",
        "MDT-2026-000128",
        "3699**********0017",
        "2026年10月9日 周五 14:30–15:05",
        "1. 4R淋巴结是否需要EBUS证实？",
        "右肺上叶腺癌（ICD-10 C34.1，ICD-O-3 8140/3）",
        "cT1c N2a M0",
        "ⅡB期（AJCC/UICC，第9版）",
        "Ⅲ期及以上：否",
        "治疗目的：新辅助",
        "右上肺叶切除加系统淋巴结清扫",
        "影像复阅：PET-CT复阅",
        "若术后切缘阳性或多站阳性，应讨论纵隔放疗",
        "2026-10-09 15:12",
        "签署方式：系统内签署",
        "由邀请方承担相应责任。",
        "核验码：K7QM-2R9D-XT4F",
        "https://mdt.example.org/verify/K7QM-2R9D-XT4F",
        "9f2c4b7a" * 8,
    ],
)
def test_opinion_holds(printed, words):
    assert words in flat(printed)


@pytest.mark.parametrize("name", ["演示𬭩", "示范䶮", "示范𠮷"])
def test_rare_names_can_be_copied(printed, name):
    assert name in flat(printed)


def test_every_font_is_embedded_as_a_subset(printed):
    assert fonts(printed) == {
        "NotoSansSC-Regular": True,
        "NotoSansSC-Bold": True,
        "NotoSansJP-Regular": True,
    }


def test_same_opinion_gives_the_same_bytes(printed):
    assert render_plan(opinion()) == printed
    assert render_plan(opinion(answer="不可手术。")) != printed


def test_file_names_its_case_and_time_and_nothing_clinical(printed):
    with pikepdf.open(BytesIO(printed)) as pdf:
        assert str(pdf.docinfo["/Title"]) == "肿瘤多学科诊疗意见书 MDT-2026-000128"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20261009084000+00'00'"
        assert str(pdf.Root.Lang) == "zh-CN"


def test_pages_are_numbered_and_name_the_revision(printed):
    pages = page_texts(printed)

    assert [f"第 {n} 页 / 共 {len(pages)} 页" in page for n, page in enumerate(pages, 1)] == [
        True
    ] * len(pages)
    assert all("病例编号 MDT-2026-000128 · 第 1 版" in page for page in pages)


def test_draft_is_marked_on_every_page_and_a_signed_one_on_none(printed):
    draft = page_texts(render_plan(opinion(draft=True, signatures=())))

    assert all("草稿" in page for page in draft)
    assert "不得作为诊疗依据" in draft[0]
    assert "尚未签署" in "".join(draft)
    assert "草稿" not in flat(printed)


def test_amendment_names_the_old_revision_and_the_reason(printed):
    amended = flat(render_plan(opinion(revision=2, amends=Amendment(1, "病理会诊结果更改。"))))

    assert "本版修改第 1 版" in amended
    assert "修改理由：病理会诊结果更改。" in amended
    assert "修改理由" not in flat(printed)


@pytest.mark.parametrize(("iii_plus", "mark"), [(True, "是"), (False, "否"), (None, "不能判定")])
def test_stage_says_whether_it_is_iii_or_above(iii_plus, mark):
    stage = replace(opinion().stage, iii_plus=iii_plus)

    assert f"Ⅲ期及以上：{mark}" in flat(render_plan(opinion(stage=stage)))


def test_empty_parts_are_named_as_empty():
    text = flat(
        render_plan(
            opinion(
                outcome="缓议",
                deferral_reason="等待病理或复核",
                steps=(),
                dissent=(),
                questions=(),
                further_tests=" ",
                stage=replace(opinion().stage, group="", categories="", system="", edition=""),
            )
        )
    )

    assert "缓议理由：等待病理或复核" in text
    assert "分期：未分期" in text
    assert "需补充的检查未填写" in text
    assert "无不同意见。" in text


def test_what_nobody_wrote_is_not_printed_as_none():
    blank = dict.fromkeys(
        ("further_tests", "imaging_review", "pathology_review", "alternative", "review_point"), ""
    )
    text = flat(render_plan(opinion(**blank, patient_wish="")))

    for label in ("影像复阅", "病理复阅", "备选方案", "复评时间点", "患者意愿"):
        assert f"{label}：未填写" in text
    assert "需补充的检查未填写" in text


def test_a_vote_against_without_words_is_no_agreement():
    said = opinion().dissent
    alone = flat(render_plan(opinion(dissent=(), against=("示范丁", "示范戊"))))
    beside = flat(render_plan(opinion(dissent=said, against=("示范丁",))))

    assert "投反对票而未写明不同意见：示范丁、示范戊" in alone
    assert "无不同意见" not in alone
    assert "投反对票而未写明不同意见：示范丁" in beside
    assert said[0].text in beside


def test_a_print_while_it_is_signed_names_who_has_and_who_is_asked():
    signed = opinion().signatures[:2]
    text = flat(
        render_plan(
            opinion(draft=True, signatures=signed, owed=("放疗科（示范丙）", "病理科（示范戊）"))
        )
    )

    assert "2026-10-09 15:14" in text
    assert "2026-10-09 15:20" not in text
    assert "待签名：放疗科（示范丙）；病理科（示范戊）" in text
    assert "尚未签署完成，仅供核对" in text


def test_long_texts_flow_over_pages_and_heads_of_tables_are_repeated():
    long = "术前含铂双药，方案与剂量由主管医师按规范定；" * 60
    steps = (StepLine("化疗", long, "省级", "肿瘤科", "2周内"),) * 4
    dissent = (DissentLine("示范丙", "放疗科", "对治疗方式有不同意见", long),)

    pages = page_texts(render_plan(opinion(steps=steps, dissent=dissent, case_summary=long * 3)))

    assert sum("执行人" in page for page in pages) >= 3
    assert "".join(pages).replace("\n", "").count("按规范定；") >= 60 * 5


def test_text_is_printed_as_it_is_written_and_never_read_as_markup():
    text = flat(render_plan(opinion(diagnosis="<b>a</b> & <para>&lt;")))

    assert "诊断：<b>a</b> & <para>&lt;" in text


def test_character_that_no_font_has_is_refused():
    with pytest.raises(MissingGlyph) as refused:
        render_plan(opinion(answer="可手术\ue000"))

    assert refused.value.details == {"characters": "\ue000"}
