"""What people decide about a row of the register and a case, and what stands then."""

from collections.abc import Mapping, Set
from enum import StrEnum

from mdt.rules.codes import Label
from mdt.rules.errors import Invalid

LONGEST_TEXT = 500

Link = tuple[int, int]
"""A register row and a case."""


class MatchVerdict(StrEnum):
    """A row and a case are the same tumour of the same person, or are not."""

    LINKED = "linked"
    UNLINKED = "unlinked"


class MatchReason(StrEnum):
    """Why a person knows better."""

    IDENTITY_WRONG = "identity_wrong"
    SITE_CODED = "site_coded"
    DATES_APART = "dates_apart"
    OTHER_PERSON = "other_person"
    OTHER_TUMOUR = "other_tumour"
    OTHER = "other"


REASONS: Mapping[MatchVerdict, Mapping[MatchReason, Label]] = {
    MatchVerdict.LINKED: {
        MatchReason.IDENTITY_WRONG: Label(
            "证件号码录错或缺失，实为同一患者",
            "The identity number is wrong or missing; it is the same person",
        ),
        MatchReason.SITE_CODED: Label(
            "部位或侧别编码不同，实为同一肿瘤", "Site or side are coded otherwise; it is one tumour"
        ),
        MatchReason.DATES_APART: Label(
            "确诊日期相差较大，实为同一肿瘤", "The dates lie far apart; it is one tumour"
        ),
        MatchReason.OTHER: Label("其他（请说明）", "Other (say which)"),
    },
    MatchVerdict.UNLINKED: {
        MatchReason.OTHER_PERSON: Label(
            "不是同一患者（证件号码录错）", "Another person (an identity number is wrong)"
        ),
        MatchReason.OTHER_TUMOUR: Label(
            "同一患者的另一个肿瘤", "Another tumour of the same person"
        ),
        MatchReason.OTHER: Label("其他（请说明）", "Other (say which)"),
    },
}


def check_reason(verdict: MatchVerdict, reason: str, text: str) -> MatchReason:
    """The reason of a decision; ``Invalid`` where it is none of the list or must be explained."""
    if reason not in set(REASONS[verdict]):
        raise Invalid({"reason": "reason_required"})
    if reason == MatchReason.OTHER and not text.strip():
        raise Invalid({"text": "reason_text_required"})
    return MatchReason(reason)


def standing_links(automatic: Set[Link], decided: Mapping[Link, MatchVerdict]) -> set[Link]:
    """The links that stand: what is matched automatically, but for what a person decided."""
    linked = {link for link, verdict in decided.items() if verdict is MatchVerdict.LINKED}
    unlinked = {link for link, verdict in decided.items() if verdict is MatchVerdict.UNLINKED}
    return (set(automatic) - unlinked) | linked
