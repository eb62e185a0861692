from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.conferences.blueprint import bp
from mdt.blueprints.conferences.forms import AnswerForm, EmptyForm, ObserverForm, PeopleForm
from mdt.blueprints.conferences.pages import back, conference_page
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import invitations
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.post("/conferences/<int:conference_id>/answer")
@requires(Permission.CONFERENCE_ANSWER)
def answer(viewer: Viewer, conference_id: int) -> Response | tuple[str, int]:
    form = AnswerForm()
    if accepted(
        form,
        lambda: invitations.answer(viewer, conference_id, form.answer.data or "", now=utc_now()),
    ):
        return back(conference_id, gettext("已答复。会议开始前可以更改。"))
    return conference_page(viewer, conference_id, refused=form), 422


@bp.post("/conferences/<int:conference_id>/invitations")
@requires(Permission.CONFERENCE_PLAN)
def invite(viewer: Viewer, conference_id: int) -> Response | tuple[str, int]:
    form = PeopleForm()
    people = form.people.data or []
    if accepted(
        form, lambda: invitations.invite_panel(viewer, conference_id, people, now=utc_now())
    ):
        return back(conference_id, gettext("已发出邀请。"))
    return conference_page(viewer, conference_id, refused=form), 422


@bp.post("/conferences/<int:conference_id>/items/<int:item_id>/observers")
@requires(Permission.CONFERENCE_PLAN)
def invite_observer(viewer: Viewer, conference_id: int, item_id: int) -> Response | tuple[str, int]:
    form = ObserverForm()
    if accepted(
        form,
        lambda: invitations.invite_observer(
            viewer, conference_id, item_id, form.observer.data or 0, now=utc_now()
        ),
    ):
        return back(conference_id, gettext("已邀请旁听该病例。"))
    return conference_page(viewer, conference_id, refused=form), 422


@bp.post("/conferences/<int:conference_id>/invitations/<int:invitation_id>/withdraw")
@requires(Permission.CONFERENCE_PLAN)
def withdraw(viewer: Viewer, conference_id: int, invitation_id: int) -> Response | tuple[str, int]:
    form = EmptyForm()
    if accepted(
        form,
        lambda: invitations.uninvite_person(viewer, conference_id, invitation_id, now=utc_now()),
    ):
        return back(conference_id, gettext("已撤回邀请。"))
    return conference_page(viewer, conference_id, refused=form), 422
