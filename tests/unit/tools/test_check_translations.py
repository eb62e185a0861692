"""What counts as translated."""

import pytest
from babel.messages.catalog import Catalog, Message

from tools.check_translations import fault_of


@pytest.mark.parametrize(
    ("text", "translation", "flags", "fault"),
    [
        ("提交病例", "Submit the case", (), None),
        ("提交病例", "", (), "empty"),
        ("提交病例", "Submit 病例", (), "Chinese characters in the translation"),
        ("提交病例", "Submit the case", ("fuzzy",), "fuzzy"),
        ("%(n)s 例", "%(n)s cases", (), None),
        ("%(n)s 例", "%(count)s cases", (), "other placeholders"),
        (("%(num)d 例", "%(num)d 例"), ("%(num)d case", "%(num)d cases"), (), None),
        (("%(num)d 例", "%(num)d 例"), ("%(num)d case", ""), (), "empty"),
    ],
)
def test_fault(text, translation, flags, fault):
    english = Catalog(locale="en")
    english.add(text, translation, flags=flags)
    assert fault_of(Message(text), english) == fault


def test_text_that_the_catalogue_lacks():
    assert fault_of(Message("提交病例"), Catalog(locale="en")) == "not in the catalogue"
