"""The tus protocol 1.0: creation, with upload, checksum, termination, expiration.

Only bytes pass here. What they are is decided when they are whole and the attachments' own address
takes them into the case.
"""

from datetime import UTC
from email.utils import format_datetime

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Invalid
from mdt.rules.uploads import CHECKSUMS, LARGEST, UploadBusy, read_checksum, read_offer
from mdt.services import uploads
from mdt.services.uploads import UploadState
from mdt.web.guards import requires

bp = Blueprint("uploads", __name__)

_VERSION = "1.0.0"
_EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
_BYTES = "application/offset+octet-stream"


@bp.route("/cases/<int:case_id>/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@requires(Permission.CASE_EDIT, scope="cases")
def describe(viewer: Viewer, case_id: int) -> Response:
    return _answer(
        204,
        **{
            "Tus-Version": _VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(LARGEST),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        },
    )


@bp.post("/cases/<int:case_id>/uploads")
@requires(Permission.CASE_EDIT, scope="cases")
def begin(viewer: Viewer, case_id: int) -> Response:
    _check_version()
    offer = read_offer(
        request.headers.get("Upload-Length", ""), request.headers.get("Upload-Metadata", "")
    )
    state = uploads.begin_upload(viewer, case_id, offer, now=utc_now())
    offset = 0
    if request.mimetype == _BYTES:
        offset = _append(viewer, case_id, state.id, 0)
    place = url_for("uploads.ask", case_id=case_id, upload_id=state.id)
    return _answer(201, Location=place, **{"Upload-Offset": str(offset)}, **_expiry(state))


@bp.route("/cases/<int:case_id>/uploads/<upload_id>", methods=["HEAD"])
@requires(Permission.CASE_EDIT, scope="cases")
def ask(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    state = uploads.upload_state(viewer, case_id, upload_id, now=utc_now())
    return _answer(
        200,
        **{
            "Upload-Offset": str(state.offset),
            "Upload-Length": str(state.length),
            "Cache-Control": "no-store",
        },
        **_expiry(state),
    )


@bp.patch("/cases/<int:case_id>/uploads/<upload_id>")
@requires(Permission.CASE_EDIT, scope="cases")
def append(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    _check_version()
    if request.mimetype != _BYTES:
        raise Invalid({"content_type": "upload_content_type"})
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit()):
        raise Invalid({"offset": "upload_offset"})
    end = _append(viewer, case_id, upload_id, int(offset))
    return _answer(204, **{"Upload-Offset": str(end)})


@bp.delete("/cases/<int:case_id>/uploads/<upload_id>")
@requires(Permission.CASE_EDIT, scope="cases")
def drop(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    _check_version()
    uploads.drop_upload(viewer, case_id, upload_id, now=utc_now())
    return _answer(204)


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


def _append(viewer: Viewer, case_id: int, upload_id: str, offset: int) -> int:
    return uploads.append_part(
        viewer,
        case_id,
        upload_id,
        offset,
        request.stream,
        size=request.content_length,
        checksum=read_checksum(request.headers.get("Upload-Checksum", "")),
        now=utc_now(),
    )


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != _VERSION:
        raise Invalid({"version": "upload_version"})


def _expiry(state: UploadState) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(state.expires_at.astimezone(UTC), usegmt=True)}


def _answer(status: int, **headers: str) -> Response:
    response = make_response("", status)
    response.headers["Tus-Resumable"] = _VERSION
    response.headers.update(headers)
    return response
