"""The opinions of the demo cases as fields of a plan."""

from typing import Any

from mdt.cli.demo.demo import Demo, Story
from mdt.rules.plan import Outcome

_WHERE = {"province": "省级医院", "city": "市级医院", "county": "县级医院"}
_AXES = ("t", "n", "m")


def plan_fields(demo: Demo, story: Story, session: Story) -> dict[str, Any]:
    """What the recorder writes down of a session."""
    consensus = session["consensus"]
    deferred = session["outcome"] == "deferred"
    fields: dict[str, Any] = {
        "outcome": (Outcome.DEFERRED if deferred else Outcome.RECOMMENDED).value,
        "answer": _answer(consensus),
        "diagnosis": consensus["diagnosis_zh"],
        "intent": consensus["intent"],
        "steps": [_step(one) for one in consensus["steps"]],
        "further_tests": "\n".join(consensus["further_workup_zh"]),
        "imaging_review": _said(session, "radiology"),
        "pathology_review": _said(session, "pathology"),
        "alternative": consensus["alternative_zh"],
        "review_point": consensus["review_point_zh"],
        "patient_wish": consensus["patient_wish_zh"],
        "basis": consensus["basis_zh"],
        "dissent": [_dissent(demo, story, one) for one in consensus["dissent"]],
    }
    if deferred:
        return fields | {"deferral_reason": session["deferral_reason"]}
    return fields | {"stage": stage_fields(story["stage_agreed"])}


def stage_fields(stage: Story) -> dict[str, Any]:
    """The agreed stage, field by field."""
    return {
        "table": stage["table"] or "",
        "classification": stage["basis"],
        **{axis: stage[axis] or "" for axis in _AXES},
        "factors": stage["factors"],
        "stage_group": stage["derived"] or "",
    }


def _answer(consensus: Story) -> str:
    """The reason that was given, then what is to be done first."""
    first = "；".join(step["what_zh"] for step in consensus["steps"][:3])
    reason = f"{consensus['basis_zh']}。" if consensus["basis_zh"] else ""
    return f"针对所提问题：{reason}建议依次：{first}。"


def _step(step: Story) -> dict[str, str]:
    return {
        "modality": step["modality"],
        "what": step["what_zh"],
        "where": _WHERE[step["where"]],
        "who": step["who_zh"],
        "when": step["when_zh"],
    }


def _dissent(demo: Demo, story: Story, one: Story) -> dict[str, str]:
    username = demo.people.experts[story["invited_hospital"], one["discipline"]]
    return {
        "user_id": str(demo.people.users[username]),
        "kind": one["type"],
        "text": one["text_zh"],
    }


def _said(session: Story, discipline: str) -> str:
    return next(
        (one["text_zh"] for one in session["opinions"] if one["discipline"] == discipline), ""
    )
