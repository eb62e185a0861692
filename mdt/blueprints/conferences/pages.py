from datetime import timedelta
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.conferences.blueprint import bp
from mdt.blueprints.conferences.forms import EmptyForm, override_choices
from mdt.queries import conference_lists
from mdt.queries import conferences as queries
from mdt.queries.cases import get_case
from mdt.queries.preparations import seats_by_case
from mdt.queries.roster import list_desk_teams, list_doctors, list_observers, list_roster
from mdt.queries.triage import queue_lines
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.conference import ConferenceState
from mdt.rules.preparation import begins_by_itself
from mdt.rules.worklist import OPEN_BEFORE
from mdt.services.audit_log import record_view
from mdt.services.invitations import PANEL, calendar_file
from mdt.services.live_room import start_conference
from mdt.web.forms import BaseForm
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.words.codes import light_rows


@bp.get("/conferences")
@requires(Permission.CONFERENCE_READ)
def list_conferences(viewer: Viewer) -> str:
    team, case = _looked_for(viewer)
    lines = conference_lists.list_conferences(viewer)
    if team is not None:
        lines = [one for one in lines if one.conference.team_id == team.id]
    live = [one for one in lines if one.conference.state == ConferenceState.LIVE]
    coming = [one for one in lines if one.conference.state == ConferenceState.SCHEDULED]
    past = [one for one in lines if one not in live and one not in coming]
    return render_template(
        "conferences/list.html", live=live, coming=coming, past=past, team=team, case=case
    )


def _looked_for(viewer: Viewer) -> tuple[Any, Any]:
    """The team whose conferences are asked for, and the case that is to be put on one."""
    number = request.args.get("case", type=int)
    case = get_case(viewer, number) if number else None
    wanted = case.team_id if case else request.args.get("team", type=int)
    return next((one for one in list_desk_teams(viewer) if one.id == wanted), None), case


@bp.get("/conferences.json")
@requires(Permission.CONFERENCE_READ, scope="cases")
def conferences_json(viewer: Viewer) -> Response:
    return jsonify([_plain(one) for one in conference_lists.list_conferences(viewer)])


def _plain(line: conference_lists.ConferenceLine) -> dict[str, Any]:
    """A conference for machines; ``cases`` counts those that the owner may see."""
    one = line.conference
    return {
        "id": one.id,
        "number": one.number,
        "state": one.state,
        "hospital": one.team.hospital.code,
        "hospital_name": one.team.hospital.name_zh,
        "team": one.team.name_zh,
        "starts_at": one.starts_at.isoformat(),
        "minutes": one.minutes,
        "cases": line.cases,
        "answer": line.answer.value if line.answer else None,
    }


@bp.get("/conferences/<int:conference_id>")
@requires(Permission.CONFERENCE_READ)
def show_conference(viewer: Viewer, conference_id: int) -> str:
    return conference_page(viewer, conference_id)


def conference_page(viewer: Viewer, conference_id: int, *, refused: BaseForm | None = None) -> str:
    """The conference as this seat may see it; ``refused`` is a form that was not accepted."""
    now = utc_now()
    page = queries.get_conference_page(viewer, conference_id)
    record_view(viewer, AuditAction.CONFERENCE_VIEW, page.conference, now=now)
    starts_at = page.conference.starts_at
    return render_template(
        "conferences/show.html",
        page=page,
        conference=page.conference,
        desk=_desk(viewer, page) if page.desk else None,
        ends_at=starts_at + timedelta(minutes=page.conference.minutes),
        may_open=page.conference.state == ConferenceState.LIVE or now >= starts_at - OPEN_BEFORE,
        refused=refused,
        prepares=_prepares(page),
        by_itself=begins_by_itself(page.conference.state, starts_at, now),
        prepared=_prepared(viewer, page),
    )


def _prepares(page: queries.ConferencePage) -> bool:
    """Whether there is anything that this seat might fetch ahead."""
    coming = page.conference.state in {ConferenceState.SCHEDULED, ConferenceState.LIVE}
    return coming and not page.declined and any(line.case for line in page.lines)


def _prepared(viewer: Viewer, page: queries.ConferencePage) -> dict[int, Any]:
    """How far each seat is with each case, for the desk and who chairs."""
    leads = page.desk or page.conference.chair_id == viewer.user_id
    if not leads or not _prepares(page):
        return {}
    lines = [line for line in page.lines if line.case and line.item]
    return seats_by_case(
        [line.case for line in lines if line.case],
        {line.case.id: line.item.id for line in lines if line.case and line.item},
        page.invited,
    )


def _desk(viewer: Viewer, page: queries.ConferencePage) -> dict[str, Any]:
    """What the desk needs beside the agenda: cases to add, people to ask."""
    conference = page.conference
    if conference.state not in {ConferenceState.SCHEDULED, ConferenceState.LIVE}:
        return {}
    day = local_date(viewer.as_of)
    invited = [one for line in page.disciplines for one in line.people]
    here = {one.user_id for one in (*invited, *page.others)}
    hospitals = {line.case.hospital_id for line in page.lines if line.case}
    lines = queue_lines(viewer, queries.list_listable_cases(viewer, conference.team_id), today=day)
    ends_at = conference.starts_at + timedelta(minutes=conference.minutes)
    return {
        "cases": [(line, light_rows(line.readiness.readiness, open_only=True)) for line in lines],
        "reasons": override_choices(),
        "doctors": list_doctors(hospitals),
        "observers": list_observers(conference.team, day),
        "uninvited": [
            one for one in list_roster(conference.team_id, *PANEL) if one.user.id not in here
        ],
        "taken": conference_lists.list_conferences_between(
            viewer, here, conference.starts_at, ends_at, but=conference.id
        ),
    }


@bp.get("/conferences/<int:conference_id>.ics")
@requires(Permission.CONFERENCE_READ)
def calendar(viewer: Viewer, conference_id: int) -> Response:
    number = queries.get_conference(viewer, conference_id).number
    content = calendar_file(
        viewer,
        conference_id,
        summary=gettext("肿瘤多学科会诊 %(number)s", number=number),
        url=url_for("conferences.show_conference", conference_id=conference_id, _external=True),
        now=utc_now(),
    )
    answer = FlaskResponse(content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.ics"'
    return answer


@bp.post("/conferences/<int:conference_id>/start")
@requires(Permission.CONFERENCE_CHAIR)
def start(viewer: Viewer, conference_id: int) -> Response | tuple[str, int]:
    form = EmptyForm()
    key = f"start-{conference_id}"
    if accepted(form, lambda: start_conference(viewer, conference_id, key, now=utc_now())):
        return redirect(f"/conferences/{conference_id}/live")
    return conference_page(viewer, conference_id, refused=form), 422


def back(conference_id: int, words: str = "") -> Response:
    """To the conference's page, with what was done."""
    if words:
        flash(words, "success")
    return redirect(url_for("conferences.show_conference", conference_id=conference_id))
