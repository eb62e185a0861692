from flask import Blueprint, request

from mdt.rules.media_types import Wanted, read_accept

bp = Blueprint("dicomweb", __name__, url_prefix="/cases/<int:case_id>/dicom-web")


def root_of(case_id: int) -> str:
    """The whole address of a case's images, as clients take addresses as they are."""
    return f"{request.url_root}cases/{case_id}/dicom-web"


def accepted() -> tuple[Wanted, ...]:
    """What the client takes; a browser's address bar may say it in the query (PS3.18 8.3.3.1)."""
    return read_accept(request.args.get("accept") or request.headers.get("Accept", ""))
