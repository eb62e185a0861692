from typing import Any

from flask import jsonify, request, url_for
from werkzeug.wrappers import Response

from mdt.blueprints.conferences.blueprint import bp
from mdt.queries.preparations import CasePictures, find_own, list_to_prepare
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Invalid
from mdt.rules.preparation import SeriesPictures
from mdt.services.preparations import note_prepared
from mdt.web.guards import requires
from mdt.web.own_addresses import own_code

_MOST = 2**31


@bp.get("/conferences/<int:conference_id>/preparation.json")
@requires(Permission.CONFERENCE_JOIN)
def show_preparation(viewer: Viewer, conference_id: int) -> Response:
    cases = list_to_prepare(viewer, conference_id)
    said = find_own(viewer, [one.case_id for one in cases])
    return jsonify([_plain(one, said.get(one.case_id)) for one in cases])


def _plain(case: CasePictures, said: Any) -> dict[str, Any]:
    current = said is not None and said.pictures == case.pictures
    return {
        "case": case.case_id,
        "number": case.number,
        "position": case.position,
        "pictures": case.pictures,
        "total": case.total,
        "ready": said.ready if current else 0,
        "series": [
            {"id": one.id, "count": one.count, "address": _address(case.case_id, one)}
            for one in case.series
        ],
    }


def _address(case_id: int, series: SeriesPictures) -> str:
    """Where its pictures are, with ``{n}`` for the number from 1: as viewer and room ask."""
    first = url_for(
        "attachments.show_image",
        case_id=case_id,
        series_id=series.id,
        number=0,
        v=series.pictures,
        by=own_code(),
    )
    return first.replace("/images/0.jpg", "/images/{n}.jpg")


@bp.post("/conferences/<int:conference_id>/preparation")
@requires(Permission.CONFERENCE_JOIN)
def note_preparation(viewer: Viewer, conference_id: int) -> Response:
    case_id, pictures, ready = _read(request.get_json(silent=True))
    note_prepared(viewer, conference_id, case_id, pictures, ready, now=utc_now())
    return jsonify(ok=True)


def _read(body: Any) -> tuple[int, str, int]:
    sent = body if isinstance(body, dict) else {}
    wrong = {name: "text_expected" for name in ("case", "ready") if not _number(sent.get(name))}
    if not isinstance(sent.get("pictures"), str):
        wrong["pictures"] = "text_expected"
    if wrong:
        raise Invalid(wrong)
    return sent["case"], sent["pictures"], sent["ready"]


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST
