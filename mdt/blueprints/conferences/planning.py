from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.conferences.blueprint import bp
from mdt.blueprints.conferences.forms import CancelForm, ConferenceForm
from mdt.blueprints.conferences.pages import back, conference_page
from mdt.queries.conferences import get_conference_to_plan
from mdt.queries.roster import list_desk_teams, list_roster
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.errors import NotFound
from mdt.rules.scheduling import Change
from mdt.services import conferences as services
from mdt.services.invitations import PANEL
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.route("/conferences/new", methods=["GET", "POST"])
@requires(Permission.CONFERENCE_PLAN)
def new_conference(viewer: Viewer) -> str | Response | tuple[str, int]:
    teams = list_desk_teams(viewer)
    chosen = request.args.get("team", teams[0].id if teams else 0, type=int)
    team = next((one for one in teams if one.id == chosen), None)
    if team is None:
        raise NotFound
    roster = list_roster(team.id, *PANEL)
    form = ConferenceForm().offer(roster)
    conference = accepted(
        form,
        lambda: services.plan_conference(
            viewer,
            services.Planned(form.plan(team.id), frozenset(form.invited.data or ())),
            now=utc_now(),
        ),
    )
    if conference:
        return redirect(url_for("conferences.show_conference", conference_id=conference.id))
    page = render_template("conferences/new.html", form=form, team=team, teams=teams)
    return page, 422 if form.errors else 200


@bp.route("/conferences/<int:conference_id>/edit", methods=["GET", "POST"])
@requires(Permission.CONFERENCE_PLAN)
def edit_conference(viewer: Viewer, conference_id: int) -> str | Response | tuple[str, int]:
    conference = get_conference_to_plan(viewer, conference_id)
    form = ConferenceForm().offer(list_roster(conference.team_id, *PANEL))
    change = accepted(
        form,
        lambda: services.edit_conference(
            viewer,
            conference_id,
            form.plan(conference.team_id),
            version=form.known_version,
            now=utc_now(),
        ),
    )
    if change:
        return back(conference_id, _said(change))
    if not form.is_submitted():
        form.show(services.plan_of(conference), conference.version)
    page = render_template("conferences/edit.html", form=form, conference=conference)
    return page, 422 if form.errors else 200


def _said(change: Change) -> str:
    if change is Change.MOVED:
        return gettext("会议已改期，已通知所有受邀人重新答复。")
    if change is Change.DETAILS:
        return gettext("地点或链接已更改，已通知所有受邀人。")
    return gettext("已保存。")


@bp.post("/conferences/<int:conference_id>/cancel")
@requires(Permission.CONFERENCE_PLAN)
def cancel(viewer: Viewer, conference_id: int) -> Response | tuple[str, int]:
    form = CancelForm()
    if accepted(
        form,
        lambda: services.cancel_conference(
            viewer, conference_id, form.reason.data or "", now=utc_now()
        ),
    ):
        return back(conference_id, gettext("会议已取消，病例已退回待排期，已通知所有受邀人。"))
    return conference_page(viewer, conference_id, refused=form), 422
