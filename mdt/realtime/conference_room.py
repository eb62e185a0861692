"""The live room's door: reads a payload, calls one service, acknowledges."""

from typing import Any

from flask import request
from flask_socketio import join_room

from mdt.adapters.broadcast import NAMESPACE, person_room
from mdt.realtime import payloads
from mdt.realtime.base import GuardedNamespace, needs
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import discussion, live_room, live_seats, live_signals, plans
from mdt.web.messages import fields_for

Ack = dict[str, Any]


class ConferenceRoom(GuardedNamespace):
    """Namespace ``/live`` (contract, "Live room")."""

    @needs(Permission.CONFERENCE_JOIN)
    def on_join(self, viewer: Viewer, payload: Any) -> Ack:
        """Enter the sockets' room first, then read: what happens in between arrives as event."""
        conference = payloads.number(payload, "conference")
        since = payloads.optional_number(payload, "since")
        sid: str = request.sid  # type: ignore[attr-defined]
        live_seats.enter_room(viewer, conference, sid, now=utc_now())
        join_room(person_room(conference, viewer.user_id), sid, NAMESPACE)
        if since is not None:
            return live_room.read_events(viewer, conference, since)
        return live_room.read_room(viewer, conference)

    @needs(Permission.CONFERENCE_JOIN)
    def on_beat(self, viewer: Viewer, payload: Any) -> Ack:
        """Answer a light check; the socket ends with the seat.

        ``{seq, people, changed, now, quorum, elsewhere, unconfirmed}``.
        """
        sid: str = request.sid  # type: ignore[attr-defined]
        beat = live_seats.check_seat(viewer, payloads.number(payload, "conference"), sid)
        return {
            "seq": beat.seq,
            "people": beat.people,
            "changed": beat.changed,
            "now": utc_now().isoformat(),
            **beat.standing,
        }

    @needs(Permission.CONFERENCE_SPEAK)
    def on_say(self, viewer: Viewer, payload: Any) -> Ack:
        """Post a message."""
        seq = discussion.say(
            viewer,
            payloads.number(payload, "conference"),
            payloads.optional_number(payload, "item"),
            payloads.text(payload, "text"),
            payloads.key(payload),
            now=utc_now(),
        )
        return {"seq": seq}

    @needs(Permission.CONFERENCE_SPEAK)
    def on_hand(self, viewer: Viewer, payload: Any) -> Ack:
        """Raise or lower one's hand."""
        conference, up = payloads.number(payload, "conference"), payloads.flag(payload, "up")
        key = payloads.key(payload)
        return {"seq": discussion.raise_hand(viewer, conference, up, key, now=utc_now())}

    @needs(Permission.CONFERENCE_SPEAK)
    def on_vote(self, viewer: Viewer, payload: Any) -> Ack:
        """Be for or against the plan."""
        seq = discussion.vote(
            viewer,
            payloads.number(payload, "conference"),
            payloads.optional_number(payload, "item"),
            payloads.text(payload, "choice"),
            payloads.key(payload),
            now=utc_now(),
        )
        return {"seq": seq}

    @needs(Permission.CONFERENCE_SPEAK)
    def on_show(self, viewer: Viewer, payload: Any) -> Ack:
        """Put a series on everybody's stage."""
        conference, key = payloads.number(payload, "conference"), payloads.key(payload)
        picture = payloads.mapping(payload)
        return {"seq": discussion.show(viewer, conference, picture, key, now=utc_now())}

    @needs(Permission.CONFERENCE_CHAIR)
    def on_advance(self, viewer: Viewer, payload: Any) -> Ack:
        """Leave the case that is on and take up another one."""
        seq = live_room.advance(
            viewer,
            payloads.number(payload, "conference"),
            payloads.optional_number(payload, "item"),
            payloads.leaving(payload),
            payloads.key(payload),
            now=utc_now(),
        )
        return {"seq": seq}

    @needs(Permission.CONFERENCE_SPEAK)
    def on_present(self, viewer: Viewer, payload: Any) -> Ack:
        """Let somebody else show the picture."""
        seq = live_room.give_presenting(
            viewer,
            payloads.number(payload, "conference"),
            payloads.number(payload, "user"),
            payloads.key(payload),
            now=utc_now(),
        )
        return {"seq": seq}

    @needs(Permission.PLAN_WRITE)
    def on_plan(self, viewer: Viewer, payload: Any) -> Ack:
        """Write fields of the opinion: everybody sees them as they are typed."""
        edit = plans.edit_plan(
            viewer,
            payloads.number(payload, "item"),
            payloads.mapping(payloads.mapping(payload).get("fields")),
            base_version=payloads.number(payload, "version"),
            key=payloads.key(payload),
            now=utc_now(),
            revision_id=payloads.optional_number(payload, "revision"),
        )
        errors = fields_for(dict(edit.errors))
        return {"seq": edit.seq, "version": edit.version, "errors": errors, "others": edit.others}

    @needs(Permission.CONFERENCE_CHAIR)
    def on_start(self, viewer: Viewer, payload: Any) -> Ack:
        """Open the room."""
        conference, key = payloads.number(payload, "conference"), payloads.key(payload)
        return {"seq": live_room.start_conference(viewer, conference, key, now=utc_now())}

    @needs(Permission.CONFERENCE_CHAIR)
    def on_close(self, viewer: Viewer, payload: Any) -> Ack:
        """End the conference."""
        conference, key = payloads.number(payload, "conference"), payloads.key(payload)
        return {"seq": live_room.close_conference(viewer, conference, key, now=utc_now())}

    @needs(Permission.CONFERENCE_JOIN)
    def on_signal(self, viewer: Viewer, payload: Any) -> Ack:
        """Relay a pointer, a viewport, typing: never stored."""
        kind, data = payloads.signal(payload)
        sid: str = request.sid  # type: ignore[attr-defined]
        conference = payloads.number(payload, "conference")
        live_signals.relay(viewer, conference, kind, data, sid=sid)
        return {}

    def left(self, sid: str) -> None:
        """Tell the others that a seat is empty."""
        live_seats.forget(sid)
