"""Blacking out: drawn on a picture, looked at, confirmed by name, and taken back."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from mdt.blueprints.attachments.blueprint import bp
from mdt.blueprints.attachments.forms import BlackOutForm, SeriesBlackOutForm
from mdt.blueprints.attachments.images import picture_wish
from mdt.blueprints.attachments.pictures import picture_url
from mdt.queries.attachments import ImagePlace, SeriesFacts
from mdt.queries.case_files import document_line
from mdt.queries.cases import get_case, patient_facts
from mdt.rules.access import Permission, Viewer
from mdt.rules.black_out import read_boxes, read_extent
from mdt.rules.calendar import utc_now
from mdt.rules.drawing import PICTURE_SIZES
from mdt.services import black_out, black_out_documents
from mdt.services.imaging import open_series
from mdt.web import downloads
from mdt.web.guards import requires
from mdt.web.submit import accepted

_SIZE = PICTURE_SIZES[-1]
_CONFIRM, _PREVIEW = "confirm", "preview"
_Page = str | BaseResponse | tuple[str, int]


@bp.route("/cases/<int:case_id>/series/<int:series_id>/black-out", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def black_out_series(viewer: Viewer, case_id: int, series_id: int) -> _Page:
    number = request.values.get("number", 1, type=int)
    place = black_out.place_to_black_out(viewer, case_id, series_id, number)
    form = SeriesBlackOutForm().offer(*black_out.reach_of(place))
    if form.step.data == _CONFIRM:
        images = accepted(form, lambda: _black_out(viewer, case_id, series_id, form))
        if images:
            flash(gettext("已遮挡 %(n)s 幅图像，记录在您名下。", n=images), "success")
            return _to_release(case_id, series_id)
    series = open_series(viewer, case_id, series_id, now=utc_now())
    if form.step.data == _PREVIEW:
        numbers = accepted(form, lambda: _affected(viewer, case_id, series_id, form))
        if numbers:
            frames = [_preview_url(case_id, series_id, one, form) for one in numbers]
            return _page("black_out_preview", viewer, case_id, form, series=series, frames=frames)
    return _editor(viewer, form, place, series)


def _black_out(viewer: Viewer, case_id: int, series_id: int, form: SeriesBlackOutForm) -> int:
    return black_out.black_out_series(viewer, case_id, series_id, _wish(form), now=utc_now())


def _affected(viewer: Viewer, case_id: int, series_id: int, form: SeriesBlackOutForm) -> Any:
    return black_out.list_black_pictures(viewer, case_id, series_id, _wish(form))


def _wish(form: SeriesBlackOutForm) -> black_out.Wish:
    boxes = read_boxes(form.regions.data or "")
    return black_out.Wish(form.number.data or 1, read_extent(form.extent.data or ""), boxes)


def _preview_url(case_id: int, series_id: int, number: int, form: SeriesBlackOutForm) -> str:
    return url_for(
        "attachments.show_black_picture",
        case_id=case_id,
        series_id=series_id,
        number=number,
        size=_SIZE,
        regions=form.regions.data,
    )


def _editor(
    viewer: Viewer, form: SeriesBlackOutForm, place: ImagePlace, series: SeriesFacts
) -> str | tuple[str, int]:
    number = place.number
    return _page(
        "black_out",
        viewer,
        series.case_id,
        form,
        series=series,
        number=number,
        picture=picture_url(series, number, _SIZE),
        width=place.columns,
        height=place.rows,
    )


def _page(
    name: str, viewer: Viewer, case_id: int, form: BlackOutForm, **parts: Any
) -> str | tuple[str, int]:
    case = get_case(viewer, case_id)
    page = render_template(
        f"attachments/{name}.html",
        case=case,
        patient=patient_facts(viewer, case),
        form=form,
        **{"series": None, "document": None, "number": None, **parts},
    )
    return (page, 422) if form.errors else page


def _to_release(case_id: int, series_id: int) -> BaseResponse:
    url = url_for("attachments.release_series", case_id=case_id, series_id=series_id)
    return redirect(url)


@bp.get("/cases/<int:case_id>/series/<int:series_id>/black-out/<int:number>.jpg")
@requires(Permission.CASE_EDIT)
def show_black_picture(viewer: Viewer, case_id: int, series_id: int, number: int) -> Response:
    regions = request.args.get("regions", "")
    picture = black_out.draw_black_picture(
        viewer, case_id, series_id, number, regions, picture_wish()
    )
    return downloads.picture(picture, f"{series_id}-{number}", lasting=False)


@bp.post("/cases/<int:case_id>/series/<int:series_id>/show-again")
@requires(Permission.CASE_EDIT)
def show_series_again(viewer: Viewer, case_id: int, series_id: int) -> BaseResponse:
    black_out.show_series_again(viewer, case_id, series_id, now=utc_now())
    flash(gettext("已撤销遮挡，该序列重新等待放行。"), "success")
    return _to_release(case_id, series_id)


@bp.route("/cases/<int:case_id>/attachments/<int:attachment_id>/black-out", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def black_out_document(viewer: Viewer, case_id: int, attachment_id: int) -> _Page:
    form = BlackOutForm()
    if form.step.data == _CONFIRM and accepted(
        form, lambda: _black_out_document(viewer, case_id, attachment_id, form)
    ):
        flash(gettext("已遮挡，记录在您名下。"), "success")
        return _to_release_document(case_id, attachment_id)
    row = black_out_documents.picture_to_black_out(viewer, case_id, attachment_id)
    document = document_line(viewer, get_case(viewer, case_id), row)
    if form.step.data == _PREVIEW and accepted(form, lambda: _drawn(viewer, row, form)):
        frames = [
            url_for(
                "attachments.show_black_document",
                case_id=case_id,
                attachment_id=attachment_id,
                regions=form.regions.data,
            )
        ]
        return _page("black_out_preview", viewer, case_id, form, document=document, frames=frames)
    picture = url_for("attachments.show_copy", case_id=case_id, attachment_id=attachment_id)
    return _page("black_out", viewer, case_id, form, document=document, picture=picture, width=None)


def _black_out_document(
    viewer: Viewer, case_id: int, attachment_id: int, form: BlackOutForm
) -> None:
    regions = form.regions.data or ""
    black_out_documents.black_out_document(viewer, case_id, attachment_id, regions, now=utc_now())


def _drawn(viewer: Viewer, row: Any, form: BlackOutForm) -> Any:
    regions = form.regions.data or ""
    return black_out_documents.draw_black_document(viewer, row.case_id, row.id, regions)


@bp.get("/cases/<int:case_id>/attachments/<int:attachment_id>/black-out/picture")
@requires(Permission.CASE_EDIT)
def show_black_document(viewer: Viewer, case_id: int, attachment_id: int) -> Response:
    regions = request.args.get("regions", "")
    data, media_type = black_out_documents.draw_black_document(
        viewer, case_id, attachment_id, regions
    )
    return downloads.inline(data, media_type, f"{case_id}-{attachment_id}")


@bp.post("/cases/<int:case_id>/attachments/<int:attachment_id>/show-again")
@requires(Permission.CASE_EDIT)
def show_document_again(viewer: Viewer, case_id: int, attachment_id: int) -> BaseResponse:
    black_out_documents.show_document_again(viewer, case_id, attachment_id, now=utc_now())
    flash(gettext("已撤销遮挡，这份资料重新等待放行。"), "success")
    return _to_release_document(case_id, attachment_id)


def _to_release_document(case_id: int, attachment_id: int) -> BaseResponse:
    url = url_for("attachments.release_document", case_id=case_id, attachment_id=attachment_id)
    return redirect(url)
