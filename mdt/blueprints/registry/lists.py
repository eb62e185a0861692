from collections.abc import Mapping
from urllib.parse import urlencode

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response

from mdt.blueprints.registry.blueprint import bp, page_number
from mdt.blueprints.registry.forms import SearchForm
from mdt.queries import register_matches
from mdt.queries import registry as queries
from mdt.queries.coverage_distance import list_distances, strict_now
from mdt.queries.register_detail import show_tumour
from mdt.queries.register_history import list_corrections
from mdt.queries.register_search import may_search
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.coverage import Reach, period_name, quick_periods, read_period
from mdt.rules.coverage.quality import CHECK_LABELS, CHECKS
from mdt.rules.errors import Invalid, NotFound
from mdt.services.audit_log import record_view
from mdt.services.register_people import find_rows, unmask_register_patient
from mdt.web.guards import requires
from mdt.web.messages import fields_for
from mdt.web.templating import language
from mdt.web.words.matches import MATCH_VERDICTS, corrections_in_words, match_reason
from mdt.web.words.registry import (
    BOARD_USES,
    STAGE_USES,
    words_for_templates,
)

_BELOW = {Reach.IN_TIME, Reach.LATE, Reach.OUT_OF_REACH}
_FILTERS = ("from", "to", "stage", "board", "hospital", "check")


def read_filter(arguments: Mapping[str, str]) -> queries.RegisterFilter:
    """What is asked for of the list, or of a file of it."""
    chosen = {name: arguments.get(name, "") for name in _FILTERS}
    if chosen["check"] not in {"", *CHECKS}:
        raise NotFound
    return queries.RegisterFilter(
        read_period(chosen),
        *(chosen[name] for name in ("stage", "board", "hospital", "check")),
    )


@bp.get("/registry")
@requires(Permission.REGISTRY_READ)
def show_registry(viewer: Viewer) -> str | tuple[str, int]:
    today = local_date(viewer.as_of)
    try:
        wanted = read_filter(request.args)
    except Invalid as error:
        return _page(viewer, None, SearchForm(), errors=fields_for(error.fields)), 422
    found = queries.list_register(viewer, wanted, today=today, page=page_number())
    record_view(viewer, AuditAction.REGISTRY_VIEW, wanted, now=utc_now(), rows=len(found.lines))
    return _page(viewer, found, SearchForm())


@bp.route("/registry/search", methods=["GET", "POST"])
@requires(Permission.REGISTRY_READ)
def search_rows(viewer: Viewer) -> str | tuple[str, int]:
    """Search by a form that is posted: what names a patient never stands in an address."""
    if not may_search(viewer):
        raise NotFound
    if request.method == "GET":
        return _page(viewer, None, SearchForm(formdata=None), asked_whom=True)
    form = SearchForm()
    if not form.validate_on_submit():
        return _page(viewer, None, form, asked_whom=True), 422
    found = find_rows(viewer, form.text.data or "", now=utc_now())
    return _page(viewer, found, form, searched=True)


def _page(
    viewer: Viewer, found: queries.RegisterPage | None, form: SearchForm, **shown: object
) -> str:
    """The list with its filter and its search; no rows where none were asked for rightly."""
    chosen = {name: request.args.get(name, "") for name in _FILTERS}
    kept = {name: value for name, value in chosen.items() if value}
    return render_template(
        "registry/list.html",
        found=found,
        form=form,
        searchable=may_search(viewer),
        chosen=chosen,
        filtered=bool(kept),
        checks=CHECK_LABELS,
        url="/registry?" + urlencode(kept),
        asked=urlencode(kept),
        hospitals=queries.visible_hospitals(viewer),
        **{"errors": {}, "searched": False, "asked_whom": False, **shown},
        **words_for_templates(),
    )


@bp.get("/registry/not-discussed")
@requires(Permission.REGISTRY_READ)
def show_not_discussed(viewer: Viewer) -> str:
    hospital = request.args.get("hospital", "")
    today = local_date(viewer.as_of)
    by_plan = request.args.get("sort") == "planned"
    found = queries.list_not_discussed(
        viewer, today=today, page=page_number(), hospital=hospital, by_plan=by_plan
    )
    distances = list_distances(viewer, today=today, hospital=hospital)
    wanted = queries.RegisterFilter(board="no", hospital=hospital)
    kept = {"hospital": hospital} if hospital else {}
    record_view(viewer, AuditAction.REGISTRY_VIEW, wanted, now=utc_now(), rows=len(found.lines))
    return render_template(
        "registry/not_discussed.html",
        found=found,
        distances=distances,
        definition=strict_now(viewer, today=today),
        quarter=period_name(quick_periods(today)["this_quarter"]).in_language(language()),
        hospital=hospital,
        sort="planned" if by_plan else "days",
        unsorted="/registry/not-discussed?" + urlencode(kept),
        url="/registry/not-discussed?" + urlencode(kept | ({"sort": "planned"} if by_plan else {})),
        below_target=sum(one.distance.reach in _BELOW for one in distances),
        hospitals=queries.visible_hospitals(viewer),
        **words_for_templates(),
    )


@bp.get("/registry/<int:tumour_id>")
@requires(Permission.REGISTRY_READ)
def show_row(viewer: Viewer, tumour_id: int) -> str:
    found = show_tumour(viewer, tumour_id, today=local_date(viewer.as_of))
    record_view(viewer, AuditAction.REGISTRY_VIEW, found.tumour, now=utc_now())
    mine = register_matches.keeps(viewer, found.tumour)
    return render_template(
        "registry/tumour.html",
        found=found,
        matches=register_matches.list_matches(viewer, found.tumour) if mine else None,
        match_verdicts=MATCH_VERDICTS,
        match_reason=match_reason,
        history=corrections_in_words(list_corrections(found.tumour, named=found.own)),
        stage_uses=STAGE_USES,
        board_uses=BOARD_USES,
        **words_for_templates(),
    )


@bp.post("/registry/<int:tumour_id>/unmask")
@requires(Permission.PATIENT_UNMASK)
def unmask(viewer: Viewer, tumour_id: int) -> Response:
    if Permission.REGISTRY_READ not in viewer.permissions:
        raise NotFound
    who = unmask_register_patient(viewer, tumour_id, now=utc_now())
    return jsonify(values={"name": who.name, "id_number": who.id_number})
