from typing import Any

from flask import Blueprint

from mdt.web.words import conferences as words
from mdt.web.words.codes import readiness_summary, words_for_templates
from mdt.web.words.triage import time_left, time_since, tone_of

bp = Blueprint("conferences", __name__)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        **words_for_templates(),
        "answer_words": words.ANSWERS,
        "answer_tones": words.ANSWER_TONES,
        "item_words": words.ITEM_STATES,
        "item_tones": words.ITEM_TONES,
        "outlooks": words.OUTLOOKS,
        "readiness_summary": readiness_summary,
        "seat_words": words.SEATS,
        "time_left": time_left,
        "time_since": time_since,
        "tone_of": tone_of,
    }
