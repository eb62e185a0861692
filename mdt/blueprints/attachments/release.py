"""What waits because a name may stand in it: looked at by its own hospital, then let out."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.attachments.blueprint import bp
from mdt.blueprints.attachments.images import pages_of
from mdt.queries.attachments import get_document
from mdt.queries.case_files import document_line
from mdt.queries.cases import check_doctor, get_case, patient_facts
from mdt.queries.held import next_held
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import release
from mdt.services.black_out import count_blacked_out
from mdt.services.imaging import open_series
from mdt.web.forms import BaseForm
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.words.release import RISKS


@bp.route("/cases/<int:case_id>/series/<int:series_id>/release", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def release_series(
    viewer: Viewer, case_id: int, series_id: int
) -> str | Response | tuple[str, int]:
    form = BaseForm()
    if accepted(form, lambda: release.release_series(viewer, case_id, series_id, now=utc_now())):
        return _released(case_id)
    case = get_case(viewer, case_id)
    check_doctor(viewer, case)
    series = open_series(viewer, case_id, series_id, now=utc_now())
    page = render_template(
        "attachments/release.html",
        case=case,
        patient=patient_facts(viewer, case),
        form=form,
        series=series,
        document=None,
        reason=RISKS.get(series.risk),
        pages=pages_of(viewer, series) if series.image_count else None,
        blacked_out=count_blacked_out(case.id, series.id),
    )
    return (page, 422) if form.errors else page


@bp.route("/cases/<int:case_id>/attachments/<int:attachment_id>/release", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def release_document(
    viewer: Viewer, case_id: int, attachment_id: int
) -> str | Response | tuple[str, int]:
    form = BaseForm()
    if accepted(
        form, lambda: release.release_document(viewer, case_id, attachment_id, now=utc_now())
    ):
        return _released(case_id)
    case = get_case(viewer, case_id)
    check_doctor(viewer, case)
    row = get_document(viewer, case_id, attachment_id)
    page = render_template(
        "attachments/release.html",
        case=case,
        patient=patient_facts(viewer, case),
        form=form,
        series=None,
        document=document_line(viewer, case, row),
        reason=RISKS["document"],
        pages=None,
        blacked_out=len(row.black_boxes or ()),
    )
    return (page, 422) if form.errors else page


@bp.get("/cases/<int:case_id>/release")
@requires(Permission.CASE_EDIT)
def release_next(viewer: Viewer, case_id: int) -> Response:
    check_doctor(viewer, get_case(viewer, case_id))
    found = next_held(case_id)
    if found is None:
        return redirect(url_for("attachments.show_files", case_id=case_id))
    kind, number = found
    if kind == "series":
        url = url_for("attachments.release_series", case_id=case_id, series_id=number)
    else:
        url = url_for("attachments.release_document", case_id=case_id, attachment_id=number)
    return redirect(url)


def _released(case_id: int) -> Response:
    """On to what waits still."""
    flash(gettext("已放行，记录在您名下。"), "success")
    return redirect(url_for("attachments.release_next", case_id=case_id))
