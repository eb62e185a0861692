from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from mdt.blueprints.slides.addresses import slide_title, source_of
from mdt.blueprints.slides.blueprint import bp
from mdt.blueprints.slides.forms import SlideForm
from mdt.queries.cases import get_case, patient_facts
from mdt.queries.slides import get_slide, list_slides
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import slides
from mdt.web import downloads
from mdt.web.forms import StrikeForm
from mdt.web.guards import requires
from mdt.web.submit import accepted

__all__ = ["bp"]

_Page = str | BaseResponse | tuple[str, int]


@bp.get("/cases/<int:case_id>/slides.json")
@requires(Permission.CASE_READ, scope="cases")
def list_case_slides(viewer: Viewer, case_id: int) -> Response:
    get_case(viewer, case_id)
    shown = [one for one in list_slides(viewer, case_id) if one.shown and not one.struck_at]
    return jsonify([source_of(one) for one in shown])


@bp.get("/cases/<int:case_id>/slides/<int:slide_id>.json")
@requires(Permission.CASE_READ, scope="cases")
def show_slide(viewer: Viewer, case_id: int, slide_id: int) -> Response:
    return jsonify(source_of(slides.open_slide(viewer, case_id, slide_id, now=utc_now())))


@bp.get("/cases/<int:case_id>/slides/<int:slide_id>/tiles/<int:level>/<int:column>_<int:row>.jpg")
@requires(Permission.CASE_READ, scope="cases")
def show_tile(
    viewer: Viewer, case_id: int, slide_id: int, level: int, column: int, row: int
) -> Response:
    tile, revision = slides.draw_tile(viewer, case_id, slide_id, level, column, row, now=utc_now())
    lasting = request.args.get("v") == str(revision)
    return downloads.picture(tile, f"{slide_id}-{level}-{column}-{row}", lasting=lasting)


@bp.get("/cases/<int:case_id>/slides/<int:slide_id>/original")
@requires(Permission.CASE_READ)
def download_slide(viewer: Viewer, case_id: int, slide_id: int) -> Response:
    stream, number = slides.open_original(viewer, case_id, slide_id, now=utc_now())
    return downloads.sent_from_disk(
        stream, "application/octet-stream", f"{number}-slide-{slide_id}"
    )


@bp.route("/cases/<int:case_id>/slides/<int:slide_id>/describe", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def describe_slide(viewer: Viewer, case_id: int, slide_id: int) -> _Page:
    slide = get_slide(viewer, case_id, slide_id)
    form = SlideForm(obj=slide)
    if accepted(
        form,
        lambda: slides.describe_slide(
            viewer,
            case_id,
            slide_id,
            form.stain.data or "",
            form.block.data or "",
            now=utc_now(),
        ),
    ):
        return _back(case_id, gettext("已更正。"))
    case = get_case(viewer, case_id)
    page = render_template(
        "slides/describe.html",
        case=case,
        slide=slide,
        patient=patient_facts(viewer, case),
        form=form,
    )
    return (page, 422) if form.errors else page


@bp.post("/cases/<int:case_id>/slides/<int:slide_id>/take-back")
@requires(Permission.CASE_EDIT)
def take_back_slide(viewer: Viewer, case_id: int, slide_id: int) -> BaseResponse:
    slides.take_back_slide(viewer, case_id, slide_id, now=utc_now())
    return _back(case_id, gettext("切片已收回并删除。"))


@bp.route("/cases/<int:case_id>/slides/<int:slide_id>/strike", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def strike_slide(viewer: Viewer, case_id: int, slide_id: int) -> _Page:
    form = StrikeForm()
    if accepted(
        form,
        lambda: slides.strike_slide(
            viewer, case_id, slide_id, form.reason.data or "", now=utc_now()
        ),
    ):
        return _back(case_id, gettext("已划除。讨论和资料清单不再计入。"))
    title = slide_title(get_slide(viewer, case_id, slide_id))
    case = get_case(viewer, case_id)
    page = render_template("attachments/strike.html", case=case, form=form, title=title)
    return (page, 422) if form.errors else page


@bp.post("/cases/<int:case_id>/slides/<int:slide_id>/restore")
@requires(Permission.CASE_EDIT)
def restore_slide(viewer: Viewer, case_id: int, slide_id: int) -> BaseResponse:
    slides.restore_slide(viewer, case_id, slide_id, now=utc_now())
    return _back(case_id, gettext("已恢复。"))


def _back(case_id: int, words: str) -> BaseResponse:
    flash(words, "success")
    return redirect(url_for("attachments.show_files", case_id=case_id, _anchor="slides"))
