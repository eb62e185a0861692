"""How the catalogue is brought up to date."""

from babel.messages.catalog import Catalog

from tools.update_translations import merge


def catalogue(*entries):
    made = Catalog(locale="en")
    for text, words, options in entries:
        made.add(text, words, **options)
    return made


def merged(extracted, existing, added):
    found = merge(catalogue(*extracted), catalogue(*existing), added)
    return {(one.context, one.id): one.string for one in found if one.id}


def test_known_ones_stay_added_ones_win_and_obsolete_ones_go():
    extracted = [("病例", "", {}), ("保存", "", {}), ("取消", "", {})]
    existing = [("病例", "Cases", {}), ("保存", "Keep", {}), ("删除", "Delete", {})]
    assert merged(extracted, existing, {"保存": "Save"}) == {
        (None, "病例"): "Cases",
        (None, "保存"): "Save",
        (None, "取消"): "",
    }


def test_a_text_with_a_context_is_another_text():
    extracted = [("受理", "", {}), ("受理", "", {"context": "menu"})]
    existing = [("受理", "Accept", {})]
    assert merged(extracted, existing, {"menu|受理": "Triage"}) == {
        (None, "受理"): "Accept",
        ("menu", "受理"): "Triage",
    }


def test_a_fuzzy_translation_does_not_stay():
    existing = [("病例", "Patients", {"flags": ["fuzzy"]})]
    assert merged([("病例", "", {})], existing, {}) == {(None, "病例"): ""}


def test_plurals_have_two_forms():
    text = ("%(num)d 例", "%(num)d 例")
    forms = ["%(num)d case", "%(num)d cases"]
    assert merged([(text, "", {})], [], {text[0]: forms}) == {(None, text): tuple(forms)}
