"""Key images: chosen in the viewer, ordered and captioned on the case's page."""

from typing import Any

from flask import Response, jsonify, request, url_for

from mdt.blueprints.marks.blueprint import bp
from mdt.blueprints.marks.bodies import (
    read_body,
    read_key_image,
    read_numbers,
    read_text,
)
from mdt.blueprints.marks.marking import picture_json, struck_json
from mdt.queries.cases import get_case
from mdt.queries.key_images import KeyImageFacts, list_key_images
from mdt.queries.marks import can_mark
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.drawing import PICTURE_SIZES, read_size
from mdt.rules.viewer_state import MOST_PRINTED
from mdt.services import key_images
from mdt.web import downloads
from mdt.web.guards import requires


@bp.get("/cases/<int:case_id>/key-images.json")
@requires(Permission.CASE_READ, scope="cases")
def list_key(viewer: Viewer, case_id: int) -> Response:
    case = get_case(viewer, case_id)
    found = [key_image_json(one) for one in list_key_images(viewer, case_id)]
    return jsonify(key_images=found, can={"mark": can_mark(viewer, case)}, printed=MOST_PRINTED)


@bp.post("/cases/<int:case_id>/key-images")
@requires(Permission.MARK_WRITE)
def add_key(viewer: Viewer, case_id: int) -> Response:
    wish = read_key_image(request.get_json(silent=True))
    found = key_images.add_key_image(viewer, case_id, wish, now=utc_now())
    return jsonify(ok=True, key_image=key_image_json(found))


@bp.post("/cases/<int:case_id>/key-images/<int:key_image_id>")
@requires(Permission.MARK_WRITE)
def caption_key(viewer: Viewer, case_id: int, key_image_id: int) -> Response:
    caption = read_body(request.get_json(silent=True) or {}).get("caption")
    found = key_images.caption_key_image(viewer, case_id, key_image_id, caption, now=utc_now())
    return jsonify(ok=True, key_image=key_image_json(found))


@bp.post("/cases/<int:case_id>/key-images/order")
@requires(Permission.MARK_WRITE)
def order_key(viewer: Viewer, case_id: int) -> Response:
    order = read_numbers(read_body(request.get_json(silent=True)), "order")
    found = key_images.order_key_images(viewer, case_id, order, now=utc_now())
    return jsonify(ok=True, key_images=[key_image_json(one) for one in found])


@bp.post("/cases/<int:case_id>/key-images/<int:key_image_id>/strike")
@requires(Permission.MARK_WRITE)
def strike_key(viewer: Viewer, case_id: int, key_image_id: int) -> Response:
    reason = read_text(read_body(request.get_json(silent=True) or {}), "reason")
    found = key_images.strike_key_image(viewer, case_id, key_image_id, reason, now=utc_now())
    return jsonify(ok=True, key_image=key_image_json(found))


@bp.get("/cases/<int:case_id>/key-images/<int:key_image_id>.jpg")
@requires(Permission.CASE_READ, scope="cases")
def show_key(viewer: Viewer, case_id: int, key_image_id: int) -> Response:
    size = read_size(request.args.get("size"))
    picture, these = key_images.draw_key_image(viewer, case_id, key_image_id, size, now=utc_now())
    lasting = request.args.get("v") == these
    return downloads.picture(picture, f"{case_id}-{key_image_id}", lasting=lasting)


@bp.app_template_global()
def key_image_url(found: KeyImageFacts, size: int | None = None) -> str:
    """Where a key image is drawn."""
    return url_for(
        "marks.show_key", case_id=found.case_id, key_image_id=found.id, size=size, v=found.version
    )


def key_image_json(found: KeyImageFacts) -> dict[str, Any]:
    """A key image as pages and viewers get it; ``state`` is how the viewer stood on it."""
    picture = picture_json(found.picture)
    return {
        "id": found.id,
        **picture,
        "state": {**picture, **found.state},
        "caption": found.caption,
        "modality": found.modality,
        "study_date": found.study_date.isoformat() if found.study_date else None,
        "picture": key_image_url(found),
        "thumbnail": key_image_url(found, PICTURE_SIZES[1]),
        "by": found.by.as_json(),
        "at": found.at.isoformat(),
        "struck": struck_json(found.struck),
    }
