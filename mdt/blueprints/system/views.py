from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from mdt.queries.system import is_ready
from mdt.web.guards import public

bp = Blueprint("system", __name__)


@bp.get("/healthz")
@public
def healthz() -> Response:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    ready = is_ready(demo=current_app.config["MDT"].demo)
    return jsonify(status="ok" if ready else "starting"), 200 if ready else 503
