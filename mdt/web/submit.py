"""A form meets a service: what the rules refuse comes back at the fields, and nothing is lost."""

from collections.abc import Callable
from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from mdt.rules.errors import Invalid, Refused
from mdt.web.forms import BaseForm
from mdt.web.messages import message_for


def accepted(form: BaseForm, action: Callable[[], Any]) -> Any:
    """Run ``action`` if the form was sent and its shape is right.

    Gives what the action gives (``True`` for nothing). What the rules refuse is written at the
    form's fields, or above them, and the answer is ``None``: the view then shows the form again.
    """
    if not form.validate_on_submit():
        return None
    try:
        result = action()
    except Invalid as error:
        form.refuse(error.fields)
        return None
    except Refused as error:
        form.form_errors = [*form.form_errors, message_for(error)]
        return None
    return True if result is None else result


def answer(
    form: BaseForm,
    action: Callable[[], Any],
    *,
    said: str,
    back: Callable[[], Response],
    again: Callable[[], tuple[str, int]],
    tone: str = "success",
) -> Response | tuple[str, int]:
    """Run ``action`` as `accepted` does: say that it is done and go back, else the form again."""
    if accepted(form, action) is None:
        return again()
    flash(said, tone)
    return back()
