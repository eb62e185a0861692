from typing import Any

from flask import jsonify, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.conferences.blueprint import bp
from mdt.blueprints.conferences.forms import EmptyForm, ItemForm, ListingForm, StepForm
from mdt.blueprints.conferences.pages import back, conference_page
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_time, utc_now
from mdt.rules.conference import Step
from mdt.rules.errors import Invalid
from mdt.services import agenda
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.post("/conferences/<int:conference_id>/items")
@requires(Permission.CONFERENCE_PLAN)
def add_item(viewer: Viewer, conference_id: int) -> Response | tuple[str, int]:
    form = ListingForm()
    if accepted(
        form, lambda: agenda.add_item(viewer, conference_id, form.listing(), now=utc_now())
    ):
        return back(conference_id, gettext("已加入议程，已邀请主管医师汇报。"))
    return conference_page(viewer, conference_id, refused=form), 422


@bp.post("/conferences/<int:conference_id>/items/<int:item_id>")
@requires(Permission.CONFERENCE_PLAN)
def edit_item(viewer: Viewer, conference_id: int, item_id: int) -> Response | tuple[str, int]:
    form = ItemForm()
    if accepted(
        form,
        lambda: agenda.edit_item(
            viewer,
            conference_id,
            item_id,
            minutes=form.minutes.data or 0,
            presenter_id=form.presenter_id.data,
            now=utc_now(),
        ),
    ):
        return back(conference_id, gettext("已保存。"))
    return conference_page(viewer, conference_id, refused=form), 422


@bp.post("/conferences/<int:conference_id>/items/<int:item_id>/remove")
@requires(Permission.CONFERENCE_PLAN)
def remove_item(viewer: Viewer, conference_id: int, item_id: int) -> Response | tuple[str, int]:
    form = EmptyForm()
    if accepted(form, lambda: agenda.remove_item(viewer, conference_id, item_id, now=utc_now())):
        return back(conference_id, gettext("已移出议程，病例回到待排期。"))
    return conference_page(viewer, conference_id, refused=form), 422


@bp.post("/conferences/<int:conference_id>/items/<int:item_id>/move")
@requires(Permission.CONFERENCE_PLAN)
def move_item(viewer: Viewer, conference_id: int, item_id: int) -> Response | tuple[str, int]:
    form = StepForm()
    if accepted(
        form,
        lambda: agenda.move_step(
            viewer, conference_id, item_id, Step(form.step.data), now=utc_now()
        ),
    ):
        return back(conference_id)
    return conference_page(viewer, conference_id, refused=form), 422


@bp.post("/conferences/<int:conference_id>/order")
@requires(Permission.CONFERENCE_PLAN)
def set_order(viewer: Viewer, conference_id: int) -> Response:
    order, version = _order_of(request.get_json(silent=True))
    done = agenda.set_order(viewer, conference_id, order, version=version, now=utc_now())
    times = {str(slot.item_id): f"{local_time(slot.starts_at):%H:%M}" for slot in done.slots}
    return jsonify(ok=True, version=done.version, times=times)


def _order_of(body: Any) -> tuple[list[int], int]:
    """``{"order": ["3", "1"], "version": 4}`` as numbers; the page's lists hold texts."""
    sent = body if isinstance(body, dict) else {}
    order, version = sent.get("order"), sent.get("version")
    texts = [str(one) for one in order] if isinstance(order, list) else []
    whole = all(one.isascii() and one.isdigit() and len(one) < 10 for one in texts)
    if not texts or not whole or not isinstance(version, int):
        raise Invalid({"order": "not_on_agenda"})
    return [int(one) for one in texts], version
