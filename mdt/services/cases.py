"""Writing a case, marking its checklist, showing its patient."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from mdt.models.cases import Case
from mdt.queries.addressing import may_ask
from mdt.queries.case_drafts import draft_of
from mdt.queries.cases import check_doctor, full_identity, get_case, get_case_for
from mdt.queries.patients import Identity
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_changes import Edited, edit_draft
from mdt.rules.case_draft import CaseDraft
from mdt.rules.case_state import QUEUE, CaseState
from mdt.rules.content import checklist, reasons
from mdt.rules.errors import IllegalTransition, Invalid, Stale
from mdt.rules.readiness import Mark
from mdt.services.case_edits import changed_fields, edited_by_others, plain_value, write_draft
from mdt.services.unit_of_work import unit_of_work

#: States in which the sender may still say what of the checklist is there.
_MARKABLE = QUEUE | {CaseState.DRAFT, CaseState.RETURNED, CaseState.REVIEWING}


@dataclass(frozen=True)
class ItemMark:
    """What is said of a checklist item by hand: a `Mark`, or empty to take it back.

    ``not_available`` wants a reason of ``override_reasons``.
    """

    mark: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Saved:
    """Outcome of an edit: the case, fields refused (name to code), and fields to show anew.

    ``fields`` holds, as the form has them, values that the server has filled in or that somebody
    else has changed since the version that the page had.
    """

    case: Case
    errors: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)


def save_case(
    viewer: Viewer,
    case_id: int,
    changes: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
    ignored: int = 0,
) -> Saved:
    """Write fields of a draft as they are typed.

    ``changes`` maps fields of `CaseDraft` to typed values; ``stage_factors`` holds only the factors
    that changed. ``version`` is what the page had: a field that somebody else changed since then to
    something else makes `Stale`, whose ``current`` holds the stored values; other fields merge.
    ``ignored`` counts what was sent beside the form's fields. Side effects: an audit row.
    """
    today = local_date(now)
    with unit_of_work(viewer, AuditAction.CASE_EDIT, now=now) as work:
        case = get_case_for(viewer, case_id, Permission.CASE_EDIT, for_update=True)
        before = draft_of(case)
        wanted = _with_all_factors(before, changes)
        theirs = edited_by_others(case, viewer, version)
        _refuse_stale(case, before, wanted, theirs)
        edited = edit_draft(before, wanted, today)
        after, errors = _with_team(case, before, edited, today)
        write_draft(work, case, before, after, viewer.user_id)
        names = changed_fields(before, after)
        work.about(case, case_id=case.id, fields=sorted(names), **_noted(ignored))
        shown = {name for name in (*names, *theirs) if _differs(after, wanted, name)}
        values = {name: plain_value(getattr(draft_of(case), name)) for name in shown}
        return Saved(case, errors, values)


def _noted(ignored: int) -> dict[str, int]:
    return {"ignored": ignored} if ignored else {}


def _with_all_factors(before: CaseDraft, changes: Mapping[str, Any]) -> dict[str, Any]:
    if "stage_factors" not in changes:
        return dict(changes)
    factors = {**before.stage_factors, **changes["stage_factors"]}
    return {**changes, "stage_factors": {name: value for name, value in factors.items() if value}}


def _refuse_stale(
    case: Case, before: CaseDraft, wanted: Mapping[str, Any], theirs: frozenset[str]
) -> None:
    if any(name in theirs and getattr(before, name) != value for name, value in wanted.items()):
        fields = {name: plain_value(getattr(before, name)) for name in theirs}
        raise Stale(current={"version": case.version, "fields": fields})


def _differs(after: CaseDraft, wanted: Mapping[str, Any], name: str) -> bool:
    return name not in wanted or getattr(after, name) != wanted[name]


def _with_team(
    case: Case, before: CaseDraft, edited: Edited, today: date
) -> tuple[CaseDraft, dict[str, str]]:
    """A team that may not be asked is not taken, nor another one once a team has the case.

    A case that was sent stays with its team, which sees it: for another team it is withdrawn and
    started anew.
    """
    chosen = edited.draft.team_id
    if chosen != before.team_id and case.submitted_at is not None:
        kept = replace(edited.draft, team_id=before.team_id)
        return kept, {**edited.errors, "team_id": "team_is_fixed"}
    if chosen in {None, before.team_id} or may_ask(case.hospital_id, chosen, today):
        return edited.draft, dict(edited.errors)
    kept = replace(edited.draft, team_id=before.team_id)
    return kept, {**edited.errors, "team_id": "agreement_missing"}


def mark_items(
    viewer: Viewer, case_id: int, marks: Mapping[str, ItemMark], *, now: datetime
) -> Case:
    """Say by hand that items of the checklist (by their base) are there, or why they are not.

    Side effects: an audit row.
    """
    with unit_of_work(viewer, AuditAction.CASE_EDIT, now=now) as work:
        case = get_case(viewer, case_id, for_update=True)
        _check_marks(viewer, case, marks)
        kept = {base: mark for base, mark in case.checklist_marks.items() if base not in marks}
        said = {
            base: {"mark": one.mark, "reason": one.reason}
            for base, one in marks.items()
            if one.mark
        }
        case.checklist_marks = {**kept, **said}
        case.updated_at = now
        work.about(case, case_id=case.id, items=sorted(marks))
        return case


def _check_marks(viewer: Viewer, case: Case, marks: Mapping[str, ItemMark]) -> None:
    check_doctor(viewer, case)
    if case.state not in _MARKABLE:
        raise IllegalTransition("case_not_editable", state=case.state)
    bases = {item.base for item in checklist(case.tumour_type)} if case.tumour_type else set()
    reason_codes = {one.code for one in reasons("override_reasons")}
    problems: dict[str, str] = {}
    for base, one in marks.items():
        if base not in bases or one.mark not in {"", *Mark}:
            problems[f"mark.{base}"] = "unknown_code"
        elif one.mark == Mark.NOT_AVAILABLE and one.reason not in reason_codes:
            problems[f"mark.{base}"] = "reason_required"
    if problems:
        raise Invalid(problems)


def unmask_patient(viewer: Viewer, case_id: int, *, now: datetime) -> Identity:
    """Show the whole identity, which is recorded. Raises `Forbidden` for invited guests."""
    with unit_of_work(viewer, AuditAction.PATIENT_UNMASK, now=now) as work:
        case = get_case(viewer, case_id)
        identity = full_identity(viewer, case)
        work.about(case.patient, case_id=case.id)
        return identity
