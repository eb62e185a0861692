from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, jsonify, make_response, render_template, request, url_for

from mdt.adapters import devices
from mdt.blueprints.attachments.blueprint import bp
from mdt.blueprints.attachments.pictures import frame_urls, thumbnail_url
from mdt.queries.attachments import SeriesFacts, list_series, orientation_marks
from mdt.queries.cases import get_case, patient_facts
from mdt.queries.dicomweb import find_series
from mdt.queries.key_images import key_places
from mdt.queries.slides import SlideLine, list_slides
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.drawing import Drawing, read_size
from mdt.rules.errors import Invalid, NotFound
from mdt.rules.image_windows import window_presets
from mdt.services.attachment_changes import list_original_objects
from mdt.services.imaging import draw_image, open_series
from mdt.services.slides import open_slide
from mdt.web import downloads
from mdt.web.guards import AHEAD_HEADER, requires
from mdt.web.own_addresses import is_own
from mdt.web.security_headers import with_decoders
from mdt.web.words.attachments import WINDOWS

#: Far beyond any scale of stored values.
_FARTHEST = 1e6


@bp.get("/cases/<int:case_id>/series.json")
@requires(Permission.CASE_READ, scope="cases")
def list_case_series(viewer: Viewer, case_id: int) -> Response:
    get_case(viewer, case_id)
    return jsonify([_brief(one) for one in list_series(viewer, case_id)])


@bp.get("/cases/<int:case_id>/series/<int:series_id>.json")
@requires(Permission.CASE_READ, scope="cases")
def show_series(viewer: Viewer, case_id: int, series_id: int) -> Response:
    series = open_series(viewer, case_id, series_id, now=utc_now())
    return jsonify({**_brief(series), **pages_of(viewer, series)})


@bp.get("/cases/<int:case_id>/series/<int:series_id>/images/<int:number>.jpg")
@requires(Permission.CASE_READ, scope="cases")
def show_image(viewer: Viewer, case_id: int, series_id: int, number: int) -> Response:
    picture, these = draw_image(
        viewer,
        case_id,
        series_id,
        number,
        picture_wish(),
        now=utc_now(),
        ahead=AHEAD_HEADER in request.headers,
    )
    return downloads.picture(
        picture,
        f"{series_id}-{number}",
        lasting=request.args.get("v") == these,
        own=is_own(request.args.get("by")),
    )


@bp.get("/cases/<int:case_id>/series/<int:series_id>/original")
@requires(Permission.CASE_READ)
def download_series(viewer: Viewer, case_id: int, series_id: int) -> Response:
    objects, number = list_original_objects(viewer, case_id, series_id, now=utc_now())
    keys = {f"{place:05d}.dcm": key for place, (key, _) in enumerate(objects, start=1)}
    storage = devices.storage()
    return downloads.archive(f"{number}-{series_id}", keys, lambda name: storage.read(keys[name]))


@bp.get("/cases/<int:case_id>/viewer")
@requires(Permission.CASE_READ)
def show_viewer(viewer: Viewer, case_id: int) -> Response:
    case = get_case(viewer, case_id)
    everything = list_series(viewer, case_id)
    slides = [one for one in list_slides(viewer, case_id) if one.shown and not one.struck_at]
    chosen = request.args.get("series", type=int)
    slide = _chosen_slide(viewer, case_id, bool(everything), slides)
    series = None if slide else _chosen(viewer, case_id, everything, chosen)
    page = render_template(
        "attachments/viewer.html",
        case=case,
        patient=patient_facts(viewer, case),
        everything=everything,
        slides=slides,
        series=series,
        slide=slide,
        first={**_brief(series), **pages_of(viewer, series)} if series else None,
    )
    return with_decoders(make_response(page))


def _chosen_slide(
    viewer: Viewer, case_id: int, has_series: bool, slides: Sequence[SlideLine]
) -> SlideLine | None:
    """The slide that is asked for, or the first where there is nothing else to look at."""
    chosen = request.args.get("slide", type=int)
    if chosen is None and ("series" in request.args or has_series or not slides):
        return None
    slide = open_slide(viewer, case_id, chosen or slides[0].id, now=utc_now())
    if not slide.shown:
        raise NotFound
    return slide


def _chosen(
    viewer: Viewer, case_id: int, everything: tuple[SeriesFacts, ...], chosen: int | None
) -> SeriesFacts | None:
    if chosen is None and not everything:
        return None
    number = chosen if chosen is not None else everything[0].id
    series = open_series(viewer, case_id, number, now=utc_now())
    if not series.image_count:
        raise NotFound
    return series


def pages_of(viewer: Viewer, series: SeriesFacts) -> dict[str, Any]:
    """What the browser pages through: addresses, windows, letters at the edges.

    ``dicom`` is where DICOMweb has the series, none where only drawn pictures are to be had;
    ``keys`` are places (0-based) of key images, which come first over a thin line.
    """
    marks = orientation_marks(viewer, series)
    dicom = _dicom_url(viewer, series)
    overlays = url_for(
        "attachments.list_series_overlays", case_id=series.case_id, series_id=series.id
    )
    return {
        "dicom": dicom,
        "overlays": overlays if dicom else None,
        "frames": frame_urls(series),
        "keys": key_places(viewer, series.case_id, series.id),
        "presets": presets_of(series),
        "marks": {**asdict(marks.letters), "without": marks.without} if marks else None,
    }


def _dicom_url(viewer: Viewer, series: SeriesFacts) -> str | None:
    place = find_series(viewer, series.case_id, series.id)
    if place is None:
        return None
    return url_for(
        "dicomweb.show_metadata", case_id=place.case_id, study=place.study, series=place.series
    ).removesuffix("/metadata")


def presets_of(series: SeriesFacts) -> list[dict[str, Any]]:
    """Windows to choose from, with their names."""
    return [
        {"label": str(WINDOWS[one.code]), "center": one.center, "width": one.width}
        for one in window_presets(series.modality, series.body_part)
    ]


def _brief(series: SeriesFacts) -> dict[str, Any]:
    return {
        "id": series.id,
        "title": series.title,
        "modality": series.modality,
        "body_part": series.body_part,
        "description": series.description,
        "contrast": series.contrast,
        "number": series.number,
        "study_date": series.study_date.isoformat() if series.study_date else None,
        "study_description": series.study_description,
        "images": series.image_count,
        "thumbnail": thumbnail_url(series),
        "withheld": series.withheld,
        "facts": series.facts,
    }


def picture_wish() -> Drawing:
    """How the address asks for a picture to be drawn; raises `Invalid`."""
    center, width, size = (request.args.get(name) for name in ("center", "width", "size"))
    wish = Drawing(_number(center), _number(width), size=read_size(size))
    if (wish.center is None) != (wish.width is None) or (wish.width is not None and wish.width < 1):
        raise Invalid({"width": "window_unreadable"})
    return wish


def _number(text: str | None) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise Invalid({"center": "window_unreadable"}) from error
    if not abs(number) < _FARTHEST:  # not a number is not smaller either
        raise Invalid({"center": "window_unreadable"})
    return number
