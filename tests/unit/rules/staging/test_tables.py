import itertools

import pytest

from mdt.rules.staging import UnknownTable, labels, table, tables

pytestmark = pytest.mark.unit

every_table = pytest.mark.parametrize("found", tables(), ids=lambda found: found.key)


def test_all_sixty_one_tables_are_there():
    assert len(tables()) == 61
    assert [table(found.key) for found in tables()] == list(tables())


def test_an_unknown_key_is_refused_by_name():
    with pytest.raises(UnknownTable) as refused:
        table("lung")
    assert refused.value.details == {"key": "lung"}


@every_table
def test_rules_are_disjoint(found):
    boxes = [
        {name: rule.allowed.get(name) or set(values) for name, values in found.values.items()}
        for rule in found.rules
    ]
    overlapping = [
        (one, other)
        for one, other in itertools.combinations(boxes, 2)
        if all(one[name] & other[name] for name in found.values)
    ]
    assert overlapping == []


@every_table
def test_rules_speak_only_of_declared_values(found):
    for rule in found.rules:
        for name, values in rule.allowed.items():
            assert set(values) <= set(found.values.get(name, ()))


@every_table
def test_every_label_is_declared_and_stands_on_its_side(found):
    unclear = {stage for stage in found.stages if found.side(stage) == "unknown"}
    assert {rule.stage for rule in found.rules} <= set(found.stages)
    assert found.iii_plus.isdisjoint(found.not_iii_plus)
    assert found.iii_plus | found.not_iii_plus | unclear == set(found.stages)
    assert unclear <= {"occult", "limited"}
    assert [found.side(rule.stage) for rule in found.rules] == [r.iii_plus for r in found.rules]


@every_table
def test_parents_aliases_and_conflicts_lead_to_declared_categories(found):
    for axis, groups in found.parents.items():
        for children in groups.values():
            assert set(children) <= set(found.values[axis])
    for axis, aliases in found.aliases.items():
        assert set(aliases.values()) <= set(found.values[axis])
    for entry in found.inconsistent:
        for axis, values in entry.categories.items():
            assert values <= set(found.values[axis])


@every_table
def test_everything_a_doctor_chooses_has_a_label_in_both_languages(found):
    named = [found, *found.factors, *(value for f in found.factors for value in f.values)]
    assert all(one.label_zh.strip() and one.label_en.strip() for one in named)
    assert all(factor.values[-1].value == "unknown" for factor in found.factors)


@every_table
def test_words_of_the_tables_are_all_labelled(found):
    words = labels()
    assert found.classification in {choice.value for choice in words["classification"]}
    assert found.confidence in {choice.value for choice in words["confidence"]}


@pytest.mark.parametrize(
    ("key", "axis", "expected"),
    [
        ("colorectal", "t", ("TX", "T0", "Tis", "T1", "T2", "T3", "T4", "T4a", "T4b")),
        ("lung_nsclc_9", "n", ("NX", "N0", "N1", "N2", "N2a", "N2b", "N3")),
        (
            "bladder",
            "t",
            (
                "TX",
                "T0",
                "Ta",
                "Tis",
                "T1",
                "T2",
                "T2a",
                "T2b",
                "T3",
                "T3a",
                "T3b",
                "T4",
                "T4a",
                "T4b",
            ),
        ),
        ("lymphoma_lugano", "t", ()),
    ],
)
def test_choices_hold_unsplit_and_finer_categories_in_order(key, axis, expected):
    assert table(key).categories(axis) == expected
