"""A conference with a case of county A and one of county B, made through the tables."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from mdt.extensions import db
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.queries.patients import Identity, new_patient
from tests.world import NOW, World

PANEL = (
    ("chair", "chair", "thoracic_surgery"),
    ("oncologist", "expert", "medical_oncology"),
    ("radiotherapist", "expert", "radiation_oncology"),
    ("radiologist", "expert", "radiology"),
    ("pathologist", "expert", "pathology"),
    ("recorder", "recorder", None),
)


@dataclass
class Board:
    """Numbers of what was made; ``cases['A']``, ``items['A']`` are county A's."""

    conference: int = 0
    cases: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)


def make_case(
    world: World,
    hospital: str,
    doctor: str,
    *,
    state: str = "draft",
    number: str,
    **columns: object,
) -> Case:
    """A lung cancer case in any state, committed by the caller."""
    patient = new_patient(
        world.hospitals[hospital],
        Identity(
            name="张三丰",
            id_type="居民身份证",
            id_number="369921196203050015",
            birth_date=date(1962, 3, 5),
            mrn=f"MRN-{number}",
        ),
        "1",
        now=NOW,
    )
    db.session.add(patient)
    values: dict[str, object] = {
        "number": number,
        "hospital_id": world.hospitals[hospital],
        "team_id": world.team,
        "patient_id": patient.id,
        "state": state,
        "state_since": NOW,
        "created_by_id": world.users[doctor],
        "created_at": NOW,
        "updated_at": NOW,
        "submitted_at": None if state in {"draft", "reviewing"} else NOW,
        "tumour_type": "lung_nsclc",
        "icd10": "C34.1",
        "diagnosis_text": "右上肺腺癌",
        "diagnosis_date": date(2026, 11, 1),
        "staging_table": "lung_nsclc_9",
        "t": "T2a",
        "n": "N2b",
        "m": "M0",
        "stage_group": "IIIA",
        "iii_plus": "yes",
        "question": "能否手术？",
    }
    case = Case(**{**values, **columns})
    db.session.add(case)
    db.session.flush()
    return case


def build_board(world: World, *, state: str = "scheduled", number: int = 1) -> Board:
    """A conference with both cases scheduled, the panel invited to all, each doctor to one item.

    ``number`` tells boards of one world apart: 1 to 9.
    """
    board = Board()
    conference = Conference(
        number=f"C2026-900{number}",
        team_id=world.team,
        starts_at=NOW + timedelta(hours=1),
        minutes=60,
        state=state,
        chair_id=world.users["chair"],
        created_by_id=world.users["coordinator"],
        created_at=NOW,
    )
    db.session.add(conference)
    db.session.flush()
    board.conference = conference.id
    for username, role, discipline in PANEL:
        _invite(world, board, username, role, discipline)
    for position, (key, doctor) in enumerate((("A", "clinician"), ("B", "clinician2")), start=1):
        case = make_case(
            world, key, doctor, state="scheduled", number=f"MDT2026-90{number - 1}00{position}"
        )
        item = AgendaItem(
            conference_id=conference.id,
            case_id=case.id,
            position=position,
            minutes=20,
            presenter_id=world.users[doctor],
        )
        db.session.add(item)
        db.session.flush()
        board.cases[key], board.items[key] = case.id, item.id
        _invite(world, board, doctor, "presenter", None, item.id)
    db.session.commit()
    return board


def _invite(
    world: World,
    board: Board,
    username: str,
    role: str,
    discipline: str | None,
    item: int | None = None,
) -> None:
    db.session.add(
        Invitation(
            conference_id=board.conference,
            user_id=world.users[username],
            role=role,
            discipline=discipline,
            item_id=item,
            answer="accepted",
            answered_at=NOW,
        )
    )
