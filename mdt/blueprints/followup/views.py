from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.followup.forms import AdoptForm, FollowUpForm, StepForm
from mdt.queries.cases import patient_facts
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.content import disciplines, modalities, reasons
from mdt.rules.content.reasons import ReasonList
from mdt.rules.followup import LIABILITY
from mdt.rules.followup_terms import DECISIONS, EXECUTIONS, RESPONSES, STEP_RESULTS, VITALS
from mdt.rules.plan import OUTCOMES
from mdt.services import followup
from mdt.web.guards import requires
from mdt.web.submit import answer
from mdt.web.templating import language, name_of
from mdt.web.words.codes import stage_word

bp = Blueprint("followup", __name__)

_LISTS = {
    "decisions": DECISIONS,
    "executions": EXECUTIONS,
    "responses": RESPONSES,
    "results": STEP_RESULTS,
    "vitals": VITALS,
    "outcomes": OUTCOMES,
    "modalities": modalities(),
    "disciplines": disciplines(),
    "adoptions": reasons(ReasonList.ADOPTION),
    "reasons": reasons(ReasonList.NONIMPLEMENTATION),
}


@bp.get("/cases/<int:case_id>/follow-up")
@requires(Permission.PLAN_READ)
def show_follow_up(viewer: Viewer, case_id: int) -> str:
    return _page(viewer, followup.open_follow_up(viewer, case_id, now=utc_now()))


def _page(viewer: Viewer, sheet: followup.FollowUpSheet, **forms: Any) -> str:
    steps = [StepForm(step) for step in sheet.draft.steps]
    given = {
        "adopt_form": AdoptForm(),
        "report_form": FollowUpForm(on=local_date(viewer.as_of), response="not_assessed"),
        "step_forms": steps,
    }
    return render_template(
        "followup/follow_up.html",
        sheet=sheet,
        case=sheet.case,
        patient=patient_facts(viewer, sheet.case),
        base=f"/cases/{sheet.case.id}/follow-up",
        liability=LIABILITY[language()],
        lists=_LISTS,
        name_of=name_of,
        stage_word=stage_word,
        **{**given, **forms},
    )


def _again(viewer: Viewer, case_id: int, **forms: Any) -> tuple[str, int]:
    return _page(viewer, followup.read_follow_up(viewer, case_id), **forms), 422


@bp.post("/cases/<int:case_id>/follow-up/adopt")
@requires(Permission.PLAN_ADOPT)
def adopt(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    form = AdoptForm()
    return answer(
        form,
        lambda: followup.adopt_plan(
            viewer, case_id, form.revision_id, form.adoption, now=utc_now()
        ),
        said=gettext("已记录对意见书的决定。"),
        back=lambda: _back(case_id),
        again=lambda: _again(viewer, case_id, adopt_form=form),
    )


@bp.post("/cases/<int:case_id>/follow-up")
@requires(Permission.FOLLOWUP_WRITE)
def report(viewer: Viewer, case_id: int) -> Response | tuple[str, int]:
    steps = [StepForm(s) for s in followup.read_follow_up(viewer, case_id).draft.steps]
    form = FollowUpForm(steps)
    return answer(
        form,
        lambda: followup.report_follow_up(viewer, case_id, form.record(), now=utc_now()),
        said=gettext("随访已保存。"),
        back=lambda: _back(case_id),
        again=lambda: _again(viewer, case_id, report_form=form, step_forms=steps),
    )


@bp.post("/cases/<int:case_id>/close")
@requires(Permission.FOLLOWUP_WRITE)
def close(viewer: Viewer, case_id: int) -> Response:
    followup.close_case(viewer, case_id, now=utc_now())
    flash(gettext("病例已结案。"), "success")
    return _back(case_id)


def _back(case_id: int) -> Response:
    return redirect(url_for("followup.show_follow_up", case_id=case_id))
