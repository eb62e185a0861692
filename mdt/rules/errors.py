"""The one family of errors that rules and services raise.

The doors translate them once: ``mdt.web.errors`` into pages and JSON, ``mdt.realtime.base`` into
acknowledgements. ``code`` is a stable word; the sentence for it lives in ``mdt.web.messages``.
"""

from collections.abc import Mapping


class MdtError(Exception):
    """Something a user can be told about."""

    status = 400

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class NotFound(MdtError):
    """It does not exist, or it is not yours to know."""

    status = 404

    def __init__(self, code: str = "not_found", **details: object) -> None:
        super().__init__(code, **details)


class Forbidden(MdtError):
    """You may see it and may not do this with it."""

    status = 403

    def __init__(self, code: str = "forbidden", **details: object) -> None:
        super().__init__(code, **details)


class Invalid(MdtError):
    """Fields that cannot be read or are missing; ``fields`` maps a field's name to a code."""

    status = 422

    def __init__(self, fields: Mapping[str, str], code: str = "invalid", **details: object) -> None:
        super().__init__(code, **details)
        self.fields = dict(fields)


class Refused(MdtError):
    """A rule of the house says no, whoever asks."""

    status = 409


class IllegalTransition(Refused):
    """A state machine has no such step from here."""

    def __init__(self, code: str = "illegal_transition", **details: object) -> None:
        super().__init__(code, **details)


class Stale(Refused):
    """Somebody else changed it first; ``details['current']`` holds what stands now."""

    def __init__(self, code: str = "stale", **details: object) -> None:
        super().__init__(code, **details)
