from collections.abc import Mapping
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.cases import standing_parts
from mdt.blueprints.cases.blueprint import bp
from mdt.blueprints.cases.forms import (
    FACTOR,
    form_of,
    read_changes,
    read_marks,
)
from mdt.blueprints.cases.start_forms import StartForm, TumourStartForm
from mdt.queries.addressing import list_teams_to_ask
from mdt.queries.case_standing import CaseStanding, standing_of
from mdt.queries.cases import list_other_cases
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.codes import icd10_names
from mdt.rules.content import tumour_type
from mdt.rules.icd10 import nearest_icd10
from mdt.services import case_starts, cases
from mdt.services.case_views import open_case
from mdt.web.guards import requires
from mdt.web.messages import fields_for
from mdt.web.submit import accepted
from mdt.web.templating import language

#: A change of one of these may bring other tables, categories or groups to choose from.
_TABLE_FIELDS = frozenset(
    {
        "tumour_type",
        "icd10",
        "morphology",
        "stage_basis",
        "stage_text",
        "staging_table",
        "diagnosis_date",
    }
)


@bp.route("/cases/new", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def new_case(viewer: Viewer) -> str | Response | tuple[str, int]:
    teams = list_teams_to_ask(case_starts.own_hospital(viewer), local_date(viewer.as_of))
    tumour_id = request.args.get("tumour", type=int)
    if tumour_id is not None:
        return _new_from_tumour(viewer, tumour_id, teams)
    form = StartForm(teams)
    started = accepted(form, lambda: case_starts.start_case(viewer, _new(form), now=utc_now()))
    if started:
        if case_starts.name_on_file_differs(started, form.name.data or ""):
            flash(gettext("该证件号码在本院已登记为另一姓名，已沿用原登记，请核对。"), "warning")
        # Begun with a study that the PACS sent: it is taken from the list beside the case.
        onward = "inbox.show_inbox" if request.args.get("from") == "inbox" else "cases.edit"
        return redirect(url_for(onward, case_id=started.id))
    page = render_template("cases/new.html", form=form, teams=teams)
    return page, 422 if form.errors else 200


def _new(form: StartForm) -> case_starts.NewCase:
    team_id, code = form.asked
    return case_starts.NewCase(
        team_id=team_id,
        tumour_type=code,
        name=form.name.data or "",
        id_number=form.id_number.data or "",
        id_type=form.id_type.data or "01",
        sex=form.sex.data or "0",
        birth_date=form.birth_date.data,
    )


def _new_from_tumour(
    viewer: Viewer, tumour_id: int, teams: Any
) -> str | Response | tuple[str, int]:
    form = TumourStartForm(teams)
    started = accepted(
        form,
        lambda: case_starts.start_case_from_tumour(
            viewer, tumour_id, team_id=form.team_id.data, now=utc_now()
        ),
    )
    if started:
        return redirect(url_for("cases.edit", case_id=started.id))
    case_starts.get_own_tumour(viewer, tumour_id)
    page = render_template("cases/new_from_tumour.html", form=form, teams=teams)
    return page, 422 if form.errors else 200


@bp.get("/cases/<int:case_id>/edit")
@requires(Permission.CASE_EDIT)
def edit(viewer: Viewer, case_id: int) -> str:
    case = open_case(viewer, case_id, page="edit", now=utc_now(), permission=Permission.CASE_EDIT)
    today = local_date(viewer.as_of)
    standing = standing_of(case, today=today)
    return render_template(
        "cases/edit.html",
        form=form_of(standing, list_teams_to_ask(case.hospital_id, today)),
        others=list_other_cases(viewer, case),
        returned_reason=_returned_reason(case),
        papers_editable=True,
        questions=tumour_type(case.tumour_type).questions if case.tumour_type else (),
        **standing_parts.context_of(standing, today),
    )


def _returned_reason(case: Any) -> str:
    last = next((step for step in reversed(case.steps) if step.to_state == "returned"), None)
    return standing_parts.reason_label(last.reason_list, last.reason_code) if last else ""


@bp.post("/cases/<int:case_id>/autosave")
@requires(Permission.CASE_EDIT)
def autosave(viewer: Viewer, case_id: int) -> Response:
    changes, errors, version, ignored = read_changes(request.get_json(silent=True))
    saved = cases.save_case(
        viewer, case_id, changes, version=version, now=utc_now(), ignored=ignored
    )
    today = local_date(viewer.as_of)
    standing = standing_of(saved.case, today=today)
    redrawn = bool((_TABLE_FIELDS & set(changes)) or (_TABLE_FIELDS & set(saved.fields)))
    return jsonify(
        ok=True,
        version=saved.case.version,
        saved_at=saved.case.updated_at.isoformat(),
        errors={**errors, **_sentences(saved.errors, changes)},
        fields=_flat(saved.fields),
        **_derived(standing, viewer, redrawn=redrawn),
    )


def _sentences(errors: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, str]:
    """What was refused, in words; of an unknown site the names that come near it."""
    said = fields_for(dict(errors))
    if errors.get("icd10") == "icd10_name_unknown":
        said["icd10"] += _nearest(str(changes.get("icd10", "")))
    return said


def _nearest(text: str) -> str:
    names = icd10_names()
    near = [f"{code} {names[code].in_language(language())}" for code in nearest_icd10(text)]
    return gettext("相近的有：%(names)s。", names=gettext("；").join(near)) if near else ""


def _flat(fields: Any) -> dict[str, Any]:
    """Values as the form has them: factors stand beside the other fields."""
    flat = {name: value for name, value in fields.items() if name != "stage_factors"}
    factors = fields.get("stage_factors", {})
    return flat | {f"{FACTOR}{name}": value for name, value in factors.items()}


def _derived(standing: CaseStanding, viewer: Viewer, *, redrawn: bool) -> dict[str, Any]:
    """What follows from the case as it stands now, as data and as parts of the page."""
    today = local_date(viewer.as_of)
    context = standing_parts.context_of(standing, today)
    form = None
    if redrawn:
        form = form_of(standing, list_teams_to_ask(standing.case.hospital_id, today))
    return {
        "derived": standing_parts.facts_of(standing, today),
        "deviates": standing.stage.deviates,
        "warnings": standing_parts.field_warnings(standing),
        "sections": {one.code: one.status for one in standing.sections},
        "blocks": [
            {"code": one.code, "field": one.field, "section": one.section}
            for one in standing.blocks
        ],
        "html": standing_parts.render_parts(context, form),
    }


@bp.post("/cases/<int:case_id>/checklist-marks")
@requires(Permission.CASE_EDIT)
def mark(viewer: Viewer, case_id: int) -> Response:
    marks = read_marks(request.get_json(silent=True))
    case = cases.mark_items(viewer, case_id, marks, now=utc_now())
    today = local_date(viewer.as_of)
    standing = standing_of(case, today=today)
    context = standing_parts.context_of(standing, today)
    return jsonify(
        ok=True,
        saved_at=case.updated_at.isoformat(),
        errors={},
        html=standing_parts.render_lights(context),
    )
