"""What the desk of a team needs in tests: cases in the queue, a conference in three days."""

from datetime import timedelta
from typing import Any

from flask import Flask

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.people import Notice
from mdt.queries import scope
from mdt.rules.calendar import local_date, local_time, utc_now
from tests.board import make_case
from tests.fixtures_app import Browser
from tests.world import World

#: Lets a case be listed that has no files: most tests are not about the checklist.
OVERRIDE = {"reason": "emergency", "text": "", "by": "", "at": ""}


def add_case(
    app: Flask,
    world: World,
    *,
    key: str = "A",
    doctor: str = "clinician",
    state: str = "accepted",
    number: str = "MDT2026-000001",
    **columns: Any,
) -> int:
    """A case of county A or B in a state; listable unless ``listing_override`` says otherwise."""
    now = utc_now()
    values = {
        "state_since": now - timedelta(hours=1),
        "submitted_at": None if state in {"draft", "reviewing"} else now - timedelta(hours=2),
        "listing_override": OVERRIDE,
        **columns,
    }
    with app.app_context():
        case = make_case(world, key, doctor, state=state, number=number, **values)
        db.session.commit()
        return case.id


def plan_fields(**changes: Any) -> dict[str, Any]:
    """The form of a conference in three days at 14:30."""
    day = local_date(utc_now()) + timedelta(days=3)
    fields = {"starts_on": day.isoformat(), "starts_at": "14:30", "minutes": "60", "place": "一号"}
    return {**fields, **changes}


def plan(desk: Browser, world: World, **changes: Any) -> int:
    """A conference planned through the page; gives its number in the table."""
    team = [world.users[n] for n in ("oncologist", "radiotherapist", "radiologist", "pathologist")]
    fields = {"chair_id": world.users["chair"], "invited": [*team, world.users["recorder"]]}
    answer = desk.post("/conferences/new", **plan_fields(**{**fields, **changes}))
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def list_case(desk: Browser, conference: int, case: int, **fields: Any) -> Any:
    """Put a case on the agenda through the page."""
    return desk.post(f"/conferences/{conference}/items", case_id=case, **fields)


def item_of(app: Flask, conference: int, case: int) -> int:
    """The item of a case on an agenda."""
    with app.app_context():
        return db.session.scalars(
            all_rows(AgendaItem).where(
                AgendaItem.conference_id == conference, AgendaItem.case_id == case
            )
        ).one().id  # fmt: skip


def all_rows(table: type) -> Any:
    """Every row of a table, for looking at what was stored."""
    return scope.unscoped(db.select(table).order_by(table.id), because="a test looks")


def states(app: Flask, *cases: int) -> list[str]:
    """States of cases."""
    with app.app_context():
        found = {case.id: case.state for case in db.session.scalars(all_rows(Case))}
        return [found[case] for case in cases]


def agenda(app: Flask, conference: int) -> list[tuple[int, int]]:
    """The agenda in its order: case and minutes."""
    with app.app_context():
        rows = db.session.scalars(
            all_rows(AgendaItem).where(
                AgendaItem.conference_id == conference, AgendaItem.position > 0
            )
        ).all()
        return [(row.case_id, row.minutes) for row in sorted(rows, key=lambda row: row.position)]


def invitations(app: Flask, world: World, conference: int) -> dict[str, tuple[str, str]]:
    """Who is asked: account to role and answer."""
    names = {number: name for name, number in world.users.items()}
    with app.app_context():
        rows = db.session.scalars(
            all_rows(Invitation).where(
                Invitation.conference_id == conference, Invitation.withdrawn_at.is_(None)
            )
        )
        return {names[row.user_id]: (row.role, row.answer) for row in rows}


def notices(app: Flask, world: World, kind: str) -> list[str]:
    """Accounts that have an unread notice of a kind."""
    names = {number: name for name, number in world.users.items()}
    with app.app_context():
        rows = db.session.scalars(db.select(Notice).where(Notice.kind == kind))
        return sorted(names[row.user_id] for row in rows)


def conference_row(app: Flask, conference: int) -> Conference:
    """The stored conference."""
    with app.app_context():
        return db.session.scalars(all_rows(Conference).where(Conference.id == conference)).one()


def clock(conference: Conference) -> str:
    """The time of day in China at which a conference begins."""
    return f"{local_time(conference.starts_at):%H:%M}"
