"""Coded reasons: why a case is returned, declined, deferred, overridden, not adopted."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from mdt.rules.content.files import content
from mdt.rules.content.terms import Term, by_code
from mdt.rules.errors import Invalid, NotFound

#: Most characters of the words that go with a step of a case or an opinion; of a deferral in the
#: live room, which stands for what was said; of a conference's cancellation, which everybody reads;
#: of a file struck out, which stands beside it in lists.
LONGEST_REASON = 1000
LONGEST_ROOM_REASON = 2000
LONGEST_CANCEL_REASON = 500
LONGEST_STRIKE_REASON = 200


class ReasonList(StrEnum):
    """The lists of reasons, alphabetical."""

    ADOPTION = "adoption_reasons"
    DECLINE = "decline_reasons"
    DEFERRAL = "deferral_reasons"
    DISSENT = "dissent_types"
    NONIMPLEMENTATION = "nonimplementation_reasons"
    OVERRIDE = "override_reasons"
    REFERRAL_OUT = "referral_out_reasons"
    RETURN = "return_reasons"
    STAGE_DEVIATION = "stage_deviation_reasons"
    UNMASK = "unmask_reasons"


@dataclass(frozen=True, slots=True)
class Reason(Term):
    """A coded reason; ``needs_text`` where it must be explained in words."""

    needs_text: bool
    definition_zh: str


@dataclass(frozen=True, slots=True)
class Urgency(Reason):
    """How soon a case should be discussed; ``target_hours`` from submission."""

    target_hours: int


@cache
def reasons(list_code: str) -> tuple[Reason, ...]:
    """The reasons of a list; ``NotFound`` for an unknown list."""
    for one in content("reasons")["lists"]:
        if one["code"] == list_code and list_code != "urgency":
            return tuple(
                Reason(
                    row["code"],
                    row["label_zh"],
                    row["label_en"],
                    row["needs_text"],
                    row["definition_zh"],
                )
                for row in one["items"]
            )
    raise NotFound("unknown_code", list="reasons", value=list_code)


def reason(list_code: str, code: str) -> Reason:
    """One reason of a list; ``NotFound`` for an unknown one."""
    return by_code(reasons(list_code), code, list_code)


def checked_words(text: str, *, longest: int, missing: str) -> str:
    """A reason in words alone, trimmed; `Invalid` with ``missing`` for none, or for too many."""
    words = text.strip()
    if not words:
        raise Invalid({"reason": missing})
    if len(words) > longest:
        raise Invalid({"reason": "text_too_long"})
    return words


def check_reason(
    list_code: str,
    code: str,
    text: str,
    *,
    among: Container[str] | None = None,
    words_owed: bool = False,
) -> None:
    """Refuse a code that the list does not have, and missing words where the reason owes them.

    ``among`` narrows the list; ``words_owed`` asks for words whatever the reason. Raises `Invalid`
    with ``reason`` and ``text``.
    """
    known = {one.code: one for one in reasons(list_code) if among is None or one.code in among}
    found, wrong = known.get(code), {}
    if found is None:
        wrong["reason"] = "reason_required"
    if (words_owed or (found and found.needs_text)) and not text.strip():
        wrong["text"] = "reason_text_required"
    if wrong:
        raise Invalid(wrong)


@cache
def urgencies() -> tuple[Urgency, ...]:
    """Degrees of urgency, from routine to critical."""
    rows = next(one["items"] for one in content("reasons")["lists"] if one["code"] == "urgency")
    return tuple(
        Urgency(
            row["code"],
            row["label_zh"],
            row["label_en"],
            row["needs_text"],
            row["definition_zh"],
            row["target_hours"],
        )
        for row in rows
    )


def urgency(code: str) -> Urgency:
    """One degree of urgency; ``NotFound`` for an unknown code."""
    return by_code(urgencies(), code, "urgency")
