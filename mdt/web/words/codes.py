"""Codes of the clinical lists in the reader's language, for lists of cases."""

from typing import Any

from mdt.rules.content import disciplines, reasons, tumour_types, urgencies
from mdt.rules.readiness import ItemState, Light, Readiness, Sentence
from mdt.rules.staging import labels, printed_group
from mdt.web.templating import label_of
from mdt.web.words.cases import ADVICE, READINESS

_COLOURS = {Light.RED: "stop", Light.AMBER: "wait", Light.GREEN: "ok", Light.OFF: "none"}


def stage_word(group: str) -> str:
    """A stage group in words: its label where the list has one, else as the tables print it."""
    known = {one.value: one for one in labels()["stage"]}
    return label_of(known[group]) if group in known else printed_group(group)


def tumour_word(code: str) -> str:
    """A tumour type; nothing before one is chosen."""
    return next((label_of(one) for one in tumour_types() if one.code == code), "")


def discipline_word(code: str | None) -> str:
    """A discipline; nothing for none."""
    return next((label_of(one) for one in disciplines() if one.code == code), code or "")


def urgency_word(code: str) -> str:
    """A degree of urgency."""
    return next((label_of(one) for one in urgencies() if one.code == code), code)


def reason_word(list_code: str, code: str) -> str:
    """A coded reason of a list; nothing for none."""
    if not list_code or not code:
        return ""
    return next((label_of(one) for one in reasons(list_code) if one.code == code), code)


def light_rows(readiness: Readiness | None, *, open_only: bool = False) -> list[dict[str, Any]]:
    """The items of a checklist with colour, label and sentence, as templates show them."""
    if readiness is None:
        return []
    items = readiness.open_items if open_only else readiness.items
    return [
        {
            "colour": _COLOURS[one.light],
            "label": label_of(one.item),
            "word": str(READINESS[one.sentence]),
            "advice": advice(one),
            "blocking": one.blocking,
            "on": one.on,
        }
        for one in items
    ]


def advice(state: ItemState) -> str:
    """What to do about an item that is red, or amber for another reason than that it is missing."""
    amber = state.light is Light.AMBER and state.sentence is not Sentence.MISSING
    if not amber and state.light is not Light.RED:
        return ""
    typed = state.sentence is Sentence.MISSING and state.item.is_typed
    return str(ADVICE.get("not_typed" if typed else state.sentence, ""))


def readiness_summary(readiness: Readiness | None) -> dict[str, Any]:
    """The worst light with the numbers of red and amber items."""
    if readiness is None:
        return {"colour": "none", "red": 0, "amber": 0}
    return {
        "colour": _COLOURS[readiness.light],
        "red": readiness.count(Light.RED),
        "amber": readiness.count(Light.AMBER),
    }


def words_for_templates() -> dict[str, Any]:
    """The functions that lists of cases are drawn with."""
    return {
        "discipline_word": discipline_word,
        "reason_word": reason_word,
        "stage_word": stage_word,
        "tumour_word": tumour_word,
        "urgency_word": urgency_word,
    }
