from datetime import date, timedelta
from typing import Any

from flask import render_template

from mdt.blueprints.admin import choices
from mdt.blueprints.admin.blueprint import bp
from mdt.queries import places
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.people import roster_gaps
from mdt.web.guards import requires

WARN_DAYS = 60


@bp.get("")
@requires(Permission.PLACES_MANAGE)
def show_admin(viewer: Viewer) -> str:
    today = local_date(utc_now())
    agreements = places.list_agreements()
    teams = [team for team in places.list_teams() if team.active]
    return render_template(
        "admin/overview.html",
        counts=places.count_places(),
        ending=[one for one in agreements if _ends_soon(one.valid_to, today)],
        lacking=[(team, gaps) for team in teams if (gaps := gaps_of(team))],
        alone=_without_agreement(agreements, today),
        words=dict(choices.discipline_choices()),
    )


def gaps_of(team: Any) -> tuple[str, ...]:
    """What the team's roster lacks."""
    return roster_gaps(team.core_disciplines, [(seat.role, seat.discipline) for seat in team.seats])


def _ends_soon(valid_to: date, today: date) -> bool:
    return today <= valid_to <= today + timedelta(days=WARN_DAYS)


def _without_agreement(agreements: list[Any], today: date) -> list[Any]:
    """County hospitals that can put no case to any team today."""
    bound = {
        one.requesting_hospital_id for one in agreements if one.valid_from <= today <= one.valid_to
    }
    counties = [one for one in places.list_hospitals(active_only=True) if one.tier == "county"]
    return [one for one in counties if one.id not in bound]
