"""Marks: made in the viewer, kept with the case."""

from typing import Any

from flask import Response, jsonify, request

from mdt.blueprints.marks.blueprint import bp
from mdt.blueprints.marks.bodies import read_body, read_mark, read_text
from mdt.queries.cases import get_case
from mdt.queries.marks import MarkFacts, Picture, Struck, can_mark, list_marks
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import marks
from mdt.web.guards import requires


@bp.get("/cases/<int:case_id>/marks.json")
@requires(Permission.CASE_READ, scope="cases")
def list_all(viewer: Viewer, case_id: int) -> Response:
    case = get_case(viewer, case_id)
    found = [mark_json(one) for one in list_marks(viewer, case_id)]
    return jsonify(marks=found, can={"mark": can_mark(viewer, case)})


@bp.post("/cases/<int:case_id>/marks")
@requires(Permission.MARK_WRITE)
def add(viewer: Viewer, case_id: int) -> Response:
    wish = read_mark(request.get_json(silent=True))
    mark = marks.add_mark(viewer, case_id, wish, now=utc_now())
    return jsonify(ok=True, mark=mark_json(mark))


@bp.post("/cases/<int:case_id>/marks/<int:mark_id>/strike")
@requires(Permission.MARK_WRITE)
def strike(viewer: Viewer, case_id: int, mark_id: int) -> Response:
    reason = read_text(read_body(request.get_json(silent=True) or {}), "reason")
    mark = marks.strike_mark(viewer, case_id, mark_id, reason, now=utc_now())
    return jsonify(ok=True, mark=mark_json(mark))


def mark_json(mark: MarkFacts) -> dict[str, Any]:
    """A mark as viewers get it."""
    return {
        "id": mark.id,
        **picture_json(mark.picture),
        "kind": mark.kind,
        "points": mark.points,
        "text": mark.text,
        "value": mark.value,
        "by": mark.by.as_json(),
        "at": mark.at.isoformat(),
        "struck": struck_json(mark.struck),
    }


def picture_json(picture: Picture) -> dict[str, Any]:
    """What a mark or key image is on."""
    return {
        "series": picture.series_id,
        "slide": picture.slide_id,
        "image": picture.image,
        "frame": picture.frame,
        "index": picture.index,
    }


def struck_json(struck: Struck | None) -> dict[str, Any] | None:
    """Who struck it out, when and why; nothing where it stands."""
    if struck is None:
        return None
    return {"by": struck.by.as_json(), "at": struck.at.isoformat(), "reason": struck.reason}
