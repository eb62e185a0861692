from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.admin.blueprint import bp
from mdt.blueprints.admin.forms import SeatForm, TeamForm
from mdt.blueprints.admin.overview import gaps_of
from mdt.queries import places
from mdt.rules.access import Permission, Role, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.content import disciplines, titles, tumour_types
from mdt.services.places import save_team
from mdt.services.rosters import add_seat_by_name
from mdt.services.rosters import remove_seat as take_seat
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.templating import label_of, role_labels


@bp.app_template_global("role_label")
def role_label(code: str) -> str:
    """Name of a role by its code."""
    return role_labels()[Role(code)]


@bp.get("/teams")
@requires(Permission.PLACES_MANAGE)
def list_teams(viewer: Viewer) -> str:
    found = [(team, gaps_of(team)) for team in places.list_teams()]
    return render_template("admin/teams.html", found=found, words=_words())


def _words() -> dict[str, str]:
    """Names of tumour types, disciplines and titles; their codes don't overlap."""
    terms = (*tumour_types(), *disciplines(), *titles())
    return {term.code: label_of(term) for term in terms}


@bp.route("/teams/new", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def add_team(viewer: Viewer) -> str | Response | tuple[str, int]:
    return _edit(viewer, TeamForm(), None)


@bp.route("/teams/<int:team_id>", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def edit_team(viewer: Viewer, team_id: int) -> str | Response | tuple[str, int]:
    team = places.get_team(team_id)
    return _edit(viewer, TeamForm(obj=team), team)


def _edit(viewer: Viewer, form: TeamForm, team: Any) -> str | Response | tuple[str, int]:
    form.offer()
    number = team.id if team else None
    saved = accepted(
        form,
        lambda: save_team(
            viewer,
            number,
            int(form.hospital_id.data),
            form.draft(),
            active=form.active.data,
            now=utc_now(),
        ),
    )
    if saved:
        flash(gettext("已保存：%(name)s", name=label_of(saved)), "success")
        return redirect(url_for("admin.show_roster", team_id=saved.id))
    page = render_template("admin/team.html", form=form, team=team)
    return page, 422 if form.errors else 200


@bp.route("/teams/<int:team_id>/roster", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def show_roster(viewer: Viewer, team_id: int) -> str | Response | tuple[str, int]:
    team = places.get_team(team_id)
    form = SeatForm()
    form.offer()
    name = accepted(
        form,
        lambda: add_seat_by_name(
            viewer,
            team_id,
            form.username.data,
            form.role.data,
            form.discipline.data,
            now=utc_now(),
        ),
    )
    if name is not None:
        role = role_label(form.role.data)
        flash(gettext("已加入团队名单：%(name)s，%(role)s。", name=name, role=role), "success")
        return redirect(url_for("admin.show_roster", team_id=team_id))
    page = render_template(
        "admin/roster.html",
        form=form,
        team=team,
        seats=places.roster(team_id),
        gaps=gaps_of(team),
        people=places.people_for_seats(team.hospital_id),
        words=_words(),
    )
    return page, 422 if form.errors else 200


@bp.post("/teams/<int:team_id>/seats/<int:seat_id>/remove")
@requires(Permission.PLACES_MANAGE)
def remove_seat(viewer: Viewer, team_id: int, seat_id: int) -> Response:
    take_seat(viewer, team_id, seat_id, now=utc_now())
    flash(gettext("已移出团队名单，立即生效。"), "success")
    return redirect(url_for("admin.show_roster", team_id=team_id))
