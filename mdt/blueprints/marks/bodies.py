"""What viewers send, read into the services' shapes; raises `Invalid` with the field's name."""

from typing import Any

from mdt.rules.errors import Invalid
from mdt.rules.sent_values import plain_text
from mdt.services.key_images import NewKeyImage
from mdt.services.lesions import Pair
from mdt.services.marks import NewMark, OnPicture

_MOST = 2**31
_LONGEST_UID = 64


def read_body(body: Any) -> dict[str, Any]:
    """The body as a mapping."""
    if not isinstance(body, dict):
        raise Invalid({"payload": "payload_unreadable"})
    return body


def read_mark(body: Any) -> NewMark:
    """``{key, series|slide, image, frame | index, kind, points, text}``."""
    found = read_body(body)
    return NewMark(
        key=read_text(found, "key"),
        picture=read_picture(found),
        kind=found.get("kind"),
        points=found.get("points"),
        text=found.get("text"),
    )


def read_key_image(body: Any) -> NewKeyImage:
    """``{key, state: {series|slide, image, frame | index, center, width, ...}, caption}``."""
    found = read_body(body)
    state = found.get("state")
    return NewKeyImage(
        key=read_text(found, "key"),
        picture=read_picture(state) if isinstance(state, dict) else OnPicture(),
        state=state,
        caption=found.get("caption"),
    )


def read_pair(found: dict[str, Any]) -> Pair:
    """``{name, current, prior}``, the last two numbers of marks."""
    return Pair(found.get("name"), read_number(found, "current"), read_number(found, "prior"))


def read_numbers(found: dict[str, Any], name: str) -> list[int]:
    """A list of whole numbers; those that a page has read out of its own text come as text."""
    value = found.get(name)
    if not isinstance(value, list) or not all(map(_is_whole, value)):
        raise Invalid({name: "number_required"})
    return [int(one) for one in value]


def _is_whole(one: object) -> bool:
    return type(one) is int or (isinstance(one, str) and one.isascii() and one.isdigit())


def read_picture(found: dict[str, Any]) -> OnPicture:
    """Which picture is meant."""
    image = read_text(found, "image")
    if len(image) > _LONGEST_UID:
        raise Invalid({"image": "picture_unknown"})
    return OnPicture(
        series_id=read_number(found, "series"),
        slide_id=read_number(found, "slide"),
        image=image,
        frame=read_number(found, "frame") or 1,
        index=read_number(found, "index"),
    )


def read_number(found: dict[str, Any], name: str) -> int | None:
    """A whole number that is not negative, or nothing."""
    value = found.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise Invalid({name: "number_required"})
    return value


def read_text(found: dict[str, Any], name: str) -> str:
    """A text, empty where there is none."""
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid({name: "text_required"})
    return plain_text(value)
