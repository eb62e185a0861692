"""The tus protocol 1.0: creation, with upload, checksum, termination, expiration.

Only bytes pass here. What they are is decided when they are whole and the attachments' own address
takes them into the case.
"""

from flask import Blueprint, Response, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.slides import LARGEST_SLIDE
from mdt.rules.uploads import CHECKSUMS, UploadBusy
from mdt.services import uploads
from mdt.web import tus
from mdt.web.guards import requires

bp = Blueprint("uploads", __name__)

_EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"


@bp.route("/cases/<int:case_id>/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@requires(Permission.CASE_EDIT, scope="cases")
def describe(viewer: Viewer, case_id: int) -> Response:
    return tus.answer(
        204,
        **{
            "Tus-Version": tus.VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(LARGEST_SLIDE),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        },
    )


@bp.post("/cases/<int:case_id>/uploads")
@requires(Permission.CASE_EDIT, scope="cases")
def begin(viewer: Viewer, case_id: int) -> Response:
    return tus.begin(
        viewer,
        case_id,
        lambda offer: uploads.begin_upload(viewer, case_id, offer, now=utc_now()),
        lambda upload_id: url_for("uploads.ask", case_id=case_id, upload_id=upload_id),
    )


@bp.route("/cases/<int:case_id>/uploads/<upload_id>", methods=["HEAD"])
@requires(Permission.CASE_EDIT, scope="cases")
def ask(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    return tus.ask(viewer, case_id, upload_id)


@bp.patch("/cases/<int:case_id>/uploads/<upload_id>")
@requires(Permission.CASE_EDIT, scope="cases")
def append(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    return tus.append(viewer, case_id, upload_id)


@bp.delete("/cases/<int:case_id>/uploads/<upload_id>")
@requires(Permission.CASE_EDIT, scope="cases")
def drop(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    return tus.drop(viewer, case_id, upload_id)


@bp.post("/cases/<int:case_id>/uploads/give-up")
@requires(Permission.CASE_EDIT)
def give_up(viewer: Viewer, case_id: int) -> BaseResponse:
    now = utc_now()
    busy = False
    for one in uploads.open_uploads(viewer, case_id, now=now):
        try:
            uploads.drop_upload(viewer, case_id, one.id, now=now)
        except UploadBusy:
            busy = True
    if busy:
        flash(gettext("有文件正在接收，没有放弃。请稍候再试。"), "warning")
    else:
        flash(gettext("未传完的文件已放弃。"), "success")
    return redirect(url_for("attachments.show_files", case_id=case_id))
