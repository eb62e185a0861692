from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from mdt.adapters.calendar_invites import Contact, Invite, conference_ics
from mdt.rules.calendar import SHANGHAI

pytestmark = pytest.mark.unit

INVITE = Invite(
    uid="conference-41@mdt",
    starts_at=datetime(2026, 11, 25, 6, 30, tzinfo=UTC),
    duration=timedelta(minutes=90),
    summary="肺癌多学科讨论会 LUNG-2026-041",
    location="线上会议室",
    url="https://mdt.example.org/conferences/41",
    organiser=Contact("演示协调员", "coordinator@example.org"),
    stamped_at=datetime(2026, 11, 21, 1, tzinfo=UTC),
    attendees=(Contact("演示专家", "expert@example.org"),),
)


def read(invite):
    calendar = Calendar.from_ical(conference_ics(invite))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def lines(content):
    return content.replace(b"\r\n ", b"").decode().split("\r\n")


def test_request_shows_the_time_of_shanghai():
    content = lines(conference_ics(INVITE))

    assert "METHOD:REQUEST" in content
    assert "STATUS:CONFIRMED" in content
    assert "DTSTART;TZID=Asia/Shanghai:20261125T143000" in content
    assert "DTEND;TZID=Asia/Shanghai:20261125T160000" in content
    assert content.count("TZID:Asia/Shanghai") == 1


def test_request_reads_back():
    calendar, event = read(INVITE)

    assert str(calendar["METHOD"]) == "REQUEST"
    assert event.start == datetime(2026, 11, 25, 14, 30, tzinfo=SHANGHAI)
    assert (str(event["UID"]), event["SEQUENCE"]) == (INVITE.uid, 0)
    assert str(event["SUMMARY"]) == INVITE.summary
    assert str(event["URL"]) == INVITE.url
    assert str(event["ORGANIZER"]) == "mailto:coordinator@example.org"
    assert event["ATTENDEE"].params["CN"] == "演示专家"


def test_cancellation_keeps_the_uid_and_raises_the_sequence():
    calendar, event = read(replace(INVITE, sequence=3, cancelled=True))

    assert str(calendar["METHOD"]) == "CANCEL"
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == (
        INVITE.uid,
        3,
        "CANCELLED",
    )


def test_conference_over_midnight_ends_the_next_day():
    late = replace(INVITE, starts_at=datetime(2026, 11, 25, 15, 30, tzinfo=UTC))

    _, event = read(late)

    assert event.end == datetime(2026, 11, 26, 1, 0, tzinfo=SHANGHAI)


def names_of(content):
    return [line.split(":", 1)[0].split(";", 1)[0] for line in lines(content)]


@pytest.mark.parametrize(
    "break_",
    ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\\n", "\r\n ", "\x00"],
)
def test_line_breaks_inject_no_property(break_):
    evil = f"x{break_}ATTENDEE:mailto:evil@example.org{break_}END:VEVENT"

    content = conference_ics(
        replace(
            INVITE,
            uid=evil,
            summary=evil,
            location=evil,
            url=evil,
            organiser=Contact(evil, evil),
            attendees=(Contact(evil, evil),),
        )
    )

    assert names_of(content) == names_of(conference_ics(INVITE))


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_text_changes_the_shape_of_the_file(summary, name, url):
    content = conference_ics(
        replace(
            INVITE,
            summary=summary,
            location=summary,
            url=url,
            organiser=Contact(name, url),
            attendees=(Contact(name, url),),
        )
    )

    assert names_of(content) == names_of(conference_ics(INVITE))
    assert len(Calendar.from_ical(content).walk("VEVENT")) == 1


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), max_size=80))
def test_summary_reads_back_as_written(summary):
    _, event = read(replace(INVITE, summary=summary))

    assert str(event["SUMMARY"]) == summary
