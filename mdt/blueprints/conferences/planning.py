from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.conferences.blueprint import bp
from mdt.blueprints.conferences.forms import CancelForm, ConferenceForm, NewConferenceForm
from mdt.blueprints.conferences.pages import back, conference_page
from mdt.queries.cases import get_case
from mdt.queries.conferences import (
    get_conference_to_plan,
    list_invitations,
    list_listable_cases,
)
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
    team = _team(viewer, teams)
    form = NewConferenceForm().offer_teams(teams).offer(list_roster(team.id, *PANEL))
    form.team.data = team.id
    if form.changes_team:
        form.ask_roster()
        return _new_page(form, team, teams)
    conference = accepted(
        form,
        lambda: services.plan_conference(
            viewer,
            services.Planned(form.plan(team.id), frozenset(form.invited.data or ())),
            now=utc_now(),
        ),
    )
    if conference:
        asked = len(list_invitations(conference.id))
        flash(
            gettext(
                "会议已建立，已邀请 %(n)d 人。下一步：在“可排入的病例”中加入病例；"
                "名单外的专家在右侧邀请。",
                n=asked,
            ),
            "success",
        )
        return redirect(url_for("conferences.show_conference", conference_id=conference.id))
    return _new_page(form, team, teams), 422 if form.errors else 200


def _new_page(form: NewConferenceForm, team: Any, teams: Sequence[Any]) -> str:
    changed = form.changes_team
    form.roster_of.data = str(team.id)
    return render_template(
        "conferences/new.html", form=form, team=team, teams=teams, changed=changed
    )


def _team(viewer: Viewer, teams: Sequence[Any]) -> Any:
    """The team that was chosen, that of the case or list one comes from, else the busiest."""
    number = request.args.get("case", type=int)
    asked = request.form.get("team", type=int) or request.args.get("team", type=int)
    if asked is None and number is not None:
        asked = get_case(viewer, number).team_id
    if asked is None and teams:
        waiting = [len(list_listable_cases(viewer, one.id)) for one in teams]
        asked = teams[waiting.index(max(waiting))].id
    found = next((one for one in teams if one.id == asked), None)
    if found is None:
        raise NotFound
    return found


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
