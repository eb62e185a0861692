"""The live room as one seat may have it: what a browser starts from before it applies events.

``events applied to an old snapshot equal a fresh one`` is tested, so whatever stands here has its
handler in ``frontend/room/state.js``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.people import User
from mdt.models.plans import Plan, PlanRevision
from mdt.queries import live, scope
from mdt.queries.cases import sees_identity
from mdt.queries.held import unconfirmed_cases
from mdt.queries.patients import open_identity
from mdt.queries.team_quorum import judge_quorum
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.calendar import local_date
from mdt.rules.conference import LEADING_ROLES, PLAN_WRITING_ROLES
from mdt.rules.content import tumour_type
from mdt.rules.events import LiveEventKind, event_json, raised_hands
from mdt.rules.identity import age_on

#: Messages in a snapshot, the newest; the browser keeps as many.
KEPT_MESSAGES = 2000
_PERSON = ("user", "name", "hospital", "hospital_en", "discipline", "role")
_ADDED_UP = (
    LiveEventKind.KEY_IMAGE,
    LiveEventKind.MARK,
    LiveEventKind.SHOW,
    LiveEventKind.VOTE,
    *live.HAND_KINDS,
)


def snapshot(
    viewer: Viewer,
    seat: live.RoomSeat,
    present: Sequence[dict[str, Any]],
    viewports: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """``{"seq": n, "snapshot": {...}}`` for this seat; other counties' items are only lengths.

    ``seq`` is read first: what is stored meanwhile may be in the rest already, and applying it
    again changes nothing.
    """
    conference = db.session.scalars(
        scope.conferences(viewer).where(Conference.id == seat.conference_id)
    ).one()
    sees_current = seat.sees(conference.current_item_id)
    presenter = conference.presenter_id if sees_current else None
    shown = [one for one in viewports if sees_current and one["item"] == conference.current_item_id]
    body: dict[str, Any] = {
        "conference": _conference(conference),
        "me": _me(viewer, seat),
        "items": _items(viewer, seat, conference),
        "current": conference.current_item_id if sees_current else None,
        "presenter": presenter,
        "presenter_name": _names([presenter]).get(presenter or 0, ""),
        "people": people_for(seat, present),
        "viewport": shown[-1] if shown else None,
        "viewports": shown,
        "plans": _plans(seat),
        "kept": KEPT_MESSAGES,
        **standing(seat, conference),
        **_from_events(seat, conference.last_seq),
    }
    return {"seq": conference.last_seq, "snapshot": body}


def standing(seat: live.RoomSeat, conference: Conference) -> dict[str, Any]:
    """What changes without an event, for the snapshot and each light check.

    ``quorum`` is that of the case that is on, by everybody who was here for it so far: the opinion
    will be judged by the same. ``elsewhere``: a case is on that this seat does not see.
    ``unconfirmed``: items of which images name somebody of whom nobody has said that this is the
    patient; guests do not get those images.
    """
    current = conference.current_item_id
    sees = seat.sees(current)
    return {
        "quorum": _quorum(conference) if current is not None and sees else None,
        "elsewhere": not sees,
        "unconfirmed": _unconfirmed(seat),
    }


def _unconfirmed(seat: live.RoomSeat) -> list[int]:
    rows = db.session.execute(
        scope.scoped_children(
            select(AgendaItem.id, AgendaItem.case_id).where(AgendaItem.id.in_(seat.items)),
            of="item",
        )
    ).all()
    waiting = unconfirmed_cases([row.case_id for row in rows])
    return sorted(row.id for row in rows if row.case_id in waiting)


def _quorum(conference: Conference) -> dict[str, Any]:
    item = db.session.scalars(
        scope.scoped_children(
            select(AgendaItem).where(AgendaItem.id == conference.current_item_id), of="conference"
        )
    ).one()
    judged = judge_quorum(item, conference.team)
    return {
        "met": judged.met,
        "present": sorted(judged.present),
        "missing": list(judged.missing),
        "filled": dict(judged.filled_by),
    }


def _conference(conference: Conference) -> dict[str, Any]:
    return {
        "id": conference.id,
        "number": conference.number,
        "title": conference.title or conference.team.name_zh,
        "title_en": conference.title or conference.team.name_en,
        "state": conference.state,
        "starts_at": conference.starts_at.isoformat(),
        "started_at": conference.started_at.isoformat() if conference.started_at else None,
        "minutes": conference.minutes,
        "media_link": conference.media_link,
        "chair": conference.chair_id,
        "core_disciplines": list(conference.team.core_disciplines),
        "min_disciplines": conference.team.min_disciplines,
    }


def _me(viewer: Viewer, seat: live.RoomSeat) -> dict[str, Any]:
    leads = seat.role in LEADING_ROLES and may(viewer, Permission.CONFERENCE_CHAIR)
    return {
        "user": viewer.user_id,
        "name": viewer.name,
        "role": seat.role,
        "discipline": seat.discipline or "",
        "panel": seat.panel,
        "can": {
            "lead": leads,
            "speak": seat.role != "observer" and may(viewer, Permission.CONFERENCE_SPEAK),
            "vote": seat.role in {"chair", "expert"},
            "write_plan": seat.role in PLAN_WRITING_ROLES and may(viewer, Permission.PLAN_WRITE),
        },
    }


def _items(viewer: Viewer, seat: live.RoomSeat, conference: Conference) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        scope.scoped_children(
            select(AgendaItem)
            .where(AgendaItem.conference_id == conference.id, AgendaItem.position > 0)
            .options(joinedload(AgendaItem.case).joinedload(Case.patient))
            .order_by(AgendaItem.position),
            of="conference",
        )
    ).all()
    names = _names(row.presenter_id for row in rows)
    return [_item(viewer, row, names) if seat.sees(row.id) else _hidden_item(row) for row in rows]


def _hidden_item(item: AgendaItem) -> dict[str, Any]:
    return {"hidden": True, "position": item.position, "minutes": item.minutes}


def _item(viewer: Viewer, item: AgendaItem, names: dict[int, str]) -> dict[str, Any]:
    case = item.case
    return {
        "id": item.id,
        "hidden": False,
        "position": item.position,
        "minutes": item.minutes,
        "state": item.state,
        "started_at": item.started_at.isoformat() if item.started_at else None,
        "ended_at": item.ended_at.isoformat() if item.ended_at else None,
        "presenter": item.presenter_id,
        "presenter_name": names.get(item.presenter_id or 0, ""),
        "case": _case(viewer, case),
    }


def _case(viewer: Viewer, case: Case) -> dict[str, Any]:
    """A case as the stage shows it; by its number to guests, as on every other page."""
    identity = open_identity(case.patient)
    born = identity.birth_date
    kind = tumour_type(case.tumour_type) if case.tumour_type else None
    return {
        "id": case.id,
        "number": case.number,
        "hospital": case.hospital.name_zh,
        "hospital_en": case.hospital.name_en,
        "patient": identity.masked_name if sees_identity(viewer, case) else case.number,
        "sex": case.patient.sex,
        "age": age_on(born, local_date(case.created_at)) if born else None,
        "tumour_zh": kind.label_zh if kind else "",
        "tumour_en": kind.label_en if kind else "",
        "diagnosis": case.diagnosis_text,
        "stage": case.stage_group,
        "tnm": " ".join(part for part in (case.t, case.n, case.m) if part),
        "iii_plus": case.iii_plus,
        "question": case.question,
        "summary": case.history,
    }


def _names(ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def people_for(seat: live.RoomSeat, present: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """People in the room as this seat may know them, each once.

    The panel sees everybody. Who sees some items only sees the panel and who shares one of them.
    """
    own = {"user": seat.user_id, "panel": seat.panel, "items": seat.items}
    found = {other["user"]: person_json(other) for other in present if may_know(own, other)}
    return [found[number] for number in sorted(found)]


def may_know(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two seats may know of each other."""
    shared = set(one["items"]) & set(other["items"])
    return one["panel"] or other["panel"] or bool(shared) or one["user"] == other["user"]


def person_json(seat: Mapping[str, Any]) -> dict[str, Any]:
    """A person in the room as the browser gets it."""
    return {key: seat[key] for key in _PERSON}


def _plans(seat: live.RoomSeat) -> dict[str, Any]:
    rows = db.session.execute(
        scope.scoped_children(
            select(Plan.item_id, PlanRevision)
            .join(PlanRevision, PlanRevision.plan_id == Plan.id)
            .where(Plan.item_id.in_(seat.items), PlanRevision.state != "withdrawn")
            .order_by(PlanRevision.number),
            of="item",
        )
    ).all()
    return {
        str(item_id): {
            "revision": revision.id,
            "state": revision.state,
            "version": revision.version,
            "content": revision.content,
        }
        for item_id, revision in rows
    }


def _from_events(seat: live.RoomSeat, until: int) -> dict[str, Any]:
    """What the events so far add up to: messages, hands, votes, the picture of each item.

    ``marked`` and ``pictured``: the number of the last event about each item's marks and key
    images, which are fetched by themselves.
    """
    number = seat.conference_id
    said = live.list_latest(
        number, [LiveEventKind.MESSAGE], seat.items, until=until, limit=KEPT_MESSAGES
    )
    votes: dict[str, dict[str, str]] = defaultdict(dict)
    shown: dict[str, Any] = {}
    last: dict[str, dict[str, int]] = {LiveEventKind.MARK: {}, LiveEventKind.KEY_IMAGE: {}}
    kept = live.list_latest(number, _ADDED_UP, seat.items, until=until, limit=live.REPLAYED)
    for event in kept:
        if event.kind == LiveEventKind.VOTE:
            votes[str(event.item)][str(event.actor.id)] = event.data["choice"]
        elif event.kind == LiveEventKind.SHOW:
            shown[str(event.item)] = event.data
        elif event.kind in last:
            last[event.kind][str(event.item)] = event.seq
    messages = [event_json(event) for event in said]
    return {
        "messages": messages,
        "hands": raised_hands(kept),
        "votes": votes,
        "shown": shown,
        "marked": last[LiveEventKind.MARK],
        "pictured": last[LiveEventKind.KEY_IMAGE],
    }
