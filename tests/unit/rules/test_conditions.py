"""Conditions in three values: what is not known is never taken for a no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdt.rules.conditions import AtLeast, read_condition
from mdt.rules.content import conditions

pytestmark = pytest.mark.unit

YES = {"field": "age", "op": ">", "value": 1}
NO = {"field": "age", "op": "<", "value": 1}
ASK = {"field": "nothing", "op": "=", "value": 1}


def holds(raw, facts):
    return read_condition("x", "", "", raw).holds(facts)


@pytest.mark.parametrize(
    ("op", "value", "fact", "expected"),
    [
        ("<", 18, 17, True),
        ("<", 18, 18, False),
        ("<=", 18, 18, True),
        (">", 0.8, 0.8, False),
        (">=", 0.8, 0.8, True),
        (">=", 18, "old", None),
        (">=", 1, True, None),
        ("=", "yes", "yes", True),
        ("=", "yes", "no", False),
        ("=", "yes", "unknown", None),
        ("=", "yes", None, None),
        ("!=", 4, 3, True),
        ("!=", 4, 4, False),
        ("in", ["1", "2"], "2", True),
        ("in", ["1", "2"], "7", False),
        ("has", "surgery", ("surgery", "tcm"), True),
        ("has", "surgery", ("tcm",), False),
        ("has", "surgery", (), False),
        ("has", "surgery", "no surgery", False),
        ("has_any", ["surgery", "tcm"], ("tcm",), True),
        ("has_any", ["surgery"], AtLeast(("tcm",)), None),
        ("has_any", ["tcm"], AtLeast(("tcm",)), True),
        ("starts_any", ["C22.1"], "C22.100", True),
        ("starts_any", ["C22.1"], "C22.0", False),
        ("high", None, "H", True),
        ("high", None, "L", False),
    ],
)
def test_comparison(op, value, fact, expected):
    assert holds({"field": "f", "op": op, "value": value}, {"f": fact}) is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"all": []}, True),
        ({"all": [YES, YES]}, True),
        ({"all": [YES, ASK]}, None),
        ({"all": [NO, ASK]}, False),
        ({"any": [NO, YES, ASK]}, True),
        ({"any": [NO, ASK]}, None),
        ({"any": [NO, NO]}, False),
        ({"any": [{"all": [YES, ASK]}, NO]}, None),
    ],
)
def test_all_and_any(raw, expected):
    assert holds(raw, {"age": 5}) is expected


def test_the_facts_to_ask_for_are_named():
    condition = conditions()["neuro"]
    assert [
        condition.unknown_fields({}),
        condition.unknown_fields({"iii_plus": "unknown", "symptom": ("cough",)}),
        condition.unknown_fields({"iii_plus": "no", "symptom": AtLeast(("cough",))}),
    ] == [("symptom", "iii_plus"), ("iii_plus",), ("symptom",)]


def test_an_unknown_operator_is_refused():
    with pytest.raises(ValueError, match="no such operator: ~"):
        read_condition("x", "", "", {"field": "f", "op": "~", "value": 1})


FACTS = st.dictionaries(
    st.sampled_from(sorted({f for c in conditions().values() for f in c.expression.fields()})),
    st.one_of(
        st.none(),
        st.integers(0, 100),
        st.booleans(),
        st.sampled_from(["yes", "no", "unknown", "M", "F", "C22.1", "2+"]),
        st.lists(st.sampled_from(["surgery", "headache", "liver"])).map(tuple),
    ),
)


@given(st.sampled_from(sorted(conditions())), FACTS)
def test_no_facts_make_a_condition_raise(code, facts):
    assert conditions()[code].holds(facts) in {True, False, None}


@given(st.sampled_from(sorted(conditions())), FACTS, FACTS)
def test_more_facts_never_contradict_an_answer(code, known, more):
    before = conditions()[code].holds(known)
    known = {name: value for name, value in known.items() if value not in (None, "unknown")}
    after = conditions()[code].holds({**more, **known})
    assert before is None or after is before
