"""Values as a browser sends them, before it is known what they mean."""

from mdt.rules.errors import Invalid


def plain_text(text: str) -> str:
    """A text without NUL and halves of characters: no database takes them."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def one_line(raw: object, field: str) -> str:
    """A text on one line, empty where there is none; raises `Invalid` for what is no text."""
    if raw is not None and not isinstance(raw, str):
        raise Invalid({field: "text_required"})
    return " ".join(plain_text(raw or "").split())


def is_number(raw: object, most: float) -> bool:
    """Whether it is a number of at most this size, either way."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return False
    return abs(raw) <= most  # not a number is not smaller either
