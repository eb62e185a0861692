import json
from typing import Any

from flask import Response, request

from mdt.adapters.dicom_names import tag_named
from mdt.blueprints.dicomweb.blueprint import accepted, bp, root_of
from mdt.queries.dicomweb import Place
from mdt.rules.access import Permission, Viewer
from mdt.rules.media_types import Malformed, choose_json
from mdt.services.dicomweb_search import Search, search_instances, search_series, search_studies
from mdt.web.guards import requires

_CONTROLS = frozenset({"accept", "fuzzymatching", "includefield", "limit", "offset"})


@bp.get("/studies")
@requires(Permission.CASE_READ, scope="dicomweb")
def find_studies(viewer: Viewer, case_id: int) -> Response:
    return _answer(search_studies(viewer, case_id, root_of(case_id), _search()))


@bp.get("/series")
@bp.get("/studies/<study>/series")
@requires(Permission.CASE_READ, scope="dicomweb")
def find_series(viewer: Viewer, case_id: int, study: str = "") -> Response:
    place = Place(case_id, study)
    return _answer(search_series(viewer, place, root_of(case_id), _search()))


@bp.get("/instances")
@bp.get("/studies/<study>/instances")
@bp.get("/studies/<study>/series/<series>/instances")
@requires(Permission.CASE_READ, scope="dicomweb")
def find_instances(viewer: Viewer, case_id: int, study: str = "", series: str = "") -> Response:
    place = Place(case_id, study, series)
    return _answer(search_instances(viewer, place, root_of(case_id), _search()))


def _answer(found: list[dict[str, Any]]) -> Response:
    media_type = choose_json(accepted())
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, content_type=media_type)
    if request.args.get("fuzzymatching", "").lower() == "true":
        response.headers["Warning"] = '299 mdt "fuzzy matching is not supported; literal was used"'
    return response


def _search() -> Search:
    choose_json(accepted())
    wanted = {name: value for name, value in request.args.items() if name not in _CONTROLS}
    include = [one for text in request.args.getlist("includefield") for one in text.split(",")]
    return Search(
        filters=tuple((_tag(name), value) for name, value in wanted.items()),
        include=None if "all" in include else frozenset(_tag(one) for one in include if one),
        limit=_number("limit"),
        offset=_number("offset") or 0,
    )


def _tag(name: str) -> str:
    tag = tag_named(name)
    if not tag:
        raise Malformed("dicomweb_attribute")
    return tag


def _number(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Malformed("dicomweb_number")
    return int(text)
