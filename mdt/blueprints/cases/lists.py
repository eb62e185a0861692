from typing import Any

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response

from mdt.blueprints.cases.blueprint import bp
from mdt.blueprints.cases.forms import SearchForm, stage_word
from mdt.blueprints.cases.next_steps import holder_words, next_step
from mdt.queries import cases as case_queries
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.case_state import CaseState
from mdt.rules.content import tumour_types
from mdt.services.case_views import find_cases
from mdt.web.guards import requires
from mdt.web.templating import label_of

_FILTERS = frozenset({"", "all", "ended", *CaseState})


@bp.get("/cases")
@requires(Permission.CASE_READ)
def list_cases(viewer: Viewer) -> str:
    state = request.args.get("state", "")
    state = state if state in _FILTERS else ""
    page = request.args.get("page", 1, type=int)
    found = case_queries.list_cases(viewer, state=state, page=page)
    return _show(viewer, found, SearchForm(), state=state)


@bp.route("/cases/search", methods=["GET", "POST"])
@requires(Permission.CASE_READ)
def search(viewer: Viewer) -> str:
    """Search by a form that is posted: what names a patient never stands in an address."""
    form = SearchForm()
    if request.method == "GET":
        empty = case_queries.CasePage((), 0)
        return _show(viewer, empty, SearchForm(formdata=None), state="all", asked=True)
    found = find_cases(viewer, form.text.data or "", now=utc_now())
    return _show(viewer, found, form, state="all", searched=True)


def _show(
    viewer: Viewer,
    found: case_queries.CasePage,
    form: SearchForm,
    *,
    state: str,
    asked: bool = False,
    searched: bool = False,
) -> str:
    rows = [
        {
            "case": line.case,
            "patient": line.patient,
            "next": next_step(viewer, line.case),
            "holder": holder_words(line.case),
            "stage": stage_word(line.case.stage_group),
        }
        for line in found.lines
    ]
    return render_template(
        "cases/list.html",
        rows=rows,
        found=found,
        form=form,
        state=state,
        states=list(CaseState),
        asked=asked,
        searched=searched,
        types={one.code: label_of(one) for one in tumour_types()},
    )


@bp.get("/cases.json")
@requires(Permission.CASE_READ, scope="cases")
def cases_json(viewer: Viewer) -> Response:
    state = request.args.get("state", "all")
    found = case_queries.list_all_cases(viewer, state=state if state in _FILTERS else "all")
    return jsonify([_plain(case) for case in found])


def _plain(case: Any) -> dict[str, Any]:
    """A case for machines: nothing that names the patient."""
    return {
        "id": case.id,
        "number": case.number,
        "state": case.state,
        "hospital": case.hospital.code,
        "hospital_name": case.hospital.name_zh,
        "team": case.team.name_zh if case.team else None,
        "tumour_type": case.tumour_type,
        "icd10": case.icd10,
        "stage_group": case.stage_group,
        "iii_plus": case.iii_plus,
        "urgency": case.urgency,
        "state_since": case.state_since.isoformat(),
        "submitted_at": case.submitted_at.isoformat() if case.submitted_at else None,
        "version": case.version,
    }
