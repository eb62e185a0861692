"""The tus protocol's headers, for every door through which files come in parts."""

from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime

from flask import Response, make_response, request

from mdt.rules.access import Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Invalid
from mdt.rules.uploads import UploadOffer, read_checksum, read_offer
from mdt.services import uploads
from mdt.services.uploads import UploadState

VERSION = "1.0.0"
_BYTES = "application/offset+octet-stream"


def begin(
    viewer: Viewer,
    case_id: int,
    start: Callable[[UploadOffer], UploadState],
    place: Callable[[str], str],
) -> Response:
    """Begin an upload by ``start``; ``place`` gives its address. Bytes may come along."""
    check_version()
    offer = read_offer(
        request.headers.get("Upload-Length", ""), request.headers.get("Upload-Metadata", "")
    )
    state = start(offer)
    offset = 0
    if request.mimetype == _BYTES:
        offset = _append(viewer, case_id, state.id, 0)
    headers = {"Upload-Offset": str(offset), "Location": place(state.id)}
    return answer(201, **headers, **_expiry(state))


def ask(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    """Say how far an upload is."""
    state = uploads.upload_state(viewer, case_id, upload_id, now=utc_now())
    return answer(
        200,
        **{
            "Upload-Offset": str(state.offset),
            "Upload-Length": str(state.length),
            "Cache-Control": "no-store",
        },
        **_expiry(state),
    )


def append(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    """Take the next bytes of an upload."""
    check_version()
    if request.mimetype != _BYTES:
        raise Invalid({"content_type": "upload_content_type"})
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit()):
        raise Invalid({"offset": "upload_offset"})
    end = _append(viewer, case_id, upload_id, int(offset))
    return answer(204, **{"Upload-Offset": str(end)})


def drop(viewer: Viewer, case_id: int, upload_id: str) -> Response:
    """Give an upload up."""
    check_version()
    uploads.drop_upload(viewer, case_id, upload_id, now=utc_now())
    return answer(204)


def check_version() -> None:
    """Raise `Invalid` for a request of another version of the protocol."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Invalid({"version": "upload_version"})


def answer(status: int, **headers: str) -> Response:
    """An empty answer of the protocol."""
    response = make_response("", status)
    response.headers["Tus-Resumable"] = VERSION
    response.headers.update(headers)
    return response


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


def _expiry(state: UploadState) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(state.expires_at.astimezone(UTC), usegmt=True)}
