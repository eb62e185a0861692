"""The way of a register file, what its columns are guessed to be, and ages as stages see them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mdt.rules.errors import IllegalTransition, Refused
from mdt.rules.registry.ages import AGE_LIMITS, staged_age
from mdt.rules.registry.columns import REASON_COLUMNS, check_columns, guess_columns
from mdt.rules.registry.importing import ImportState, Waiting, check_move, waiting_for_worker
from mdt.rules.staging import register
from mdt.services.register_source import WritingOrder

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
REQUIRED = ("hospital_code", "icd10", "case_type", "diagnosis_date")


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("机构代码*", "hospital_code"),
        ("上报医疗机构编码", "hospital_code"),
        ("患者性别", "sex"),
        ("身份证号码（18位）", "id_number"),
        ("主要诊断编码(ICD-10)", "icd10"),
        ("首次确诊日期", "diagnosis_date"),
        ("diagnosis dat", "diagnosis_date"),
        ("T分期", "t"),
        ("期别", "stage_group"),
        ("单位", "hospital_code"),
        ("上报单位名", "hospital_code"),
        ("首诊/复发", "case_type"),
        ("首诊日期", "diagnosis_date"),
        ("临床T", "t"),
        ("pN", "n"),
        ("报告日期", ""),
        ("就诊日期", ""),
        ("备注", ""),
        ("", ""),
        *((one, "") for one in REASON_COLUMNS),
    ],
)
def test_a_heading_of_another_system_is_guessed(heading, column):
    assert guess_columns([heading]) == (column,)


def test_what_is_certain_is_not_guessed_away():
    assert guess_columns(["首次确诊日期", "确诊日期", "确诊日期"]) == ("", "diagnosis_date", "")
    assert guess_columns(["分期日期", "分期", "分期系统"]) == (
        "stage_date", "stage_group", "staging_system",
    )  # fmt: skip


def test_cells_speak_against_a_heading_and_for_a_column_without_one():
    table = {
        "工作单位": ("某厂", "务农"),
        "单位": ("T-JX-A", "T-JX-A"),
        "主要诊断": ("右肺上叶腺癌", "胃窦癌"),
        "编号一": ("C34.1", "c16.3"),
        "证号": ("369921196203050015", "36992119620305002３"),
        "类型": ("首诊", "复发"),
        "标志": ("1", "2"),
        "病理诊断": ("腺癌", "腺癌"),
        "住址": ("某县某镇", "某县某村"),
        "诊断日期": ("2026-09-01", "不详"),
        "未接收原因": ("男", "女"),
    }
    assert dict(
        zip(table, guess_columns([*table], [*table.values()], ["T-JX-A"]), strict=True)
    ) == {
        **dict.fromkeys(table, ""),
        "单位": "hospital_code",
        "编号一": "icd10",
        "证号": "id_number",
        "类型": "case_type",
        "诊断日期": "diagnosis_date",
    }
    # Two columns of codes: a person says which is the tumour's.
    assert guess_columns(["甲", "乙"], [("C34.1",), ("C16.3",)]) == ("", "")


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (REQUIRED, None),
        ((*REQUIRED, "", ""), None),
        (REQUIRED[1:], "register_columns_unchosen"),
        ((*REQUIRED, "icd10"), "register_column_twice"),
        ((*REQUIRED, "password"), "unknown_code"),
    ],
)
def test_columns_are_checked(columns, code):
    if code is None:
        assert check_columns(columns) is None
        return
    with pytest.raises(Refused) as refused:
        check_columns(columns)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("state", "to", "allowed"),
    [
        ("columns", ImportState.CHECKING, True),
        ("columns", ImportState.IMPORTING, False),
        ("checked", ImportState.IMPORTING, True),
        ("checked", ImportState.CHECKING, True),
        ("checking", ImportState.CANCELLED, True),
        ("importing", ImportState.CANCELLED, False),
        ("done", ImportState.IMPORTING, False),
        ("cancelled", ImportState.CHECKING, False),
    ],
)
def test_the_way_of_a_file(state, to, allowed):
    if allowed:
        assert check_move(state, to) is None
        return
    with pytest.raises(IllegalTransition):
        check_move(state, to)


@pytest.mark.parametrize(
    ("state", "queued", "beat", "waiting"),
    [
        ("checking", 2, None, None),
        ("checking", 20, None, Waiting(NOW - timedelta(seconds=20), missing=False)),
        ("importing", 100, None, Waiting(NOW - timedelta(seconds=100), missing=True)),
        ("importing", 100, 3, None),
        ("importing", 500, 90, Waiting(NOW - timedelta(seconds=90), missing=True)),
        ("checked", 500, 500, None),
        ("done", 500, 500, None),
    ],
)
def test_a_file_says_since_when_it_waits(state, queued, beat, waiting):
    since = NOW - timedelta(seconds=queued)
    heard = None if beat is None else NOW - timedelta(seconds=beat)
    assert waiting_for_worker(state, since, heard, now=NOW) == waiting


@pytest.mark.parametrize(
    ("persons", "people"),
    [
        ([], []),
        ([5, 6, 7], [[0], [1], [2]]),
        ([5, 6, 5, 7, 6, 5], [[0, 2, 5], [1, 4], [3]]),
        ([0, 0, 5, 0, 5], [[0], [1], [2, 4], [3]]),
    ],
)
def test_rows_of_one_person_are_written_together(persons, people):
    order = WritingOrder.of_persons(persons)
    assert list(order.people()) == people
    again = WritingOrder.from_bytes(len(persons), order.to_bytes())
    assert list(again.people()) == people


@pytest.mark.parametrize(
    ("born", "age"),
    [(None, None), (date(1971, 11, 21), 0), (date(1971, 11, 20), 55), (date(2027, 1, 1), 0)],
)
def test_ages_are_told_apart_as_far_as_stages_do(born, age):
    assert staged_age(born, date(2026, 11, 20)) == age


def test_the_ages_that_matter_are_those_of_the_stages():
    assert AGE_LIMITS == (0, register._AGE_LIMIT)
