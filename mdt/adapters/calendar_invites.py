"""Invitations to a conference as iCalendar files (RFC 5545, RFC 5546).

They travel by mail and lie in calendars of others, so nothing clinical is in them: no patient, no
case, no diagnosis. Text is cleaned of line ends and control characters before it is written.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from icalendar import Calendar, Event, Timezone, vCalAddress

from mdt.rules.calendar import SHANGHAI

_PRODUCT = "-//mdt//tumour board//ZH"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person with a mail address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Invite:
    """One conference; ``starts_at`` and ``stamped_at`` are aware, ``uid`` never changes.

    ``sequence`` rises with each change of time, place or state, so that calendars replace the
    older entry.
    """

    uid: str
    starts_at: datetime
    duration: timedelta
    summary: str
    location: str
    url: str
    organiser: Contact
    stamped_at: datetime
    sequence: int = 0
    attendees: tuple[Contact, ...] = ()
    cancelled: bool = False


def conference_ics(invite: Invite) -> bytes:
    """Write a request or, when cancelled, a cancellation, with times in Asia/Shanghai."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if invite.cancelled else "REQUEST")
    calendar.add_component(_shanghai())
    calendar.add_component(_event(invite))
    content: bytes = calendar.to_ical()
    return content


@cache
def _shanghai() -> Timezone:
    """Describe the zone once, from after its last summer time (1991) on."""
    return Timezone.from_tzid(SHANGHAI.key, first_date=date(2000, 1, 1))


def _event(invite: Invite) -> Event:
    begin = invite.starts_at.astimezone(SHANGHAI)
    event = Event()
    event.add("uid", _one_line(invite.uid))
    event.add("dtstamp", invite.stamped_at)
    event.add("dtstart", begin)
    event.add("dtend", begin + invite.duration)
    event.add("sequence", invite.sequence)
    event.add("status", "CANCELLED" if invite.cancelled else "CONFIRMED")
    event.add("summary", _one_line(invite.summary))
    event.add("location", _one_line(invite.location))
    event.add("url", _one_word(invite.url))
    event.add("class", "PRIVATE")
    event.add("organizer", _address(invite.organiser))
    for person in invite.attendees:
        event.add("attendee", _address(person, rsvp=not invite.cancelled))
    return event


def _address(person: Contact, *, rsvp: bool = False) -> vCalAddress:
    address = vCalAddress(f"mailto:{_one_word(person.email)}")
    address.params["CN"] = _one_line(person.name).replace('"', "'")
    if rsvp:
        address.params["RSVP"] = "TRUE"
    return address


def _one_line(text: str) -> str:
    """Make one line of plain characters: control and separator characters become spaces."""
    plain = "".join(" " if unicodedata.category(c) in _UNSAFE else c for c in text)
    return re.sub(r" +", " ", plain).strip()


def _one_word(text: str) -> str:
    return re.sub(r"\s+", "", _one_line(text))


#: Control characters, line and paragraph separators, lone surrogates.
_UNSAFE = frozenset({"Cc", "Zl", "Zp", "Cs"})
