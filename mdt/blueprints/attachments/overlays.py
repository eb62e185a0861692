"""What is drawn over the pictures of a series."""

from typing import Any

from flask import Response, jsonify, url_for
from flask_babel import gettext

from mdt.blueprints.attachments.blueprint import bp
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services.overlays import Overlay, list_overlays, read_overlays
from mdt.web.guards import requires
from mdt.web.words.overlays import NOT_SHOWN


@bp.get("/cases/<int:case_id>/series/<int:series_id>/overlays.json")
@requires(Permission.CASE_READ, scope="cases")
def list_series_overlays(viewer: Viewer, case_id: int, series_id: int) -> Response:
    found = list_overlays(viewer, case_id, series_id)
    return jsonify(
        overlays=[
            {
                **_brief(one),
                "kind": one.kind,
                "segments": _named(one),
                "url": url_for(
                    "attachments.show_overlay",
                    case_id=case_id,
                    series_id=series_id,
                    derived_id=one.series.id,
                ),
            }
            for one in found
            if one.why_not is None
        ],
        unshown=[
            {**_brief(one), "words": str(NOT_SHOWN[one.why_not])} for one in found if one.why_not
        ],
    )


@bp.get("/cases/<int:case_id>/series/<int:series_id>/overlays/<int:derived_id>.json")
@requires(Permission.CASE_READ, scope="cases")
def show_overlay(viewer: Viewer, case_id: int, series_id: int, derived_id: int) -> Response:
    found = read_overlays(viewer, case_id, series_id, derived_id, now=utc_now())
    return jsonify(
        **_brief(found.overlay),
        kind=found.overlay.kind,
        segments=_named(found.overlay),
        pictures=found.laid.pictures,
        left_out=found.laid.left_out,
        cut=found.cut,
    )


def _brief(one: Overlay) -> dict[str, Any]:
    return {"series": one.series.id, "modality": one.series.modality, "title": one.series.title}


def _named(one: Overlay) -> list[dict[str, Any]]:
    """Segments, each with a name of its own."""
    seen: set[str] = set()
    named = []
    for segment in one.segments:
        label = segment["label"] or (
            one.series.title if one.kind == "state" else gettext("轮廓 %(n)s", n=segment["number"])
        )
        if label in seen:
            label = f"{label} ({segment['number']})"
        seen.add(label)
        named.append({**segment, "label": label})
    return named
