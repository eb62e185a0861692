from flask import Blueprint, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from mdt.blueprints.live.facts import code_lists, deferral_reasons
from mdt.queries.live import get_seat
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services.live_room import open_snapshot, read_events
from mdt.web.guards import requires
from mdt.web.security_headers import with_decoders

bp = Blueprint("live", __name__)


@bp.get("/conferences/<int:conference_id>/live")
@requires(Permission.CONFERENCE_JOIN)
def show_room(viewer: Viewer, conference_id: int) -> Response:
    seat = get_seat(viewer, conference_id)
    page = render_template(
        "live/room.html",
        conference_id=conference_id,
        seat=seat,
        lists=code_lists(),
        reasons=deferral_reasons(),
    )
    return with_decoders(make_response(page))


@bp.get("/conferences/<int:conference_id>/events.json")
@requires(Permission.CONFERENCE_JOIN, scope="cases")
def list_events(viewer: Viewer, conference_id: int) -> Response:
    since = request.args.get("since", 0, type=int)
    return jsonify(read_events(viewer, conference_id, max(since, 0)))


@bp.get("/conferences/<int:conference_id>/room.json")
@requires(Permission.CONFERENCE_JOIN)
def show_snapshot(viewer: Viewer, conference_id: int) -> Response:
    return jsonify(open_snapshot(viewer, conference_id, now=utc_now()))
