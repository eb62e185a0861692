"""The doctor's side: the code, what came, the end."""

from flask import Response, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mdt.adapters.qr_codes import qr_code
from mdt.blueprints.phone.blueprint import bp
from mdt.queries.cases import get_case, patient_facts
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import phone_links
from mdt.web.guards import requires, wants_json
from mdt.web.templating import site_address


@bp.post("/cases/<int:case_id>/phone")
@requires(Permission.CASE_EDIT)
def make(viewer: Viewer, case_id: int) -> str | Response:
    made = phone_links.make_link(viewer, case_id, now=utc_now())
    # Behind the mark, which no browser sends to any server: not into a log, not as a referrer.
    address = f"{site_address()}{url_for('phone.enter')}#{made.token}"
    case = get_case(viewer, case_id)
    page = "phone/_panel.html" if wants_json() else "phone/panel.html"
    shown = render_template(
        page,
        case=case,
        patient=patient_facts(viewer, case),
        link=phone_links.link_progress(viewer, case_id, made.id, now=utc_now()),
        address=address,
        code=qr_code(address),
    )
    return jsonify(ok=True, html=shown) if wants_json() else shown


@bp.get("/cases/<int:case_id>/phone/<int:link_id>.json")
@requires(Permission.CASE_EDIT)
def progress(viewer: Viewer, case_id: int, link_id: int) -> Response:
    link = phone_links.link_progress(viewer, case_id, link_id, now=utc_now())
    words = render_template("phone/_standing.html", link=link)
    return jsonify(
        ok=True, state=link.state.value, left=link.left, arrived=link.arrived, html=words
    )


@bp.post("/cases/<int:case_id>/phone/<int:link_id>/end")
@requires(Permission.CASE_EDIT)
def end(viewer: Viewer, case_id: int, link_id: int) -> BaseResponse:
    phone_links.end_link(viewer, case_id, link_id, now=utc_now())
    if wants_json():
        return jsonify(ok=True)
    return redirect(url_for("attachments.show_files", case_id=case_id))
