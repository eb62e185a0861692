from collections.abc import Iterator
from typing import Any

from flask import Response, request

from mdt.blueprints.dicomweb.blueprint import accepted, bp, root_of
from mdt.queries.dicomweb import Place, ServedInstance
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.drawing import JPEG_QUALITY, Drawing
from mdt.rules.errors import NotFound
from mdt.rules.media_types import (
    Given,
    Malformed,
    choose_bytes,
    choose_dicom,
    choose_frames,
    choose_json,
    choose_picture,
)
from mdt.services import dicomweb
from mdt.web.guards import requires
from mdt.web.multipart_related import new_boundary, write_parts

# Pixels alone are kept, for as long as a session may last: a changed picture has another address,
# while what is said of it changes when somebody releases it.
_LASTING = f"private, max-age={12 * 60 * 60}, immutable"
_THUMBNAIL_EDGE = 160
_LARGEST_EDGE = 4096
# Far beyond any scale of stored values.
_FARTHEST = 1e6
_FUNCTIONS = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}

_STUDY = "/studies/<study>"
_SERIES = f"{_STUDY}/series/<series>"
_INSTANCE = f"{_SERIES}/instances/<instance>"


@bp.get(f"{_STUDY}/metadata")
@bp.get(f"{_SERIES}/metadata")
@bp.get(f"{_INSTANCE}/metadata")
@requires(Permission.CASE_READ, scope="dicomweb")
def show_metadata(viewer: Viewer, **place: Any) -> Response:
    media_type = choose_json(accepted())
    where = Place(**place)
    text = dicomweb.read_metadata(viewer, where, root_of(where.case_id), now=utc_now())
    return Response(text, content_type=media_type)


@bp.get(_STUDY)
@bp.get(_SERIES)
@bp.get(_INSTANCE)
@requires(Permission.CASE_READ, scope="dicomweb")
def show_objects(viewer: Viewer, **place: Any) -> Response:
    objects = dicomweb.find_objects(viewer, Place(**place), now=utc_now())
    wanted, single = accepted(), "instance" in place
    given = [choose_dicom(wanted, one.syntax_uid, single=single) for one in objects]
    files = dicomweb.read_files(
        [(one, how.decoded) for one, how in zip(objects, given, strict=True)]
    )
    return _sent(files, given[0], labelled=single or _alike(given))


@bp.get(f"{_INSTANCE}/frames/<numbers>")
@requires(Permission.CASE_READ, scope="dicomweb")
def show_frames(viewer: Viewer, numbers: str, **place: Any) -> Response:
    frames = dicomweb.find_frames(viewer, Place(**place), _numbers(numbers), now=utc_now())
    return _frames(frames)


@bp.get(f"{_INSTANCE}/bulkdata/<name>")
@requires(Permission.CASE_READ, scope="dicomweb")
def show_bulk_data(viewer: Viewer, name: str, **place: Any) -> Response:
    where, now = Place(**place), utc_now()
    if name.startswith("7FE000"):
        return _frames(dicomweb.find_frames(viewer, where, (), now=now))
    offset, _, length = name.partition("-")
    if not (offset.isdecimal() and length.isdecimal()) or len(name) > 24:
        raise NotFound
    given = choose_bytes(accepted())
    data = dicomweb.read_bulk_data(viewer, where, int(offset), int(length), now=now)
    return _sent(iter([data]), given)


@bp.get(f"{_INSTANCE}/rendered")
@bp.get(f"{_INSTANCE}/frames/<int:number>/rendered")
@requires(Permission.CASE_READ, scope="dicomweb")
def show_rendered(viewer: Viewer, number: int = 1, **place: Any) -> Response:
    how = _drawing()
    picture = dicomweb.draw_frame(viewer, Place(**place), number, how, now=utc_now())
    return _lasting(Response(picture, content_type=f"image/{how.fmt}"))


@bp.get(f"{_STUDY}/thumbnail")
@bp.get(f"{_SERIES}/thumbnail")
@bp.get(f"{_INSTANCE}/thumbnail")
@requires(Permission.CASE_READ, scope="dicomweb")
def show_thumbnail(viewer: Viewer, **place: Any) -> Response:
    how = _drawing(size=_THUMBNAIL_EDGE)
    picture = dicomweb.draw_thumbnail(viewer, Place(**place), how, now=utc_now())
    return Response(picture, content_type=f"image/{how.fmt}")


@bp.get(f"{_INSTANCE}/frames/<int:number>/thumbnail")
@requires(Permission.CASE_READ, scope="dicomweb")
def show_frame_thumbnail(viewer: Viewer, number: int, **place: Any) -> Response:
    how = _drawing(size=_THUMBNAIL_EDGE)
    now = utc_now()
    picture = dicomweb.draw_frame(viewer, Place(**place), number, how, now=now, look=False)
    return _lasting(Response(picture, content_type=f"image/{how.fmt}"))


def _frames(frames: dicomweb.Frames) -> Response:
    found: ServedInstance = frames.instance
    given = choose_frames(accepted(), found.syntax_uid, single=len(frames.numbers) == 1)
    parts = dicomweb.read_frames(frames, decoded=given.decoded)
    return _lasting(_sent(parts, given, few=len(frames.numbers) == 1))


def _sent(
    parts: Iterator[bytes], given: Given, *, labelled: bool = True, few: bool = False
) -> Response:
    """One part by itself, or several while they are read; ``labelled``: all in one syntax."""
    syntax = f"; transfer-syntax={given.syntax}" if labelled else ""
    content_type = f"{given.media_type}{syntax}"
    if not given.multipart:
        return Response(next(parts), content_type=content_type)
    boundary = new_boundary()
    pieces = write_parts(parts, boundary, content_type)
    # What is small goes at once and with its length.
    whole = b"".join(pieces) if few else pieces
    kind = f'multipart/related; type="{given.media_type}"; boundary={boundary}'
    return Response(whole, content_type=kind)


def _lasting(response: Response) -> Response:
    response.headers["Cache-Control"] = _LASTING
    # The same address gives a frame in several forms.
    response.vary.add("Accept")
    return response


def _alike(given: list[Given]) -> bool:
    return len({one.syntax for one in given}) == 1


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(one.isascii() and one.isdigit() and len(one) < 7 for one in parts):
        raise Malformed("dicomweb_number")
    return tuple(map(int, parts))


def _drawing(size: int | None = None) -> Drawing:
    """How to draw, by the query (PS3.18 8.3.5)."""
    center, width, function = _window()
    viewport = _viewport()
    return Drawing(
        center=center,
        width=width,
        function=function,
        viewport=viewport,
        size=None if viewport else size,
        quality=_quality(),
        fmt="png" if choose_picture(accepted()) == "png" else "jpeg",
    )


def _window() -> tuple[float | None, float | None, str]:
    text = request.args.get("window")
    if not text:
        return None, None, ""
    parts = text.split(",")
    if len(parts) == 2:
        parts.append("linear")
    name = _FUNCTIONS.get(parts[-1].lower().replace("_", "-"))
    if len(parts) != 3 or name is None:
        raise Malformed("window_unreadable")
    try:
        center, width = float(parts[0]), float(parts[1])
    except ValueError as error:
        raise Malformed("window_unreadable") from error
    if not abs(center) < _FARTHEST or not 1 <= width < _FARTHEST:
        raise Malformed("window_unreadable")
    return center, width, name


def _viewport() -> tuple[int, ...]:
    text = request.args.get("viewport")
    if not text:
        return ()
    try:
        numbers = tuple(round(float(one)) for one in text.split(","))
    except (ValueError, OverflowError) as error:
        raise Malformed("dicomweb_number") from error
    # Width and height, then the part that is shown: left, top, width, height.
    if len(numbers) not in {2, 6} or not all(0 < one <= _LARGEST_EDGE for one in numbers[:2]):
        raise Malformed("dicomweb_number")
    inside = numbers[2:]
    if inside and not (min(inside) >= 0 and min(inside[2:]) > 0 and max(inside) < 65536):
        raise Malformed("dicomweb_number")
    return numbers


def _quality() -> int:
    text = request.args.get("quality", str(JPEG_QUALITY))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100):
        raise Malformed("dicomweb_number")
    return int(text)
