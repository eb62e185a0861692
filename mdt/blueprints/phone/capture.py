"""The phone's side: nobody is signed in here, and nothing but this page's doors opens."""

from typing import Any

from flask import Response, jsonify, render_template, request, session, url_for
from flask_babel import gettext

from mdt.blueprints.phone.blueprint import bp
from mdt.queries.cases import get_case, patient_facts
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.errors import Invalid
from mdt.rules.phone_links import MOST_PHOTOGRAPHS, seconds_left
from mdt.services import phone_links
from mdt.services.attachments import QUARANTINED, FileResult
from mdt.services.phone_links import Caller, Visit
from mdt.web import tus
from mdt.web.guards import PHONE_KEY, by_phone, public
from mdt.web.kinds import kind_choices, sent_description
from mdt.web.messages import sentence
from mdt.web.throttle import Throttle

#: Each address: one code in five seconds in the long run, thirty at once.
_throttle = Throttle(rate=0.2, burst=30.0)
_LONGEST = 200


@bp.get("/phone/open")
@public
def enter() -> str:
    """The page that a code opens. Its script sends the token, which the address holds."""
    return render_template("phone/open.html")


@bp.post("/phone/open")
@public
def open_code() -> Response:
    _throttle.check()
    session.pop(PHONE_KEY, None)
    said = request.get_json(silent=True)
    token, key = (_text(said, name) for name in ("token", "key"))
    if not token or not key:
        raise PhoneCodeUnreadable
    caller = Caller(key, request.remote_addr or "", request.user_agent.string)
    session[PHONE_KEY] = phone_links.open_link(token, caller, now=utc_now())
    return jsonify(ok=True, to=url_for("phone.take_pictures"))


class PhoneCodeUnreadable(Invalid):
    """The request does not hold what a code holds."""

    def __init__(self) -> None:
        super().__init__({"token": "phone_link_over"}, "phone_link_over")


def _text(said: Any, name: str) -> str:
    value = said.get(name) if isinstance(said, dict) else None
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""


@bp.get("/phone")
@by_phone
def take_pictures(visit: Visit) -> str:
    case = get_case(visit.viewer, visit.case_id)
    return render_template(
        "phone/capture.html",
        case=case,
        patient=patient_facts(visit.viewer, case),
        kinds=kind_choices(),
        left=seconds_left(visit.expires_at, utc_now()),
        more=phone_links.count_left(visit),
        most=MOST_PHOTOGRAPHS,
        today=local_date(utc_now()).isoformat(),
    )


@bp.get("/phone/cases/<int:case_id>/state.json")
@by_phone
def state(visit: Visit) -> Response:
    return jsonify(ok=True, **_standing(visit))


@bp.post("/phone/cases/<int:case_id>/end")
@by_phone
def finish(visit: Visit) -> Response:
    phone_links.end_link(visit.viewer, visit.case_id, visit.link_id, now=utc_now())
    session.pop(PHONE_KEY, None)
    return jsonify(ok=True)


@bp.post("/phone/cases/<int:case_id>/uploads")
@by_phone
def begin(visit: Visit) -> Response:
    case_id = visit.case_id
    return tus.begin(
        visit.viewer,
        case_id,
        lambda offer: phone_links.begin_photograph(visit, offer, now=utc_now()),
        lambda upload_id: url_for("phone.ask", case_id=case_id, upload_id=upload_id),
    )


@bp.route("/phone/cases/<int:case_id>/uploads/<upload_id>", methods=["HEAD"])
@by_phone
def ask(visit: Visit, upload_id: str) -> Response:
    phone_links.check_photograph(visit, upload_id)
    return tus.ask(visit.viewer, visit.case_id, upload_id)


@bp.patch("/phone/cases/<int:case_id>/uploads/<upload_id>")
@by_phone
def append(visit: Visit, upload_id: str) -> Response:
    phone_links.check_photograph(visit, upload_id)
    return tus.append(visit.viewer, visit.case_id, upload_id)


@bp.post("/phone/cases/<int:case_id>/photographs")
@by_phone
def take(visit: Visit) -> Response:
    """Attach a photograph that is whole; only this answer says that it is kept."""
    results = phone_links.take_photograph(
        visit, request.form.get("upload", ""), sent_description(), now=utc_now()
    )
    return jsonify(ok=True, results=[_as_json(one) for one in results], **_standing(visit))


def _standing(visit: Visit) -> dict[str, int]:
    return {
        "left": seconds_left(visit.expires_at, utc_now()),
        "more": phone_links.count_left(visit),
    }


def _as_json(result: FileResult) -> dict[str, Any]:
    told = not result.ok or result.code == QUARANTINED
    words = sentence(result.code) if told else gettext("已存入病例。")
    return {"name": result.name, "ok": result.ok, "code": result.code, "message": words}
