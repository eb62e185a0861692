"""A small world for tests: who and where, as plain numbers, made through the tables."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from mdt.extensions import db
from mdt.models.people import User, UserRole
from mdt.models.regions import Agreement, Alliance, AllianceMember, Hospital, Region, Team, TeamSeat
from mdt.queries.people import find_user, viewer_of
from mdt.rules.access import Viewer
from mdt.services.passwords import hash_password
from tests import cheap_passwords  # noqa: F401 -- sets the price

PASSWORD = "a long phrase for tests"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_HASH = hash_password(PASSWORD)

REGIONS = (
    ("360000", "江西省", "Jiangxi Province", "province", None),
    ("360700", "赣州市", "Ganzhou City", "city", "360000"),
    ("360726", "安远县", "Anyuan County", "county", "360700"),
    ("360729", "全南县", "Quannan County", "county", "360700"),
    ("360100", "南昌市", "Nanchang City", "city", "360000"),
    ("220000", "吉林省", "Jilin Province", "province", None),
)
#: username, name, hospital, discipline, title, roles ((role, hospital, region), ...), seat or None
PEOPLE = (
    ("clinician", "林县医", "A", "general_surgery", "233", (("clinician", "A", None),), None),
    ("colleague", "周同事", "A", "medical_oncology", "233", (("clinician", "A", None),), None),
    ("approver", "何医务", "A", None, None, (("approver", "A", None),), None),
    ("clinician2", "吴县医", "B", "medical_oncology", "233", (("clinician", "B", None),), None),
    ("coordinator", "许秘书", "T", None, None, (), "coordinator"),
    ("chair", "陈主席", "T", "thoracic_surgery", "231", (), "chair"),
    ("oncologist", "杨肿内", "T", "medical_oncology", "232", (), "expert"),
    ("radiotherapist", "郑放疗", "T", "radiation_oncology", "232", (), "expert"),
    ("radiologist", "孙影像", "T", "radiology", "232", (), "expert"),
    ("pathologist", "马病理", "T", "pathology", "232", (), "expert"),
    ("recorder", "朱记录", "T", None, None, (), "recorder"),
    ("observer", "胡旁听", "T", None, None, (("observer", "T", None),), None),
    ("quality", "郭质控", None, None, None, (("quality", None, "360000"),), None),
    ("quality-hospital", "罗质控", "A", None, None, (("quality", "A", None),), None),
    ("quality-jilin", "梁质控", None, None, None, (("quality", None, "220000"),), None),
    ("sysadmin", "宋系统", None, None, None, (("system", None, None),), None),
    ("secadmin", "唐安全", None, None, None, (("security", None, None),), None),
    ("auditor", "韩审计", None, None, None, (("audit", None, None),), None),
)


def twice(password: str) -> dict[str, str]:
    """A new password as the form asks for it."""
    return {"new_password": password, "repeated": password}


@dataclass
class World:
    """Numbers of what was made: ``hospitals['A']``, ``users['clinician']``, ``team``."""

    hospitals: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    team: int = 0
    agreement: int = 0

    def viewer(self, username: str, *, now: datetime = NOW) -> Viewer:
        """The person as services know them. Needs an app context."""
        user = find_user(username)
        assert user is not None
        return viewer_of(user, now=now)


def build_world() -> World:
    """Make and commit the world. Needs an app context on an empty, migrated database."""
    world = World()
    session = db.session
    for code, zh, en, level, parent in REGIONS:
        session.add(Region(code=code, name_zh=zh, name_en=en, level=level, parent_code=parent))
        session.flush()
    for key, code, zh, en, region, tier in (
        ("A", "T-JX-A", "安远示范医院（虚构）", "Anyuan Example Hospital", "360726", "county"),
        ("B", "T-JX-B", "全南示范医院（虚构）", "Quannan Example Hospital", "360729", "county"),
        (
            "T",
            "T-JX-T",
            "江西示范肿瘤医院（虚构）",
            "Jiangxi Example Cancer Hospital",
            "360100",
            "tertiary",
        ),
    ):
        hospital = Hospital(code=code, name_zh=zh, name_en=en, region_code=region, tier=tier)
        session.add(hospital)
        session.flush()
        world.hospitals[key] = hospital.id
    _build_team(world)
    for person in PEOPLE:
        _add_person(world, *person)
    session.commit()
    return world


def _build_team(world: World) -> None:
    team = Team(
        hospital_id=world.hospitals["T"],
        name_zh="肺癌MDT协作组",
        name_en="Lung cancer MDT team",
        tumour_types=["lung_nsclc", "lung_sclc"],
        core_disciplines=[
            "medical_oncology", "thoracic_surgery", "radiation_oncology", "radiology", "pathology",
        ],
        min_disciplines=4,
    )  # fmt: skip
    alliance = Alliance(
        name_zh="江西示范肿瘤专科联盟",
        name_en="Example alliance",
        lead_hospital_id=world.hospitals["T"],
    )
    db.session.add_all([team, alliance])
    db.session.flush()
    world.team = team.id
    for number, key in enumerate("AB", start=1):
        db.session.add(AllianceMember(alliance_id=alliance.id, hospital_id=world.hospitals[key]))
        agreement = Agreement(
            number=f"XY-{number}",
            alliance_id=alliance.id,
            requesting_hospital_id=world.hospitals[key],
            consulting_hospital_id=world.hospitals["T"],
            signed_on=date(2025, 12, 20),
            valid_from=date(2026, 1, 1),
            valid_to=date(2027, 12, 31),
        )
        db.session.add(agreement)
        db.session.flush()
        world.agreement = world.agreement or agreement.id


def _add_person(world, username, name, hospital, discipline, title, roles, seat) -> None:
    user = User(
        username=username,
        name=name,
        password_hash=_HASH,
        hospital_id=world.hospitals.get(hospital) if hospital else None,
        discipline=discipline,
        title=title,
        practice_since=date(2010, 7, 1),
        created_at=NOW,
    )
    db.session.add(user)
    db.session.flush()
    world.users[username] = user.id
    for role, at, region in roles:
        db.session.add(
            UserRole(
                user_id=user.id,
                role=role,
                hospital_id=world.hospitals.get(at) if at else None,
                region_code=region,
            )
        )
    if seat:
        db.session.add(
            TeamSeat(team_id=world.team, user_id=user.id, role=seat, discipline=discipline)
        )
