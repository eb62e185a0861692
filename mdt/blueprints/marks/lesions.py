"""Lesions followed over time: pairs of lengths with their change, and the sums."""

from typing import Any

from flask import Response, jsonify, request

from mdt.blueprints.marks.blueprint import bp
from mdt.blueprints.marks.bodies import read_body, read_pair, read_text
from mdt.blueprints.marks.marking import struck_json
from mdt.queries.cases import get_case
from mdt.queries.lesions import LesionFacts, Measurement, lesion_table
from mdt.queries.marks import can_mark
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import lesions
from mdt.web.guards import requires


@bp.get("/cases/<int:case_id>/lesions.json")
@requires(Permission.CASE_READ, scope="cases")
def list_lesions(viewer: Viewer, case_id: int) -> Response:
    case = get_case(viewer, case_id)
    table = lesion_table(viewer, case_id)
    sums = table.sums
    return jsonify(
        lesions=[lesion_json(one) for one in table.lesions],
        sums={
            "count": sums.count,
            "current_mm": sums.current,
            "prior_mm": sums.prior,
            "change_percent": sums.change,
        },
        can={"mark": can_mark(viewer, case)},
    )


@bp.post("/cases/<int:case_id>/lesions")
@requires(Permission.MARK_WRITE)
def add_lesion(viewer: Viewer, case_id: int) -> Response:
    body = read_body(request.get_json(silent=True))
    key, pair = read_text(body, "key"), read_pair(body)
    found = lesions.add_lesion(viewer, case_id, key, pair, now=utc_now())
    return jsonify(ok=True, lesion=lesion_json(found))


@bp.post("/cases/<int:case_id>/lesions/<int:lesion_id>")
@requires(Permission.MARK_WRITE)
def edit_lesion(viewer: Viewer, case_id: int, lesion_id: int) -> Response:
    pair = read_pair(read_body(request.get_json(silent=True) or {}))
    found = lesions.edit_lesion(viewer, case_id, lesion_id, pair, now=utc_now())
    return jsonify(ok=True, lesion=lesion_json(found))


@bp.post("/cases/<int:case_id>/lesions/<int:lesion_id>/strike")
@requires(Permission.MARK_WRITE)
def strike_lesion(viewer: Viewer, case_id: int, lesion_id: int) -> Response:
    reason = read_text(read_body(request.get_json(silent=True) or {}), "reason")
    found = lesions.strike_lesion(viewer, case_id, lesion_id, reason, now=utc_now())
    return jsonify(ok=True, lesion=lesion_json(found))


def lesion_json(found: LesionFacts) -> dict[str, Any]:
    """A lesion as pages and viewers get it."""
    return {
        "id": found.id,
        "name": found.name,
        "current": _measurement_json(found.current),
        "prior": _measurement_json(found.prior) if found.prior else None,
        "change_percent": found.diameters.change,
        "by": found.by.as_json(),
        "at": found.at.isoformat(),
        "struck": struck_json(found.struck),
    }


def _measurement_json(found: Measurement) -> dict[str, Any]:
    return {
        "mark": found.mark.id,
        "length_mm": found.length,
        "study_date": found.on.isoformat() if found.on else None,
    }
