"""Definitions as data: versions in force, checks of fields, and the words made out of them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from mdt.rules.coverage import DEFINITIONS, LENIENT, STRICT, Definition, Definitions, Exclusion
from mdt.rules.coverage.definition_fields import (
    FIELD_NAMES,
    StageRule,
    check_fields,
    differing_fields,
    fields_as_json,
    fields_from_json,
)
from mdt.rules.errors import Invalid

#: Version 1 as it was published; no later change of the program may touch a character of it.
PUBLISHED = {
    "strict": (
        "统计单位为一个原发肿瘤，按确诊日期计入期间，归台账登记机构；疑似重复在人工判定前均计入，"
        "判定后只计保留的一条。依次剔除并列出例数：复发或复治、原位癌（D00–D09）、非恶性、"
        "死亡补发病或尸检发现（诊断依据 0 或 8）、不适用分期（C70–C72、C91–C95"
        "）。分期以台账为准：首次治疗当日及以前的临床分期（未填分期日期或尚未治疗的计入，未填分期"
        "依据按临床）；否则首次治疗为手术时用病理分期；否则为未分期；治疗后（y）、复发（r）、尸"
        "检（a）分期不用。T、N、M 能推出分期时按推出的分期，否则按填写的分期；未填版本而各版"
        "本结论不同的为未分期；乳腺癌用解剖分期。分母：III 期及以上。未分期另列。分子（严格）"
        "：在首次治疗当日及以前（尚未治疗的不限时间）经本系统达到法定人数的会议讨论、且意见书已签"
        "署；确诊前的讨论也计入；缓议、取消、未签署及未开会而签署的意见不计。待定：尚未治疗、尚未"
        "讨论、确诊至报告日不超过 30 天。区间下限＝分子÷（分母＋无讨论的未分期），上限＝（分"
        "子＋有讨论的未分期）÷（分母＋有讨论的未分期）。置信区间：Wilson 法，95%。达标"
        "：比例超过 50%。",
        "The unit is one primary tumour, counted by its diagnosis date at the hospital of"
        " the register row; possible duplicates all count until a person has decided, the"
        "n only the kept row. Excluded in this order, each with its count: recurrence or "
        "retreatment, in situ (D00-D09), not malignant, death certificate or autopsy (bas"
        "is 0 or 8), not stageable (C70-C72, C91-C95). The stage is the register's: the c"
        "linical stage of the day of the first treatment or before (also without a stage "
        "date, or with no treatment yet; an empty basis is clinical), else the pathologic"
        "al stage where the first treatment was surgery, else unknown; y, r and a stages "
        "never. T, N and M decide where they can, else the group given; where no edition "
        "is given and the editions differ, unknown; breast by anatomic stage. Denominator"
        ": stage III or above. Unstaged tumours stand beside it. Numerator (strict): disc"
        "ussed in a conference of this system with quorum, the opinion signed, on the day"
        " of the first treatment or before, or at any time where there is no treatment ye"
        "t; a board before the diagnosis counts. Deferred, cancelled, unsigned, or signed"
        " with no meeting: never. Pending: no treatment, no board, and at most 30 days si"
        "nce the diagnosis on the day of the report. Band: low = numerator / (denominator"
        " + unstaged without a board), high = (numerator + unstaged with a board) / (deno"
        "minator + unstaged with a board). Interval: Wilson, 95 %. Target met: more than "
        "50 %.",
    ),
    "lenient": (
        "统计单位为一个原发肿瘤，按确诊日期计入期间，归台账登记机构；疑似重复在人工判定前均计入，"
        "判定后只计保留的一条。依次剔除并列出例数：复发或复治、原位癌（D00–D09）、非恶性、"
        "死亡补发病或尸检发现（诊断依据 0 或 8）、不适用分期（C70–C72、C91–C95"
        "）。分期以台账为准：首次治疗当日及以前的临床分期（未填分期日期或尚未治疗的计入，未填分期"
        "依据按临床）；否则首次治疗为手术时用病理分期；否则为未分期；治疗后（y）、复发（r）、尸"
        "检（a）分期不用。T、N、M 能推出分期时按推出的分期，否则按填写的分期；未填版本而各版"
        "本结论不同的为未分期；乳腺癌用解剖分期。分母：III 期及以上。未分期另列。分子（宽松）"
        "：符合严格口径；或治疗虽已开始，但在确诊后 30 天内经上述会议讨论；或本系统以外的多学"
        "科讨论（院内MDT日期）符合上述任一时间条件。待定：尚未治疗、尚未讨论、确诊至报告日不超"
        "过 30 天。区间下限＝分子÷（分母＋无讨论的未分期），上限＝（分子＋有讨论的未分期）÷"
        "（分母＋有讨论的未分期）。置信区间：Wilson 法，95%。达标：比例超过 50%。",
        "The unit is one primary tumour, counted by its diagnosis date at the hospital of"
        " the register row; possible duplicates all count until a person has decided, the"
        "n only the kept row. Excluded in this order, each with its count: recurrence or "
        "retreatment, in situ (D00-D09), not malignant, death certificate or autopsy (bas"
        "is 0 or 8), not stageable (C70-C72, C91-C95). The stage is the register's: the c"
        "linical stage of the day of the first treatment or before (also without a stage "
        "date, or with no treatment yet; an empty basis is clinical), else the pathologic"
        "al stage where the first treatment was surgery, else unknown; y, r and a stages "
        "never. T, N and M decide where they can, else the group given; where no edition "
        "is given and the editions differ, unknown; breast by anatomic stage. Denominator"
        ": stage III or above. Unstaged tumours stand beside it. Numerator (lenient): str"
        "ict, or such a board within 30 days after the diagnosis even if treatment had be"
        "gun, or a board outside this system that meets either condition of time. Pending"
        ": no treatment, no board, and at most 30 days since the diagnosis on the day of "
        "the report. Band: low = numerator / (denominator + unstaged without a board), hi"
        "gh = (numerator + unstaged with a board) / (denominator + unstaged with a board)"
        ". Interval: Wilson, 95 %. Target met: more than 50 %.",
    ),
}
MADE = Definition(
    code="lenient", version="2", stage_rule=StageRule.CLINICAL_ONLY, systems=frozenset({"TNM"}),
    grace_days=14, outside_boards=True, opinions_alone=True, min_disciplines=4,
    exclusions=frozenset({Exclusion.IN_SITU, Exclusion.EARLY_DEATH}), early_death_days=7,
    pending_days=45, target=Fraction("0.605"),
)  # fmt: skip


@pytest.mark.parametrize("code", ["strict", "lenient"])
def test_version_1_is_worded_as_it_was_published(code):
    text = DEFINITIONS[code].text
    assert (text.zh, text.en) == PUBLISHED[code]


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        ("stage_rule", StageRule.CLINICAL_ONLY, "病理分期不用", "the pathological stage never"),
        ("systems", frozenset({"TNM"}), "只采用以下分期系统：TNM分期；", "are taken: TNM; by"),
        ("systems", frozenset({"none"}), "未填分期系统的", "rows that name none"),
        ("grace_days", 14, "确诊后 14 天内经上述会议", "within 14 days after the diagnosis"),
        ("outside_boards", True, "本系统以外的多学科讨论", "a board outside this system"),
        ("opinions_alone", True, "首次签署日符合上述时间条件", "whose first signature meets"),
        ("min_disciplines", 4, "到场不少于 4 个学科", "at least 4 disciplines"),
        ("exclusions", frozenset({Exclusion.EMERGENCY}), "例数：急诊。", "count: emergencies."),
        ("exclusions", frozenset({Exclusion.EARLY_DEATH}), "确诊后 30 天内死亡", "death within 30"),
        ("exclusions", frozenset(), "不剔除任何登记", "Nothing is excluded"),
        ("pending_days", 45, "不超过 45 天", "at most 45 days"),
        ("target", Fraction("0.605"), "比例超过 60.5%", "more than 60.5 %"),
    ],
)
def test_each_field_changes_the_words(field, value, zh, en):
    made = replace(STRICT, version="2", **{field: value})
    before = replace(STRICT, version="2").text
    assert (zh in made.text.zh, en in made.text.en) == (True, True)
    assert (zh in before.zh, en in before.en) == (False, False)
    assert differing_fields(STRICT, made) == (field,)


def test_an_opinion_with_no_meeting_is_never_said_to_count_and_not_to_count():
    assert "未开会而签署的意见不计" in STRICT.text.zh
    assert "未开会而签署的意见不计" not in replace(MADE, opinions_alone=True).text.zh


def test_fields_survive_being_stored():
    for one in (*DEFINITIONS.values(), MADE):
        stored = fields_from_json(fields_as_json(one))
        assert set(stored) == set(FIELD_NAMES)
        assert Definition(code=one.code, version=one.version, **stored) == one


def test_the_days_of_a_death_that_is_not_left_out_are_no_difference():
    assert differing_fields(STRICT, replace(STRICT, early_death_days=7)) == ()
    left_out = replace(STRICT, exclusions=STRICT.exclusions | {Exclusion.EARLY_DEATH})
    assert differing_fields(left_out, replace(left_out, early_death_days=7)) == (
        "early_death_days",
    )


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("systems", frozenset(), "definition_no_system"),
        ("systems", frozenset({"XYZ"}), "unknown_code"),
        ("grace_days", -1, "definition_days"),
        ("grace_days", 367, "definition_days"),
        ("early_death_days", -1, "definition_days"),
        ("pending_days", 1000, "definition_days"),
        ("min_disciplines", -1, "definition_disciplines"),
        ("min_disciplines", 21, "definition_disciplines"),
        ("target", Fraction(0), "definition_target"),
        ("target", Fraction(1), "definition_target"),
    ],
)
def test_fields_that_no_definition_may_have(field, value, code):
    check_fields(MADE)
    with pytest.raises(Invalid) as refused:
        check_fields(replace(MADE, **{field: value}))
    assert refused.value.fields == {field: code}


def version(number, valid_from, code="strict"):
    return replace(STRICT, code=code, version=number, valid_from=valid_from)


def test_the_newest_version_that_is_valid_where_a_period_begins_is_in_force():
    second, third = version("2", date(2026, 1, 1)), version("3", date(2027, 1, 1))
    tenth = version("10", date(2026, 7, 1))
    known = Definitions((third, tenth, second))

    def in_force(day):
        return known.in_force("strict", day).version

    assert in_force(date(2025, 12, 31)) == "1"
    assert in_force(date(2026, 1, 1)) == "2"
    assert in_force(date(2026, 6, 30)) == "2"
    # A later version supersedes those before from its day on, whatever day they were made for.
    assert in_force(date(2027, 1, 1)) == "10"
    assert known.in_force("lenient", date(2027, 1, 1)) is LENIENT
    assert [one.name for one in known.all] == [
        "strict@1", "strict@2", "strict@3", "strict@10", "lenient@1",
    ]  # fmt: skip


def test_a_version_can_be_named():
    second = version("2", date(2026, 1, 1))
    known = Definitions((second,))
    assert known.find("strict", date(2025, 1, 1)) is STRICT
    assert known.find("strict", date(2026, 1, 1)) is second
    assert known.find("strict@2", date(2025, 1, 1)) is second
    assert known.find("strict@1", date(2026, 1, 1)) is STRICT
    assert [known.find(name, date(2026, 1, 1)) for name in ("strict@3", "", "@", "other")] == [
        None, None, None, None,
    ]  # fmt: skip
