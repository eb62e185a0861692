"""What the room's scripts know before they join: code lists in the reader's language."""

from typing import Any

from mdt.rules.content import ReasonList, disciplines, intents, modalities, reasons
from mdt.rules.plan import OUTCOMES
from mdt.web.templating import label_of, role_labels


def code_lists() -> dict[str, Any]:
    """Labels by code, and the reasons for which a case is deferred."""
    return {
        "disciplines": {one.code: label_of(one) for one in disciplines()},
        "fillers": {one.code: list(one.may_be_filled_by) for one in disciplines()},
        "roles": {role.value: str(name) for role, name in role_labels().items()},
        "modalities": {one.code: label_of(one) for one in modalities()},
        "choices": {
            "outcome": [{"code": str(one.code), "label": label_of(one)} for one in OUTCOMES],
            "intent": [{"code": one.code, "label": label_of(one)} for one in intents()],
        },
    }


def deferral_reasons() -> list[dict[str, Any]]:
    """Reasons for which a board puts a case off."""
    return [
        {"code": one.code, "label": label_of(one), "needs_text": one.needs_text}
        for one in reasons(ReasonList.DEFERRAL)
    ]
