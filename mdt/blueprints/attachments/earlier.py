"""Studies of earlier cases: taking one over."""

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.attachments.blueprint import bp
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services.earlier_studies import take_over_study
from mdt.web.guards import requires


@bp.post("/cases/<int:case_id>/earlier/<int:study_id>")
@requires(Permission.CASE_EDIT)
def take_over(viewer: Viewer, case_id: int, study_id: int) -> Response:
    done = take_over_study(viewer, case_id, study_id, now=utc_now())
    flash(
        gettext(
            "已引用到本病例：%(images)d 幅图像，%(reports)d 份报告。",
            images=done.images,
            reports=done.reports,
        ),
        "success",
    )
    return redirect(url_for("attachments.show_files", case_id=case_id))
