from typing import Any

from flask import jsonify, render_template
from werkzeug.wrappers import Response

from mdt.blueprints.cases import standing_parts
from mdt.blueprints.cases.blueprint import bp
from mdt.blueprints.cases.forms import ReturnForm, WithdrawForm, case_types
from mdt.blueprints.cases.next_steps import holder_words, next_step, offered_codes
from mdt.queries.case_files import case_files
from mdt.queries.case_standing import CaseStanding, standing_of
from mdt.queries.cases import list_other_cases, patient_facts
from mdt.queries.key_images import list_key_images
from mdt.queries.lesions import lesion_table, list_lengths
from mdt.queries.live import case_events
from mdt.queries.marks import can_mark
from mdt.queries.readings import list_given
from mdt.queries.series_checks import list_series_checks
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, local_time, utc_now
from mdt.rules.codes import diagnosis_bases, lateralities
from mdt.rules.content import (
    ReasonList,
    charlson_index,
    comorbidities,
    disciplines,
    intents,
    symptoms,
)
from mdt.rules.events import LiveEventKind
from mdt.rules.viewer_state import MOST_PRINTED
from mdt.services import cases
from mdt.services.case_views import open_case
from mdt.web.guards import requires
from mdt.web.templating import label_of, language
from mdt.web.words.codes import discipline_word
from mdt.web.words.reading import KINDS

#: Steps of the path (``components/journey.html``) by the state that a move led to.
_PATH = {
    "submitted": "submitted",
    "accepted": "accepted",
    "scheduled": "scheduled",
    "concluded": "concluded",
    "signed": "signed",
    "adopted": "adopted",
    "following": "following",
}


@bp.get("/cases/<int:case_id>")
@requires(Permission.CASE_READ)
def show_case(viewer: Viewer, case_id: int) -> str:
    return case_page(viewer, case_id)


def case_page(
    viewer: Viewer,
    case_id: int,
    *,
    return_form: ReturnForm | None = None,
    withdraw_form: WithdrawForm | None = None,
) -> str:
    """The case as this viewer sees it; the forms carry what was refused."""
    now = utc_now()
    case = open_case(viewer, case_id, page="case", now=now)
    standing = standing_of(case, today=local_date(now))
    steps = offered_codes(viewer, case)
    files = case_files(viewer, case_id)
    return render_template(
        "cases/case.html",
        patient=patient_facts(viewer, case),
        next=next_step(viewer, case),
        holder=holder_words(case),
        override_reason=standing_parts.reason_label(
            ReasonList.OVERRIDE, case.listing_override.get("reason", "")
        ),
        steps=steps,
        editable="submit" in steps or "submit_for_approval" in steps,
        history=history_of(case),
        path_times=path_times(case),
        others=list_other_cases(viewer, case),
        facts=facts_of_draft(standing),
        return_form=return_form or ReturnForm(formdata=None),
        withdraw_form=withdraw_form or WithdrawForm(formdata=None),
        files=files,
        series_checks=list_series_checks(viewer, standing, today=local_date(now)),
        papers_editable=files.rights.add,
        series_count=sum(len(study.series) for study in files.current_studies)
        + len(files.current_slides),
        discussion=discussion_of(viewer, case_id),
        **marked_parts(viewer, case),
        readings=list_given(viewer, case_id),
        reading_kinds=KINDS,
        discipline_word=discipline_word,
        **standing_parts.context_of(standing, local_date(now)),
    )


def marked_parts(viewer: Viewer, case: Any) -> dict[str, Any]:
    """Key images and lesions of a loaded case, and what the viewer may do with them."""
    return {
        "key_images": list_key_images(viewer, case.id),
        "lesions": lesion_table(viewer, case.id),
        "lengths": list_lengths(viewer, case.id),
        "can_mark": can_mark(viewer, case),
        "printed": MOST_PRINTED,
        "me": viewer.user_id,
    }


def history_of(case: Any) -> list[dict[str, Any]]:
    """Each step on the case's way, the newest first, in words."""
    return [
        {
            "step": step,
            "reason": standing_parts.reason_label(step.reason_list, step.reason_code),
        }
        for step in reversed(case.steps)
    ]


def discussion_of(viewer: Viewer, case_id: int) -> list[dict[str, Any]]:
    """What was said about the case in its conferences, oldest first."""
    names = {one.code: label_of(one) for one in disciplines()}
    return [
        {
            "actor": event.actor,
            "discipline": names.get(event.actor.discipline, ""),
            "at": event.at,
            "text": event.data.get("text", ""),
        }
        for event in case_events(viewer, case_id, {LiveEventKind.MESSAGE})
    ]


def path_times(case: Any) -> dict[str, str]:
    """When each step of the path was last reached."""
    times = {"draft": _short(case.created_at)}
    for step in case.steps:
        if step.to_state in _PATH:
            times[_PATH[step.to_state]] = _short(step.at)
    return times


def _short(moment: Any) -> str:
    return local_time(moment).strftime("%m-%d")


def facts_of_draft(standing: CaseStanding) -> dict[str, Any]:
    """Coded fields of the case in words."""
    draft = standing.draft
    return {
        "laterality": _label(lateralities(), draft.laterality),
        "basis": _label(diagnosis_bases(), draft.diagnosis_basis),
        "case_type": dict(case_types()).get(draft.case_type, ""),
        "comorbidities": _names(comorbidities(), draft.comorbidities),
        "charlson": charlson_index(draft.comorbidities),
        "symptoms": _names(symptoms(), draft.symptoms),
        "intent": _names(intents(), (draft.intent,)),
    }


def _label(terms: Any, code: str) -> str:
    return terms[code].in_language(language()) if code in terms else ""


def _names(terms: Any, codes: Any) -> list[str]:
    return [label_of(term) for term in terms if term.code in codes]


@bp.post("/cases/<int:case_id>/unmask")
@requires(Permission.PATIENT_UNMASK)
def unmask(viewer: Viewer, case_id: int) -> Response:
    identity = cases.unmask_patient(viewer, case_id, now=utc_now())
    born = identity.birth_date.isoformat() if identity.birth_date else ""
    return jsonify(
        ok=True,
        values={
            "name": identity.name,
            "id_number": identity.id_number,
            "phone": identity.phone,
            "birth_date": born,
        },
    )
