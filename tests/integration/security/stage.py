"""A stage for tests that go through every door: two counties with everything a case can have.

Every free text on it carries a canary that a browser would run if a page forgot to escape it.
"""

import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.event import listen
from werkzeug.routing import Rule

from mdt.adapters import devices
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Series, Study, Upload
from mdt.models.cases import Case, CaseStep, Consent
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.discussion import LiveEvent
from mdt.models.inbox import InboxStudy, PacsPeer
from mdt.models.marks import Mark
from mdt.models.people import Notice, SignInSession, User, UserRole
from mdt.models.regions import Agreement, Alliance, Hospital, Region, Team, TeamSeat
from mdt.models.tumours import RegisterImport, Tumour
from mdt.queries.cases import get_case
from mdt.queries.identity_checks import list_mismatches
from mdt.queries.patients import open_identity, seal_identity
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import utc_now
from mdt.rules.coverage import Period
from mdt.rules.uploads import UploadOffer
from mdt.services.audit_log import record_act
from mdt.services.coverage_definitions import draft_definition
from mdt.services.coverage_freezes import (
    FreezeRequest,
    close_period,
    fingerprint,
    look_before_closing,
)
from mdt.services.duplicates import decide_duplicates, revoke_decision
from mdt.services.inbox import Sender, receive_object
from mdt.services.key_images import NewKeyImage, add_key_image
from mdt.services.lesions import Pair, add_lesion
from mdt.services.marks import NewMark, OnPicture, add_mark
from mdt.services.phone_links import make_link
from mdt.services.register_drafts import keep_draft
from mdt.services.registry import import_register
from mdt.services.release import release_everything
from mdt.services.uploads import begin_upload
from tests import attachment_kit
from tests.board import Board, build_board, make_case
from tests.fixtures_app import Browser
from tests.plans import conclude, select_all
from tests.register_files import rows_to_csv
from tests.slide_kit import send_slide
from tests.world import NOW, PASSWORD, World, build_world

CANARY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
#: What of it must stand in no page; escaped it reads ``&lt;script&gt;``.
LIVE_CANARY = re.compile(r"<script>alert|<img src=x", re.IGNORECASE)

#: Who goes through the doors, by the column's name; ``nobody`` is not signed in.
PEOPLE = {
    "nobody": "",
    "clinician": "clinician",
    "approver": "approver",
    "coordinator": "coordinator",
    "chair": "chair",
    "expert": "oncologist",
    "recorder": "recorder",
    "observer": "observer",
    "quality": "quality",
    "quality_elsewhere": "quality-jilin",
    "system": "sysadmin",
    "security": "secadmin",
    "audit": "auditor",
}
#: Bodies by the end of the address.
JSON_BODIES = {
    "/autosave": {"fields": {"question": "?"}, "version": 1},
    "/preparation": {"case": 0, "pictures": "", "ready": 0},
    "/reading/draft": {"fields": {"text": "?"}, "version": 0},
    "/checklist-marks": {"fields": {}},
    "/key-images": {"key": "k", "state": {"series": 1, "index": 0}},
    "/key-images/order": {"order": [1]},
    "/lesions": {"key": "k", "name": "x"},
    "/marks": {"key": "k"},
}
UPLOAD = "/attachments"
#: Where uploads begin, and what the tus protocol asks of each request.
PARTS = "/uploads"
PART_HEADERS = {
    "Content-Type": "application/offset+octet-stream",
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "4",
    "Upload-Metadata": "filename eA==",
    "Upload-Offset": "0",
}
#: Queries by endpoint, where an address means nothing without one.
QUERIES = {
    "cases.derive_stage": {"table": "lung_nsclc_9"},
    "dicomweb.show_bulk_data": {"accept": "*/*"},
    "dicomweb.show_frame_thumbnail": {"accept": "image/jpeg"},
    "dicomweb.show_frames": {"accept": "*/*"},
    "dicomweb.show_objects": {"accept": "*/*"},
    "dicomweb.show_rendered": {"accept": "image/jpeg"},
    "dicomweb.show_thumbnail": {"accept": "image/jpeg"},
    "reports.list_cell": {"cell": "denominator"},
    "reports.list_frozen": {"figure": "denominator"},
}
#: Arguments of addresses that tell county A's thing from county B's.
OF_A_COUNTY = frozenset(
    {"case_id", "conference_id", "draft_id", "import_id", "notice_id", "session_id", "tumour_id"}
)


@dataclass
class Stage:
    """The app, who is signed in, and the numbers to fill addresses with."""

    app: Flask
    world: World
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshot: Path | None = None

    def url(self, rule: Rule, county: str) -> str:
        """An address of this rule with the county's numbers. KeyError for an unknown argument."""
        known = {**self.numbers["shared"], **self.numbers[county]}
        own = known.get(rule.endpoint, {})
        values = {name: own.get(name, known.get(name)) for name in rule.arguments}
        missing = [name for name, value in values.items() if value is None]
        if missing:
            raise KeyError(f"{rule.endpoint}: say in stage.py what {missing} stand for")
        with self.app.test_request_context():
            address = self.app.url_map.bind("localhost")
            return address.build(rule.endpoint, {**values, **QUERIES.get(rule.endpoint, {})})

    def client(self, person: str) -> FlaskClient:
        """A browser of this person, as it was right after signing in."""
        client = self.app.test_client()
        if person in self.cookies:
            client.set_cookie("mdt", self.cookies[person][0])
        return client

    def ask(self, person: str, method: str, url: str) -> Any:
        """Send a bare request; an unsafe one with its forgery token.

        A body goes along where the door reads it before it looks for the case. Refusals come as
        JSON: the same decision, and no page to draw.
        """
        client = self.client(person)
        headers = {"Accept": "application/json"}
        if method == "GET":
            return client.get(url, headers=headers)
        token = self.token(person, client)
        json = next((body for end, body in JSON_BODIES.items() if url.endswith(end)), None)
        if json is not None:
            return client.post(url, json=json, headers={**headers, "X-CSRFToken": token})
        if method != "POST" or url.endswith(PARTS):
            part = {**headers, **PART_HEADERS, "X-CSRFToken": token}
            return client.open(url, method=method, data=b"what", headers=part)
        data = {"csrf_token": token, **({"files": _file()} if url.endswith(UPLOAD) else {})}
        return client.open(url, method=method, data=data, headers=headers)

    def token(self, person: str, client: FlaskClient) -> str:
        """The forgery token of this person's session."""
        if person not in self.cookies:
            found = Browser.find_token(client.get("/sign-in").text)
            cookie = client.get_cookie("mdt")
            assert cookie is not None
            self.cookies[person] = cookie.value, found
        return self.cookies[person][1]

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Do something, and then have the database as it was."""
        yield
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        database = self.app.config["MDT"].instance / "mdt.sqlite3"
        for rest in (f"{database}-wal", f"{database}-shm"):
            Path(rest).unlink(missing_ok=True)
        shutil.copy(self.snapshot, database)
        with self.app.app_context():
            for upload in db.session.scalars(select_all(Upload)):
                devices.parts().delete(upload.id)
                devices.parts().create(upload.id)
            db.session.rollback()

    def keep(self) -> None:
        """Remember the database as it is now."""
        with self.app.app_context():
            db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
            db.session.remove()
            db.engine.dispose()
        database = self.app.config["MDT"].instance / "mdt.sqlite3"
        self.snapshot = database.with_suffix(".kept")
        shutil.copy(database, self.snapshot)


def _file() -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"no document"), "x.pdf"


def rules_of(app: Flask) -> list[tuple[str, Rule]]:
    """Every method of every address, but HEAD, OPTIONS and static files."""
    return sorted(
        (
            (method, rule)
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            if rule.endpoint != "static"
        ),
        key=lambda one: (one[1].rule, one[0]),
    )


def counties_of(rule: Rule) -> tuple[str, ...]:
    """``A`` and ``B`` where the address names a county's thing, else only ``A``."""
    return ("A", "B") if rule.arguments & OF_A_COUNTY else ("A",)


def build_stage(app: Flask) -> Stage:
    """Make everything. Needs an empty, migrated SQLite database."""
    with app.app_context():
        # Nothing here outlives the run, so nothing need survive a power cut.
        listen(db.engine, "connect", lambda link, _: link.execute("PRAGMA synchronous=OFF"))
        db.engine.dispose()
        world = build_world()
        board = build_board(world)
        record_act(None, AuditAction.DEMO_LOAD, now=NOW)
    stage = Stage(app, world)
    for person, username in PEOPLE.items():
        if username:
            stage.cookies[person] = _sign_in(app, username)
    for county, doctor in (("A", "clinician"), ("B", "clinician2")):
        stage.numbers[county] = _fill_case(app, world, board, county, doctor)
    _write_opinions(app, world, board, stage)
    with app.app_context():
        _change_of_mind(world, stage)
        _define_and_close(world, stage)
        _second_conference(world, stage)
        _shared_numbers(world, stage)
        _talk(world, stage)
        _leave_open()
        _poison()
        db.session.commit()
        _read_checks(world, stage)
    stage.keep()
    return stage


def _read_checks(world: World, stage: Stage) -> None:
    """What stands side by side is known by what everybody is called by then."""
    for county, doctor in (("A", "clinician"), ("B", "clinician2")):
        viewer = world.viewer(doctor)
        case = get_case(viewer, stage.numbers[county]["case_id"])
        stage.numbers[county]["check_key"] = list_mismatches(viewer, case)[0].key


def _sign_in(app: Flask, username: str) -> tuple[str, str]:
    browser = Browser(app, username)
    cookie = browser.client.get_cookie("mdt")
    assert cookie is not None
    return cookie.value, browser.token


def _fill_case(app: Flask, world: World, board: Board, county: str, doctor: str) -> dict[str, Any]:
    """Documents, images, a consent, a register row and a notice of one county's case."""
    case_id = board.cases[county]
    browser = Browser(app, doctor)
    # A quotation mark would end the name in the form's own headers.
    name = f"{CANARY}.pdf".replace("/", "").replace('"', "")
    sent = attachment_kit.send(
        browser, case_id, (name, attachment_kit.pdf(county)),
        *attachment_kit.ct(
            2, series=1 if county == "A" else 2, SeriesDescription=CANARY[:60], PatientSex="F"
        ),
        kind="pathology_report",
    )  # fmt: skip
    assert set(attachment_kit.codes(sent)) == {"taken"}, sent.text
    slide_id = send_slide(browser, case_id, "x.svs", stain=CANARY[:40], block=CANARY[:40])
    attachment_kit.confirm_identities(browser, case_id)
    with app.app_context():
        row = {"hospital_code": f"T-JX-{county}", "mrn": f"MRN-R{county}"}
        viewer = world.viewer(doctor)
        release_everything(viewer, case_id, now=NOW)
        import_register(viewer, rows_to_csv(row, {**row, "icd10": "x"}), now=NOW)
        consent = Consent(
            case_id=case_id, kind="remote", signer="patient", relation=CANARY,
            signed_on=date(2026, 11, 1), by_user_id=world.users[doctor], at=NOW,
        )  # fmt: skip
        notice = Notice(
            user_id=world.users[doctor], kind="case_listed", case_id=case_id, at=NOW, details={}
        )
        db.session.add_all([consent, notice])
        db.session.commit()
        first = {
            name: db.session.scalar(
                select_all(table).where(table.case_id == case_id).with_only_columns(table.id)
            )
            for name, table in (
                ("attachment_id", Attachment), ("study_id", Study), ("series_id", Series),
            )
        }  # fmt: skip
        hospital = world.hospitals[county]
        served = {
            name: db.session.scalar(
                select_all(table)
                .where(table.case_id == case_id)
                .with_only_columns(table.served_uid)
            )
            for name, table in (("study", Study), ("series", Series), ("instance", Instance))
        }
        offer = UploadOffer(4, CANARY)
        # A PACS' own texts reach the page, too.
        slice_uid = f"2.25.88{hospital}"
        receive_object(
            Sender(hospital, "CTPACS"),
            attachment_kit.ct(
                1, SOPInstanceUID=slice_uid, StudyDescription=CANARY[:60], PatientID=CANARY[:60]
            )[0][1],
            sop_class_uid="1.2.840.10008.5.1.4.1.1.2", sop_uid=slice_uid, now=utc_now(),
        )  # fmt: skip
        draft_id = str(uuid4())
        session = _last(SignInSession, SignInSession.user_id == world.users[doctor])
        arrow = NewMark(
            "k", OnPicture(first["series_id"], index=0), "arrow", [[1, 1, 0]] * 2, CANARY
        )
        chosen = NewKeyImage("k", OnPicture(first["series_id"], index=0), {}, CANARY)
        keep_draft(viewer, draft_id, {"name": CANARY, "icd10": CANARY}, now=utc_now())
        return {
            **first,
            "derived_id": first["series_id"],
            "slide_id": slide_id,
            **served,
            "numbers": "1",
            "dicomweb.show_bulk_data": {"name": "200-10"},
            "draft_id": draft_id,
            "mark_id": add_mark(viewer, case_id, arrow, now=utc_now()).id,
            "key_image_id": add_key_image(viewer, case_id, chosen, now=utc_now()).id,
            "lesion_id": _lesion(viewer, case_id, first["series_id"]),
            "inbox_id": _last(InboxStudy, InboxStudy.hospital_id == hospital),
            "upload_id": begin_upload(viewer, case_id, offer, now=utc_now()).id,
            "link_id": make_link(replace(viewer, session_id=session), case_id, now=utc_now()).id,
            "case_id": case_id,
            "consent_id": consent.id,
            "notice_id": notice.id,
            "tumour_id": _last(Tumour, Tumour.hospital_id == hospital),
            "import_id": _last(RegisterImport, RegisterImport.by_user_id == world.users[doctor]),
            "session_id": session,
        }


def _lesion(viewer: Any, case_id: int, series_id: int) -> int:
    ends = NewMark("k2", OnPicture(series_id, index=0), "length", [[1, 1, 0], [3, 1, 0]])
    mark = add_mark(viewer, case_id, ends, now=utc_now())
    db.session.execute(db.update(Mark).where(Mark.id == mark.id).values(value={"length_mm": 2.5}))
    db.session.commit()
    return add_lesion(viewer, case_id, "k", Pair(CANARY[:60], mark.id), now=utc_now()).id


def _last(table: Any, *where: Any) -> int:
    statement = select_all(table).where(*where).order_by(table.id.desc()).limit(1)
    found: int = db.session.scalars(statement).one().id
    return found


def _write_opinions(app: Flask, world: World, board: Board, stage: Stage) -> None:
    """Both cases are discussed; county A's opinion is signed, county B's too."""
    for county in "AB":
        of_county = Board(board.conference, {"A": board.cases[county]}, {"A": board.items[county]})
        opinion = conclude(app, world, of_county)
        revision = opinion.signed(answer=CANARY, basis=CANARY)
        opinion.read("chair")
        stage.numbers[county] |= {
            "revision_id": revision.id,
            "conference_id": board.conference,
            "item_id": board.items[county],
            "code": revision.verify_code,
        }


def _second_conference(world: World, stage: Stage) -> None:
    """County B's conference to come, and an invitation in each county's one."""
    case = make_case(world, "B", "clinician2", state="scheduled", number="MDT2026-900009")
    conference = Conference(
        number="C2026-9009", team_id=world.team, starts_at=NOW, minutes=30, place=CANARY,
        title=CANARY, chair_id=world.users["chair"], created_by_id=world.users["coordinator"],
        created_at=NOW,
    )  # fmt: skip
    db.session.add(conference)
    db.session.flush()
    item = AgendaItem(conference_id=conference.id, case_id=case.id, position=1)
    db.session.add(item)
    db.session.flush()
    for username, role, number in (
        ("chair", "chair", None), ("oncologist", "expert", None), ("recorder", "recorder", None),
        ("clinician2", "presenter", item.id),
    ):  # fmt: skip
        db.session.add(
            Invitation(
                conference_id=conference.id, user_id=world.users[username], role=role,
                item_id=number,
            )
        )  # fmt: skip
    db.session.flush()
    stage.numbers["B"] |= {"conference_id": conference.id, "item_id": item.id}
    for county in "AB":
        numbers = stage.numbers[county]
        numbers["invitation_id"] = _last(
            Invitation, Invitation.conference_id == numbers["conference_id"]
        )


def _talk(world: World, stage: Stage) -> None:
    """A message about county A's case."""
    numbers = stage.numbers["A"]
    conference = db.session.get_one(
        Conference, numbers["conference_id"], execution_options={"mdt_scoped": True}
    )
    conference.last_seq += 1
    db.session.add(
        LiveEvent(
            conference_id=conference.id, seq=conference.last_seq, kind="message",
            item_id=numbers["item_id"], case_id=numbers["case_id"], key="canary",
            actor_id=world.users["chair"], at=NOW, data={"text": CANARY},
        )
    )  # fmt: skip


def _leave_open() -> None:
    """Let windows and agreements be open on whatever day this runs."""
    db.session.execute(db.update(Agreement).values(valid_to=date(2099, 12, 31)))
    db.session.execute(
        db.update(Case).where(Case.signed_at.is_not(None)).values(signed_at=utc_now())
    )


def _shared_numbers(world: World, stage: Stage) -> None:
    peer = PacsPeer(hospital_id=world.hospitals["A"], ae_title="CTPACS", address="10.0.0.1")
    db.session.add(peer)
    db.session.flush()
    stage.numbers["shared"] = {
        "hospital_id": world.hospitals["A"],
        "team_id": world.team,
        "agreement_id": world.agreement,
        "alliance_id": _last(Alliance),
        "seat_id": _last(TeamSeat, TeamSeat.user_id == world.users["recorder"]),
        "user_id": world.users["observer"],
        "role_id": _last(UserRole, UserRole.user_id == world.users["observer"]),
        "peer_id": peer.id,
        "number": 1,
        "level": 0,
        "column": 0,
        "row": 0,
        "kind": "csv",
        "action": "accept",
        "accounts.choose_language": {"code": "zh"},
        "cases.consent": {"kind": "remote"},
    }


def _define_and_close(world: World, stage: Stage) -> None:
    draft_id = draft_definition(world.viewer("quality"), "strict@1", now=NOW)
    asked = FreezeRequest("region:360000", Period(date(2026, 7, 1), date(2026, 9, 30)), "strict")
    viewer = world.viewer("quality")
    closing = look_before_closing(viewer, asked, now=NOW, language="zh")
    freeze_id = close_period(
        viewer,
        asked,
        password=PASSWORD,
        seen=fingerprint(closing.shown),
        after_revision=0,
        reason="",
        now=NOW,
    )
    stage.numbers["A"] |= {"definition_id": draft_id, "freeze_id": freeze_id}


def _change_of_mind(world: World, stage: Stage) -> None:
    """The counties' rows are one person's: a decision on them that was taken back."""
    viewer = world.viewer("quality")
    rows = [stage.numbers[county]["tumour_id"] for county in "AB"]
    number = decide_duplicates(viewer, {row: row for row in rows}, now=NOW)
    revoke_decision(viewer, number, now=NOW)
    stage.numbers["A"]["decision_id"] = number


def _poison() -> None:
    """Put the canary into every free text that people write."""
    for column in (
        Hospital.name_zh, Hospital.name_en, Team.name_zh, Team.name_en, Alliance.name_zh,
        Alliance.name_en, Region.name_zh, Region.name_en, User.name, User.licence_number,
        Agreement.number, SignInSession.browser, Study.description, Series.description,
        Series.body_part, Series.contrast, CaseStep.text, Conference.place, Conference.title,
        Attachment.struck_reason, AgendaItem.quorum_override_text,
        Case.diagnosis_text, Case.stage_text, Case.comorbidity_text, Case.chief_complaint,
        Case.history, Case.examination, Case.labs, Case.molecular, Case.treatment_so_far,
        Case.patient_preference, Case.own_plan, Case.question,
    ):  # fmt: skip
        table = column.class_
        db.session.execute(
            db.update(table).values({column: column + CANARY if column.key in _UNIQUE else CANARY})
        )
    for case in db.session.scalars(select_all(Case).options(db.joinedload(Case.patient))):
        identity = open_identity(case.patient)
        changed = {**identity.__dict__, "name": CANARY, "phone": CANARY, "mrn": CANARY}
        seal_identity(case.patient, type(identity)(**changed))


#: These stand once; the canary comes behind them.
_UNIQUE = frozenset({"name_zh", "number"})
