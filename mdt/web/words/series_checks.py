"""A series' light and the sentence beside it."""

from typing import Any

from flask_babel import gettext

from mdt.rules.readiness import Light
from mdt.web.words.cases import ADVICE, READINESS, SERIES_NOTES

_COLOURS = {Light.RED: "stop", Light.AMBER: "wait", Light.GREEN: "ok", Light.OFF: "none"}


def check_colour(check: Any) -> str:
    """The colour's name of a light; its shape follows from it."""
    return _COLOURS[check.light]


def check_words(line: Any) -> str:
    """What is missing and what to do, in one sentence (`mdt.queries.series_checks.SeriesLine`)."""
    note = line.check.note.value
    if note in SERIES_NOTES:
        return str(SERIES_NOTES[note])
    return f"{READINESS[note]}{gettext('：')}{ADVICE[note]}"
