from flask import Response, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from mdt.blueprints.attachments.blueprint import bp
from mdt.blueprints.attachments.forms import DescribeForm, SeriesForm
from mdt.queries.attachments import file_rights, get_document, get_series
from mdt.queries.case_files import document_line
from mdt.queries.cases import get_case, patient_facts
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.header_identity import card_number
from mdt.rules.series_labels import described_label
from mdt.services import attachment_changes
from mdt.web import downloads
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.get("/cases/<int:case_id>/attachments/<int:attachment_id>")
@requires(Permission.CASE_READ)
def show_document(viewer: Viewer, case_id: int, attachment_id: int) -> str:
    return _page(viewer, case_id, attachment_id)


def _page(
    viewer: Viewer, case_id: int, attachment_id: int, form: DescribeForm | None = None
) -> str:
    case = get_case(viewer, case_id)
    document = document_line(viewer, case, get_document(viewer, case_id, attachment_id))
    return render_template(
        "attachments/document.html",
        case=case,
        document=document,
        patient=patient_facts(viewer, case),
        rights=file_rights(viewer, case),
        form=form or DescribeForm(formdata=None, obj=document).offer_kinds(),
    )


@bp.get("/cases/<int:case_id>/attachments/<int:attachment_id>/copy")
@requires(Permission.CASE_READ)
def show_copy(viewer: Viewer, case_id: int, attachment_id: int) -> Response:
    data, media_type = attachment_changes.read_viewing_copy(
        viewer, case_id, attachment_id, now=utc_now()
    )
    return downloads.inline(data, media_type, f"{case_id}-{attachment_id}")


@bp.get("/cases/<int:case_id>/attachments/<int:attachment_id>/original")
@requires(Permission.CASE_READ)
def download_original(viewer: Viewer, case_id: int, attachment_id: int) -> Response:
    data, media_type, number = attachment_changes.read_original(
        viewer, case_id, attachment_id, now=utc_now()
    )
    return downloads.attachment(data, media_type, f"{number}-{attachment_id}")


@bp.post("/cases/<int:case_id>/attachments/<int:attachment_id>")
@requires(Permission.CASE_EDIT)
def describe(
    viewer: Viewer, case_id: int, attachment_id: int
) -> str | BaseResponse | tuple[str, int]:
    form = DescribeForm().offer_kinds()
    if accepted(
        form,
        lambda: attachment_changes.describe_document(
            viewer, case_id, attachment_id, form.kind.data, form.dated_on.data, now=utc_now()
        ),
    ):
        flash(gettext("已更正。"), "success")
        return redirect(url_for("attachments.show_files", case_id=case_id))
    return _page(viewer, case_id, attachment_id, form), 422


@bp.route("/cases/<int:case_id>/series/<int:series_id>/describe", methods=["GET", "POST"])
@requires(Permission.CASE_EDIT)
def describe_series(
    viewer: Viewer, case_id: int, series_id: int
) -> str | BaseResponse | tuple[str, int]:
    form = SeriesForm().offer()
    if accepted(
        form,
        lambda: attachment_changes.describe_series(
            viewer,
            case_id,
            series_id,
            form.body_part.data or "",
            form.contrast.data or "",
            now=utc_now(),
        ),
    ):
        flash(gettext("已更正。"), "success")
        return redirect(url_for("attachments.show_files", case_id=case_id))
    case = get_case(viewer, case_id)
    series = get_series(viewer, case_id, series_id)
    if not form.is_submitted():
        form.show(described_label(series.facts))
    page = render_template(
        "attachments/series.html",
        case=case,
        series=series,
        patient=patient_facts(viewer, case),
        form=form,
    )
    return (page, 422) if form.errors else page


@bp.post("/cases/<int:case_id>/studies/<int:study_id>/unmask")
@requires(Permission.PATIENT_UNMASK)
def unmask_header(viewer: Viewer, case_id: int, study_id: int) -> Response:
    people = attachment_changes.show_header_patients(viewer, case_id, study_id, now=utc_now())
    values = {f"name{place}": one.name for place, one in enumerate(people)}
    cards = [(place, card_number(one)) for place, one in enumerate(people)]
    values |= {f"id_number{place}": number for place, number in cards if number}
    return jsonify(ok=True, values=values)
