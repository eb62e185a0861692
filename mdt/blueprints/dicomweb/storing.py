import json
from collections.abc import Iterator

from flask import Response, abort, request

from mdt.blueprints.dicomweb.blueprint import accepted, bp, root_of
from mdt.queries.dicomweb import Place
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.media_types import DICOM, MULTIPART, Malformed, choose_json
from mdt.services.dicomweb_store import store_objects
from mdt.web.guards import requires
from mdt.web.multipart_related import read_parts


@bp.post("/studies")
@bp.post("/studies/<study>")
@requires(Permission.CASE_EDIT, scope="dicomweb")
def store(viewer: Viewer, case_id: int, study: str = "") -> Response:
    media_type = choose_json(accepted())
    place, root = Place(case_id, study), root_of(case_id)
    stored = store_objects(viewer, place, _parts(), root, now=utc_now())
    return Response(json.dumps(stored.answer), status=stored.status, content_type=media_type)


def _parts() -> Iterator[bytes]:
    """The parts of the message; nothing of it is read before it is known who sends it."""
    yield from read_parts(request.stream, _boundary())


def _boundary() -> str:
    wanted = request.mimetype_params.get("type", DICOM).lower()
    if request.mimetype != MULTIPART or wanted != DICOM:
        abort(415)
    boundary = request.mimetype_params.get("boundary", "")
    if not boundary or len(boundary) > 200:
        raise Malformed("dicomweb_body")
    return boundary
