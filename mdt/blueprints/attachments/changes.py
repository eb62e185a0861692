"""Taking back, striking out, restoring: the same for documents and for series."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.attachments.blueprint import bp
from mdt.queries.attachments import get_document, get_series
from mdt.queries.case_files import document_line
from mdt.queries.cases import get_case
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import attachment_changes
from mdt.web.forms import StrikeForm
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.templating import label_of


@bp.post("/cases/<int:case_id>/attachments/<int:attachment_id>/take-back")
@requires(Permission.CASE_EDIT)
def take_back_document(viewer: Viewer, case_id: int, attachment_id: int) -> Response:
    attachment_changes.take_back_document(viewer, case_id, attachment_id, now=utc_now())
    return _back(case_id, gettext("文件已收回并删除。"))


@bp.post("/cases/<int:case_id>/series/<int:series_id>/take-back")
@requires(Permission.CASE_EDIT)
def take_back_series(viewer: Viewer, case_id: int, series_id: int) -> Response:
    attachment_changes.take_back_series(viewer, case_id, series_id, now=utc_now())
    return _back(case_id, gettext("序列已收回并删除。"))


@bp.route("/cases/<int:case_id>/attachments/<int:attachment_id>/strike", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def strike_document(
    viewer: Viewer, case_id: int, attachment_id: int
) -> str | Response | tuple[str, int]:
    form = StrikeForm()
    if accepted(
        form,
        lambda: attachment_changes.strike_document(
            viewer, case_id, attachment_id, form.reason.data or "", now=utc_now()
        ),
    ):
        return _back(case_id, gettext("已划除。讨论和资料清单不再计入。"))
    case = get_case(viewer, case_id)
    document = document_line(viewer, case, get_document(viewer, case_id, attachment_id))
    title = document.name or label_of(document.type)
    return _strike_page(viewer, case_id, form, title)


@bp.route("/cases/<int:case_id>/series/<int:series_id>/strike", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def strike_series(viewer: Viewer, case_id: int, series_id: int) -> str | Response | tuple[str, int]:
    form = StrikeForm()
    if accepted(
        form,
        lambda: attachment_changes.strike_series(
            viewer, case_id, series_id, form.reason.data or "", now=utc_now()
        ),
    ):
        return _back(case_id, gettext("已划除。讨论和资料清单不再计入。"))
    return _strike_page(viewer, case_id, form, get_series(viewer, case_id, series_id).title)


@bp.post("/cases/<int:case_id>/attachments/<int:attachment_id>/restore")
@requires(Permission.CASE_EDIT)
def restore_document(viewer: Viewer, case_id: int, attachment_id: int) -> Response:
    attachment_changes.restore_document(viewer, case_id, attachment_id, now=utc_now())
    return _back(case_id, gettext("已恢复。"))


@bp.post("/cases/<int:case_id>/series/<int:series_id>/restore")
@requires(Permission.CASE_EDIT)
def restore_series(viewer: Viewer, case_id: int, series_id: int) -> Response:
    attachment_changes.restore_series(viewer, case_id, series_id, now=utc_now())
    return _back(case_id, gettext("已恢复。"))


def _strike_page(
    viewer: Viewer, case_id: int, form: StrikeForm, title: str
) -> str | tuple[str, int]:
    page = render_template(
        "attachments/strike.html", case=get_case(viewer, case_id), form=form, title=title
    )
    return (page, 422) if form.errors else page


def _back(case_id: int, words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("attachments.show_files", case_id=case_id))
