"""Errors become pages or JSON here, once. Views contain no ``try``."""

import logging
import uuid
from typing import Any

from flask import Flask, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError, generate_csrf
from jinja2 import Template
from werkzeug.exceptions import HTTPException

from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Forbidden, IllegalTransition, Invalid, MdtError
from mdt.services.audit_log import record_refusal
from mdt.web.full_disk import is_full_disk
from mdt.web.guards import PUBLIC, ask_to_sign_in, current_viewer, wants_json
from mdt.web.messages import fields_for, message_for, sentence

log = logging.getLogger(__name__)


def register_errors(app: Flask) -> None:
    """Attach the handlers."""
    app.register_error_handler(MdtError, _known)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def error_json(error: MdtError) -> dict[str, Any]:
    """The one shape of an error, for HTTP and for sockets."""
    fields = fields_for(error.fields) if isinstance(error, Invalid) else {}
    return {
        "ok": False,
        "error": {"code": error.code, "message": message_for(error), "fields": fields},
    }


def _known(error: MdtError) -> Any:
    if error.status >= 500:
        log.error("%s", error, exc_info=error)
    if isinstance(error, Forbidden):
        record_refusal(
            current_viewer(), AuditAction.ACCESS_REFUSED, now=utc_now(), endpoint=request.endpoint
        )
    if wants_json():
        body = error_json(error)
        current = error.details.get("current")
        if current is not None:
            body["current"] = current
        if isinstance(current, dict):
            body = {**current, **body}
        return jsonify(body), error.status
    case_page = _case_page()
    if isinstance(error, IllegalTransition) and case_page and request.method == "GET":
        # A form that was bookmarked, or gone back to, after the case had moved on.
        flash(message_for(error), "warning")
        return redirect(case_page)
    return _page(error.status, message_for(error), case_page=case_page)


def _case_page() -> str | None:
    """The page of the case that the address names; nothing on that page itself."""
    number = (request.view_args or {}).get("case_id")
    if number is None or request.endpoint == "cases.show_case":
        return None
    return url_for("cases.show_case", case_id=number)


def _csrf(error: CSRFError) -> Any:
    viewer = current_viewer()
    if viewer is None and _wants_somebody():
        return _answer(401, "http_401") if wants_json() else ask_to_sign_in()
    # Who has signed in again in another window goes on with the page that was left open: it
    # takes this token if the same person is there. No other site can read this answer.
    if viewer is not None and wants_json():
        return _answer(400, "csrf", csrf_token=generate_csrf(), user=viewer.user_id)
    return _answer(400, "csrf")


def _wants_somebody() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "mdt_policy", PUBLIC) != PUBLIC


def _http(error: HTTPException) -> Any:
    if error.code is not None and error.code < 400:
        return error
    return _answer(error.code or 500, f"http_{error.code}")


def _unknown(error: Exception) -> Any:
    if is_full_disk(error):
        log.error("no room left", exc_info=error)
        return _answer(507, "storage_full")
    reference = uuid.uuid4().hex[:12]
    log.error("unexpected error %s", reference, exc_info=error)
    return _answer(500, "http_500", reference=reference)


def _answer(status: int, code: str, **details: Any) -> Any:
    if wants_json():
        body = {"code": code, "message": sentence(code), "fields": {}, **details}
        return jsonify({"ok": False, "error": body}), status
    return _page(status, sentence(code), **details)


def _page(status: int, message: str, **details: Any) -> Any:
    names: list[str | Template] = [f"errors/{status}.html", "errors/error.html"]
    return render_template(names, message=message, status=status, **details), status
