"""An opinion to try things on: a discussed case with its panel, written, sent out, signed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import selectinload

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Attendance, Conference
from mdt.models.people import User
from mdt.models.plans import PlanRevision
from mdt.queries import scope
from mdt.rules.access import Viewer
from mdt.services import discussion, plan_documents, plan_signing, plans
from mdt.services.plan_documents import PlanFile, read_pdf
from tests.board import PANEL, Board
from tests.world import NOW, World

LATER = NOW + timedelta(hours=2)
SITE = "https://mdt.example.org"
SIGNERS = ("chair", "oncologist", "radiotherapist", "radiologist", "pathologist")
COMPLETE: dict[str, Any] = {
    "outcome": "recommended",
    "answer": "可手术，先新辅助治疗。",
    "intent": "neoadjuvant",
    "basis": "单站N2可切除。",
    "steps.a1.modality": "chemotherapy",
    "steps.a1.what": "含铂双药2周期",
    "steps.a1.where": "安远示范医院",
    "steps.a1.who": "县肿瘤科",
    "steps.a1.when": "2周内",
    "steps.b2.modality": "surgery",
    "steps.b2.what": "右上肺叶切除",
    "steps.b2.where": "江西示范肿瘤医院",
    "steps.b2.who": "胸外科",
    "steps.b2.when": "2周期后",
}


@dataclass
class Opinion:
    """Acts on the opinion of county A's case, each time in an app context of its own."""

    app: Flask
    world: World
    board: Board
    case: int
    item: int

    def viewer(self, username: str, *, now: datetime = LATER) -> Viewer:
        """The person as services know them at the time of these tests."""
        with self.app.app_context():
            return self.world.viewer(username, now=now)

    def act(self, service: Callable[..., Any], username: str, *args: Any, **options: Any) -> Any:
        """Call a service as this person, at the time of these tests unless another is given."""
        viewer = self.viewer(username)
        with self.app.app_context():
            return service(viewer, *args, **{"now": LATER, **options})

    def write(self, username: str = "recorder", **fields: Any) -> plans.PlanEdit:
        """Write fields; dotted names through ``**{...}``."""
        current = self.revision()
        base = current.version if current else 0
        return self.edit(username, fields, base)

    def edit(self, username: str, fields: dict[str, Any], base: int, **options: Any) -> Any:
        """Write fields as typed on a page of that version."""
        options = {"key": plans.new_key(), **options}
        return self.act(plans.edit_plan, username, self.item, fields, base_version=base, **options)

    def complete(self, **changes: Any) -> PlanRevision:
        """Write everything that signing asks for."""
        self.write(**{**COMPLETE, **changes})
        return self.revision()

    def vote(self, username: str, choice: str) -> None:
        """Vote on it in the room, as long as the meeting goes on."""
        conference = self.row(AgendaItem).conference_id
        self.put(Conference, Conference.id == conference, state="live")
        self.act(discussion.vote, username, conference, self.item, choice, plans.new_key())
        self.put(Conference, Conference.id == conference, state="closed")

    def open(self, username: str = "chair") -> PlanRevision:
        """Send it out for signing."""
        self.act(plan_signing.open_for_signing, username, self.case, self.revision().id)
        return self.revision()

    def sign(self, *usernames: str, site: str | None = None) -> PlanRevision:
        """Sign as each of these people, by default as all who are asked.

        Without the passwords, which cost a quarter of a second each; with a ``site`` the last one
        has the file made.
        """
        for username in usernames or SIGNERS:
            number = self.revision().id
            signed = self.act(plan_signing.sign_as_known, username, self.case, number)
            if site and signed.complete:
                self.act(plan_documents.ensure_pdf, username, self.case, number, site=site)
        return self.revision()

    def signed(self, *, site: str | None = None, **changes: Any) -> PlanRevision:
        """Write, send out and sign."""
        self.complete(**changes)
        self.open()
        return self.sign(site=site)

    def revisions(self) -> list[PlanRevision]:
        """Every revision as it is stored, with its signatures."""
        return self.rows(
            PlanRevision,
            PlanRevision.case_id == self.case,
            options=[selectinload(PlanRevision.signatures)],
        )

    def revision(self) -> Any:
        """The newest revision that was not withdrawn."""
        return next((r for r in reversed(self.revisions()) if r.state != "withdrawn"), None)

    def rows(self, table: Any, *where: Any, options: Iterable[Any] = ()) -> list[Any]:
        """Rows as they are stored, by number."""
        with self.app.app_context():
            statement = select_all(table).where(*where).order_by(table.id).options(*options)
            return list(db.session.scalars(statement))

    def row(self, table: Any) -> Any:
        """The case or the agenda item as it is stored."""
        wanted = {Case: self.case, AgendaItem: self.item}[table]
        return self.rows(table, table.id == wanted)[0]

    def put(self, table: Any, *where: Any, **values: Any) -> None:
        """Write into rows past the services."""
        with self.app.app_context():
            db.session.execute(db.update(table).where(*where).values(**values))
            db.session.commit()

    def read(self, username: str, *, revision: int | None = None) -> PlanFile:
        """The PDF as this person gets it."""
        return self.act(read_pdf, username, self.case, revision, site=SITE)


def select_all(table: type) -> Any:
    """Rows of any table, as a test may read them."""
    return scope.unscoped(db.select(table), because="a test looks at what is stored")


def conclude(app: Flask, world: World, board: Board, present: Iterable[str] = ()) -> Opinion:
    """County A's case has been discussed by the panel (or by these people of it)."""
    with app.app_context():
        case, item = _conclude(world, board, present)
        return Opinion(app, world, board, case.id, item.id)


def _conclude(world: World, board: Board, present: Iterable[str]) -> tuple[Case, AgendaItem]:
    here = set(present) or {username for username, _, _ in PANEL}
    item = db.session.scalars(select_all(AgendaItem).where(AgendaItem.id == board.items["A"])).one()
    item.state, item.discussed_on, item.quorum_met = "concluded", NOW.date(), True
    item.started_at, item.ended_at = NOW + timedelta(hours=1), NOW + timedelta(minutes=85)
    case = db.session.scalars(select_all(Case).where(Case.id == board.cases["A"])).one()
    case.state = "concluded"
    conference = db.session.scalars(select_all(Conference)).one()
    conference.state, conference.closed_at = "closed", NOW + timedelta(minutes=90)
    for username, role, discipline in (*PANEL, ("clinician", "presenter", "general_surgery")):
        if username in here or username == "clinician":
            _attend(world, item, username, role, discipline)
    db.session.commit()
    return case, item


def _attend(
    world: World, item: AgendaItem, username: str, role: str, discipline: str | None
) -> None:
    user = db.session.get_one(User, world.users[username])
    db.session.add(
        Attendance(
            item_id=item.id,
            user_id=user.id,
            hospital_id=user.hospital_id,
            discipline=discipline,
            role=role,
            first_seen_at=NOW,
            last_seen_at=NOW,
        )
    )
