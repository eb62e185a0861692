"""Editing a case: what was typed is cleaned, checked, and what follows from it is filled in.

A field that cannot be right is refused with a code and keeps what it had; the others are taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from mdt.rules.case_draft import CaseDraft, draft_fields
from mdt.rules.case_stage import settle_stage, suggest_table
from mdt.rules.codes import id_types
from mdt.rules.content import tumour_types_for
from mdt.rules.icd10 import find_icd10, is_neoplasm, looks_like_code, parse_icd10
from mdt.rules.identity import RESIDENT_CARD, IdNumber, check_id_number, normalise_id_number

NAME_LENGTH = (2, 30)
_NAME_DOTS = str.maketrans(dict.fromkeys("•‧・･∙⋅.．", "·"))
IDENTITY_FIELDS = (
    "name",
    "id_type",
    "id_number",
    "birth_date",
    "phone",
    "mrn",
    "residence_code",
)


@dataclass(frozen=True, slots=True)
class Edited:
    """The draft after an edit, and the fields that were refused with their codes."""

    draft: CaseDraft
    errors: Mapping[str, str]


def clean_name(text: str) -> str:
    """A person's name with one kind of dot and no blanks at its ends."""
    return text.strip().translate(_NAME_DOTS)


def edit_draft(draft: CaseDraft, changes: Mapping[str, Any], today: date) -> Edited:
    """Apply typed values to a draft. Names that are no field of a draft are left out.

    An identity number gives birth date and sex, a code the tumour type where none is chosen,
    categories the stage group.
    """
    known = {name: value for name, value in changes.items() if name in draft_fields()}
    errors: dict[str, str] = {}
    for name, check in (("name", _check_name), ("icd10", _check_icd10)):
        if name in known:
            known[name], problem = check(known[name])
            _refuse(name, problem, known, errors)
    after = replace(draft, **known)
    if "id_number" in known or "id_type" in known:
        after = _with_identity(draft, after, known, errors, today)
    if "icd10" in known and not after.tumour_type:
        found = tumour_types_for(after.icd10, after.morphology)
        after = replace(after, tumour_type=found[0].code if found else "")
    return Edited(settle_stage(draft, after), errors)


def _refuse(name: str, problem: str, known: dict[str, Any], errors: dict[str, str]) -> None:
    if problem:
        errors[name] = problem
        del known[name]


def _check_name(text: str) -> tuple[str, str]:
    name = clean_name(text)
    shortest, longest = NAME_LENGTH
    if name and len(name) < shortest:
        return name, "name_short"
    return name, "name_long" if len(name) > longest else ""


def _check_icd10(text: str) -> tuple[str, str]:
    # A choice out of the list may bring its words along: "C34.1 上叶，支气管或肺".
    code = text.strip().split(" ")[0]
    if not code:
        return "", ""
    parsed = parse_icd10(code) or parse_icd10(find_icd10(text))
    if parsed is None:
        return code, "icd10_unreadable" if looks_like_code(code) else "icd10_name_unknown"
    return parsed.code, "" if is_neoplasm(parsed.code) else "icd10_not_neoplasm"


def _with_identity(
    before: CaseDraft,
    after: CaseDraft,
    known: Mapping[str, Any],
    errors: dict[str, str],
    today: date,
) -> CaseDraft:
    number = normalise_id_number(after.id_number)
    # A register row may have named no kind of document, or one in words.
    kind = after.id_type if after.id_type in id_types() else RESIDENT_CARD
    if kind != RESIDENT_CARD or not number:
        return replace(after, id_number=number)
    read = check_id_number(number, today)
    if not isinstance(read, IdNumber):
        errors["id_number"] = read.value
        return replace(after, id_number=before.id_number, id_type=before.id_type)
    said = str(known.get("sex", ""))
    return replace(
        after,
        id_type=kind,
        id_number=read.number,
        birth_date=known.get("birth_date") or read.birth_date,
        sex=said if said in {"1", "2"} else read.sex,
    )


def new_draft(*, team_id: int | None, tumour_type: str, urgency: str = "routine") -> CaseDraft:
    """An empty draft for a team and a tumour type, with the table that usually stages it."""
    draft = CaseDraft(team_id=team_id, tumour_type=tumour_type, urgency=urgency)
    return replace(draft, staging_table=suggest_table(draft))
