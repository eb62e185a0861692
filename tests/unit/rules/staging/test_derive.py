import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdt.rules.staging import IiiPlus, UnknownTable, derive, table, tables
from tests.unit.rules.staging import plain_reference

pytestmark = pytest.mark.unit

VECTORS = Path(__file__).with_name("policy-vectors.csv")
with VECTORS.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(list(row.values())[:5]))
def test_worked_cases(row):
    derived = derive(row["key"], row["t"], row["n"], row["m"], json.loads(row["factors_json"]))
    assert (derived.stage, derived.iii_plus) == (row["expected_stage"], row["expected_iii_plus"])


def test_the_groups_that_are_left_and_their_numeral():
    derived = derive("colorectal", "TX", "N1", "M0")
    assert derived.possible == ("IIIA", "IIIB", "IIIC")
    assert derived.major == "III"


def test_a_sure_group_is_the_only_possible_one():
    derived = derive("stomach_c", "T4b", "", "M0")
    assert (derived.stage, derived.possible, derived.major) == ("IVA", ("IVA",), "IV")


def test_no_group_leaves_nothing_possible():
    derived = derive("lung_nsclc_8", "Tis", "N1", "M0")
    assert (derived.stage, derived.possible, derived.major) == ("not-assigned", (), "")


@pytest.mark.parametrize(
    ("key", "t", "n", "m", "sentence"),
    [
        ("colorectal", "Tis", "N1", "M0", "in-situ primary with positive nodes"),
        ("colorectal", "Tis", "N0", "M1a", "in-situ primary with distant metastasis"),
        ("melanoma_p", "Tis", "N2b", "M0", "in-situ primary with positive nodes"),
    ],
)
def test_conflicts_are_named(key, t, n, m, sentence):
    assert [conflict.label_en for conflict in derive(key, t, n, m).conflicts] == [sentence]


@pytest.mark.parametrize(("n", "m"), [("NX", "M0"), ("N0", "MX"), ("", "")])
def test_what_is_unknown_is_no_conflict(n, m):
    assert derive("colorectal", "Tis", n, m).conflicts == ()


def test_a_conflict_does_not_change_the_group():
    assert derive("colorectal", "Tis", "N0", "M1a").stage == "IVA"


@pytest.mark.parametrize(
    ("t", "n", "m"),
    [
        ("cT2b", "cN0", "cM0"),
        ("t2B", "n0", "m0"),
        ("2b", "0", "0"),
        ("Ｔ２ｂ", " N0 ", "M 0"),
        ("pT2b", "pN0", "cM0"),
        ("T2b1", "N0(i+)", "M0"),
    ],
)
def test_other_spellings_of_a_category(t, n, m):
    assert derive("lung_nsclc_8", t, n, m) == derive("lung_nsclc_8", "T2b", "N0", "M0")


def test_a_finer_split_than_the_table_makes_counts_as_the_whole():
    assert derive("lung_nsclc_8", "T1c", "N2a", "M0").stage == "IIIA"
    assert derive("kidney", "T1a", "N0", "M0").stage == "I"


@pytest.mark.parametrize("junk", ["", "TX", "T9", "banana", "N1", "A", "4级", "T4;drop", "\x00"])
def test_what_is_no_category_is_unknown(junk):
    assert derive("stomach_c", junk, "N1", "M0") == derive("stomach_c", "", "N1", "M0")


def test_factors_are_read_leniently_and_junk_is_unknown():
    known = {"b2m": ">=5.5", "ldh": "high"}
    assert derive("myeloma_riss", factors={"b2m": "≥5.5", "ldh": "High"}).stage == "III"
    assert derive("myeloma_riss", factors=known | {"albumin": "?", "moon": "full"}) == derive(
        "myeloma_riss", factors=known
    )


def test_unknown_metastasis_never_makes_stage_four():
    derived = derive("kidney", "T0", "N0", "MX")
    assert (derived.stage, derived.possible) == ("undetermined", ("IV",))
    assert derived.iii_plus is IiiPlus.UNKNOWN


def test_in_situ_with_unknown_nodes_stays_open_because_nodes_would_speak_for_invasion():
    assert derive("breast_anatomic", "Tis", "NX", "M0").iii_plus is IiiPlus.UNKNOWN
    assert derive("breast_anatomic", "Tis", "N0", "M0").iii_plus is IiiPlus.NO
    assert derive("breast_anatomic", "Tis", "N3", "M0").iii_plus is IiiPlus.YES


def test_an_unknown_table_is_refused():
    with pytest.raises(UnknownTable):
        derive("nose", "T1", "N0", "M0")


@st.composite
def questions(draw, *, junk=False):
    found = draw(st.sampled_from(tables()))
    chosen = {}
    for name, values in found.values.items():
        choices = [*values, *found.parents.get(name, {}), *found.aliases.get(name, {}), ""]
        option = st.sampled_from(choices)
        chosen[name] = draw(option | st.text(max_size=6) if junk else option)
    return found.key, chosen


def ask(key, chosen):
    factors = {name: value for name, value in chosen.items() if name not in {"t", "n", "m"}}
    axes = {name: value for name, value in chosen.items() if name in {"t", "n", "m"}}
    return derive(key, **axes, factors=factors)


@settings(max_examples=400, deadline=None)
@given(questions(junk=True))
def test_nothing_that_is_said_raises(question):
    key, chosen = question
    derived = ask(key, chosen)
    assert derived.stage in {*table(key).stages, "undetermined", "not-assigned"}
    assert set(derived.possible) <= set(table(key).stages)


@settings(max_examples=300, deadline=None)
@given(questions())
def test_an_answer_agrees_with_its_parts(question):
    key, chosen = question
    derived = ask(key, chosen)
    if derived.stage in table(key).stages:
        assert derived.possible == (derived.stage,)
        assert derived.iii_plus == table(key).side(derived.stage)
    if derived.iii_plus is not IiiPlus.UNKNOWN and derived.possible:
        assert {table(key).side(stage) for stage in derived.possible} == {derived.iii_plus}


@settings(max_examples=600, deadline=None)
@given(questions(), st.data())
def test_making_an_unknown_known_never_contradicts_a_yes_or_no(question, data):
    key, chosen = question
    name = data.draw(st.sampled_from(sorted(chosen)))
    unknown = plain_reference.unknown_value(name)
    value = data.draw(st.sampled_from([v for v in table(key).values[name] if v != unknown]))
    before = ask(key, chosen | {name: data.draw(st.sampled_from(["", unknown]))}).iii_plus
    after = ask(key, chosen | {name: value}).iii_plus
    assert before in {IiiPlus.UNKNOWN, after}


@settings(max_examples=300, deadline=None)
@given(questions())
def test_the_answer_equals_a_plain_slow_reference(question):
    key, chosen = question
    plain = {
        name: ""
        if value == plain_reference.unknown_value(name)
        else table(key).aliases.get(name, {}).get(value, value)
        for name, value in chosen.items()
    }
    assert ask(key, chosen).iii_plus == plain_reference.side(table(key), plain)
