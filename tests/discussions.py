"""Cases with boards, made through the tables: what coverage counts, in every combination."""

from datetime import datetime, time, timedelta

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Attendance, Conference
from mdt.models.patients import Patient
from mdt.models.plans import Plan, PlanRevision
from mdt.queries.patients import Identity, new_patient
from mdt.rules.calendar import from_local
from tests.world import NOW, World

PANEL = ("chair", "oncologist", "radiotherapist", "radiologist", "pathologist")


def person_case(
    world: World, hospital: str, identity: Identity, *, number: str, state="submitted", **columns
) -> Case:
    """A case of a person, with a patient row of its own; committed by the caller."""
    patient = new_patient(world.hospitals[hospital], identity, "1", now=NOW)
    db.session.add(patient)
    return case_of(world, patient, number=number, state=state, **columns)


def case_of(world: World, patient: Patient, *, number: str, state="submitted", **columns) -> Case:
    """A case of a patient whom a hospital has."""
    doctor = world.users["clinician"]
    case = Case(
        number=number,
        hospital_id=patient.hospital_id,
        team_id=world.team,
        patient_id=patient.id,
        state=state,
        state_since=NOW,
        created_by_id=doctor,
        updated_at=NOW,
        submitted_at=None if state == "draft" else NOW,
        **{"icd10": "C34.1", "created_at": NOW, **columns},
    )
    db.session.add(case)
    db.session.flush()
    return case


def hold_board(
    world: World,
    case: Case,
    day,
    *,
    quorum=True,
    signed=True,
    deferred=False,
    meeting=True,
    cancelled=False,
    disciplines=0,
) -> None:
    """A discussion of the case on a local day, with its opinion; committed by the caller.

    ``disciplines`` says how many take part, up to five.
    """
    moment = from_local(datetime.combine(day, time(15, 0)))
    item = _item(world, case, day, moment, quorum, deferred, cancelled) if meeting else None
    if item:
        _attend(world, item, moment, disciplines)
    plan = Plan(case_id=case.id, item_id=item.id if item else None, created_at=moment)
    db.session.add(plan)
    db.session.flush()
    db.session.add(
        PlanRevision(
            plan_id=plan.id,
            case_id=case.id,
            number=1,
            state="signed" if signed else "draft",
            content={"outcome": "deferred" if deferred else "recommended"},
            signed_at=moment if signed else None,
            updated_at=moment,
            updated_by_id=world.users["chair"],
        )
    )
    db.session.flush()


def _attend(world, item, moment, disciplines) -> None:
    for number, username in enumerate(PANEL[:disciplines]):
        db.session.add(
            Attendance(
                item_id=item.id, user_id=world.users[username], discipline=f"discipline{number}",
                role="expert", first_seen_at=moment, last_seen_at=moment,
            )
        )  # fmt: skip
    # Who only listens is no discipline more.
    db.session.add(
        Attendance(
            item_id=item.id, user_id=world.users["observer"], discipline="radiology",
            role="observer", first_seen_at=moment, last_seen_at=moment,
        )
    )  # fmt: skip


def _item(world, case, day, moment, quorum, deferred, cancelled) -> AgendaItem:
    count = db.session.scalar(
        db.select(db.func.count(Conference.id)).execution_options(mdt_scoped=True)
    )
    conference = Conference(
        number=f"C-{count + 1}",
        team_id=world.team,
        starts_at=moment - timedelta(hours=1),
        state="cancelled" if cancelled else "closed",
        chair_id=world.users["chair"],
        created_by_id=world.users["coordinator"],
        created_at=moment,
    )
    db.session.add(conference)
    db.session.flush()
    item = AgendaItem(
        conference_id=conference.id,
        case_id=case.id,
        position=1,
        state="deferred" if deferred else "concluded",
        discussed_on=day,
        quorum_met=quorum,
        quorum_override="" if quorum else "会诊急迫",
    )
    db.session.add(item)
    db.session.flush()
    return item
