"""Invented people: the accounts of the contract, and the experts whom the demo cases call for."""

from dataclasses import dataclass, field
from datetime import date, datetime

from mdt.cli.demo.places import Places
from mdt.queries.people import find_user, viewer_of
from mdt.rules.access import Membership, Role, Viewer
from mdt.rules.people import TeamDraft, UserDraft
from mdt.services import people_admin, places, rosters
from mdt.services.accounts import set_first_password
from mdt.services.passwords import hash_password


@dataclass(frozen=True)
class Person:
    """One invented person: account, name, hospital, profession, roles."""

    username: str
    name: str
    hospital: str | None
    discipline: str = ""
    title: str = ""
    roles: tuple[tuple[Role, str], ...] = ()
    shown_as: str = ""


def _at(role: Role, hospital: str) -> tuple[tuple[Role, str], ...]:
    return ((role, hospital),)


JX, JL = "DEMO-JX-P1", "DEMO-JL-P1"
_CLINICIAN = Role.CLINICIAN

#: The accounts of the contract, in its order.
NAMED = (
    Person("clinician", "林望禾", "DEMO-JX-C1", "general_surgery", "233",
           _at(_CLINICIAN, "DEMO-JX-C1"), "county doctor, Wanghe"),
    Person("clinician2", "吴松澜", "DEMO-JX-C2", "medical_oncology", "233",
           _at(_CLINICIAN, "DEMO-JX-C2"), "county doctor, Songlan"),
    Person("approver", "何竹沅", "DEMO-JX-C3", "", "",
           _at(Role.APPROVER, "DEMO-JX-C3"), "medical affairs office, Zhuyuan"),
    Person("coordinator", "许文清", JX, shown_as="coordinator of the Jiangxi teams"),
    Person("chair", "陈以方", JX, "thoracic_surgery", "231", shown_as="chair of the Jiangxi teams"),
    Person("radiologist", "孙明远", JX, "radiology", "232", shown_as="radiology"),
    Person("pathologist", "马静宜", JX, "pathology", "232", shown_as="pathology"),
    Person("surgeon", "高立行", JX, "gi_surgery", "231", shown_as="surgery"),
    Person("oncologist", "杨若谷", JX, "medical_oncology", "232", shown_as="medical oncology"),
    Person("radiotherapist", "郑知行", JX, "radiation_oncology", "232",
           shown_as="radiation oncology"),
    Person("tcm", "白術之", JX, "tcm_oncology", "232", shown_as="traditional Chinese medicine"),
    Person("recorder", "朱书言", JX, shown_as="recorder"),
    Person("observer", "胡远听", JX, "", "", _at(Role.OBSERVER, JX), "observer"),
    Person("quality", "郭省衡", None, "", "", _at(Role.QUALITY, "360000"),
           "quality manager, province of Jiangxi"),
    Person("quality-city", "罗市衡", None, "", "", _at(Role.QUALITY, "369900"),
           "quality manager, city of Yunlan"),
    Person("quality-county", "梁县衡", None, "", "", _at(Role.QUALITY, "369921"),
           "quality manager, county of Wanghe"),
    Person("quality-hospital", "宋院衡", "DEMO-JX-C1", "", "",
           _at(Role.QUALITY, "DEMO-JX-C1"), "quality manager, Wanghe hospital"),
    Person("sysadmin", "唐系统", None, "", "", _at(Role.SYSTEM, ""), "system administrator"),
    Person("secadmin", "韩安全", None, "", "", _at(Role.SECURITY, ""), "security administrator"),
    Person("auditor", "冯审计", None, "", "", _at(Role.AUDIT, ""), "audit administrator"),
)  # fmt: skip

NAMED_ACCOUNTS = tuple((person.username, person.shown_as) for person in NAMED)

#: Others, for what the demo cases need.
OTHERS = (
    Person("clinician3", "丁竹声", "DEMO-JX-C3", "general_surgery", "233",
           _at(_CLINICIAN, "DEMO-JX-C3")),
    Person("jx-clinician", "卢接诊", JX, "", "233", _at(_CLINICIAN, JX)),
    Person("jl-clinician", "姚接诊", JL, "", "233", _at(_CLINICIAN, JL)),
    Person("jl-clinician1", "贺桦", "DEMO-JL-C1", "general_surgery", "233",
           _at(_CLINICIAN, "DEMO-JL-C1")),
    Person("jl-clinician2", "邵岭", "DEMO-JL-C2", "medical_oncology", "233",
           _at(_CLINICIAN, "DEMO-JL-C2")),
    Person("jl-clinician3", "龚桁", "DEMO-JL-C3", "general_surgery", "233",
           _at(_CLINICIAN, "DEMO-JL-C3")),
    Person("jl-coordinator", "程若水", JL),
    Person("jl-recorder", "曹记之", JL),
    Person("jl-quality", "袁省衡", None, "", "", _at(Role.QUALITY, "220000")),
)  # fmt: skip

#: Experts by discipline at each consulting hospital; the named specialists are among them.
EXPERTS = {
    JX: (
        ("colorectal_surgery", "秦畅", "231"), ("gastroenterology", "尹和", "232"),
        ("thyroid_surgery", "黎前", "231"), ("ultrasound", "易声", "232"),
        ("nuclear_medicine", "常核", "232"), ("endocrinology", "武衡", "232"),
        ("psychology", "乔心", "232"), ("gynae_oncology", "赖安", "231"),
        ("nutrition", "龚养", "232"), ("breast_surgery", "文和", "231"),
        ("hepatobiliary_surgery", "贾重", "231"), ("palliative_care", "夏缓", "232"),
        ("pain", "方宁", "232"),
    ),
    JL: (
        ("medical_oncology", "庞济", "231"), ("hepatobiliary_surgery", "樊重", "231"),
        ("interventional_radiology", "兰微", "232"), ("hepatology", "殷木", "232"),
        ("radiation_oncology", "施光", "232"), ("radiology", "陶影", "232"),
        ("pathology", "洪镜", "232"), ("breast_surgery", "翟安", "231"),
        ("genetic_counselling", "安基", "232"), ("tcm_oncology", "倪本", "232"),
        ("gi_surgery", "严行", "231"), ("nutrition", "牛食", "232"),
        ("palliative_care", "温缓", "232"), ("pain", "芦宁", "232"),
        ("orthopaedic_oncology", "季骨", "231"), ("paediatric_oncology", "俞幼", "232"),
        ("reproductive_medicine", "章育", "232"),
    ),
}  # fmt: skip

_CORE = ("medical_oncology", "radiation_oncology", "radiology", "pathology")
#: hospital, Chinese name, English name, tumour types, the surgical discipline, chair's discipline.
TEAMS = (
    (JX, "胸部肿瘤MDT协作组", "Thoracic tumour team",
     ("lung_nsclc", "lung_sclc", "oesophagus"), "thoracic_surgery"),
    (JX, "消化系统肿瘤MDT协作组", "Digestive tumour team",
     ("stomach", "colon", "rectum", "liver_hcc", "biliary", "pancreas", "gist"), "gi_surgery"),
    (JX, "头颈与甲状腺肿瘤MDT协作组", "Head, neck and thyroid team",
     ("nasopharynx", "oral_oropharynx", "larynx_hypopharynx", "thyroid"), "thyroid_surgery"),
    (JX, "妇科与乳腺肿瘤MDT协作组", "Gynaecological and breast team",
     ("cervix", "endometrium", "ovary", "breast"), "gynae_oncology"),
    (JX, "综合肿瘤MDT协作组", "General tumour team",
     ("kidney", "bladder", "prostate", "melanoma", "sarcoma", "lymphoma", "myeloma", "cns",
      "unknown_primary", "other_solid"), "gi_surgery"),
    (JL, "吉林示范综合肿瘤MDT协作组", "Jilin general tumour team",
     ("lung_nsclc", "lung_sclc", "stomach", "oesophagus", "colon", "rectum", "liver_hcc",
      "biliary", "pancreas", "breast", "cervix", "ovary", "sarcoma", "other_solid"), "gi_surgery"),
)  # fmt: skip


def core_disciplines(team: str) -> tuple[str, ...]:
    """Those that a team wants at its table."""
    return next((*_CORE, surgery) for _, zh, _, _, surgery in TEAMS if zh == team)


@dataclass
class People:
    """Accounts by name, teams by Chinese name, experts by (hospital, discipline)."""

    users: dict[str, int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    experts: dict[tuple[str, str], str] = field(default_factory=dict)

    def chair_of(self, hospital: str) -> str:
        """The account that chairs the teams of a consulting hospital."""
        return "chair" if hospital == JX else self.experts[JL, "medical_oncology"]

    def chair_discipline(self, hospital: str) -> str:
        """The discipline of that chair."""
        return "thoracic_surgery" if hospital == JX else "medical_oncology"

    def viewer(self, username: str, now: datetime) -> Viewer:
        """The person as services know them at a moment."""
        user = find_user(username)
        if user is None:
            raise LookupError(username)
        return viewer_of(user, now=now)


def make_people(made: Places, password: str, *, now: datetime) -> People:
    """Accounts with one password for all, teams and rosters."""
    people = People()
    hashed = hash_password(password)
    for person in (*NAMED, *OTHERS, *_experts()):
        _add(people, made, person, hashed, now)
    for person in NAMED:
        if person.hospital == JX and person.discipline and person.username != "chair":
            people.experts[JX, person.discipline] = person.username
    people.experts[JX, "thoracic_surgery"] = "chair"
    for team in TEAMS:
        _make_team(people, made, *team, now=now)
    return people


def _experts() -> list[Person]:
    return [
        Person(_expert_name(hospital, discipline), name, hospital, discipline, title)
        for hospital, rows in EXPERTS.items()
        for discipline, name, title in rows
    ]


def _expert_name(hospital: str, discipline: str) -> str:
    return f"{'jx' if hospital == JX else 'jl'}-{discipline.replace('_', '-')}"


def _add(people: People, made: Places, person: Person, hashed: str, now: datetime) -> None:
    draft = UserDraft(
        username=person.username,
        name=person.name,
        title=person.title,
        discipline=person.discipline,
        licence_number=f"DEMO{len(people.users) + 1:06d}" if person.title else "",
        practice_since=date(now.year - 15, 7, 1) if person.title else None,
    )
    hospital_id = made.hospitals[person.hospital] if person.hospital else None
    user = people_admin.save_person(None, None, draft, hospital_id, now=now)
    people.users[person.username] = user.id
    memberships = tuple(_membership(made, role, place) for role, place in person.roles)
    if memberships:
        people_admin.set_roles(None, user.id, memberships, now=now)
    set_first_password(user.id, hashed, now=now)
    if person.hospital in (JX, JL) and person.discipline:
        people.experts.setdefault((person.hospital, person.discipline), person.username)


def _membership(made: Places, role: Role, place: str) -> Membership:
    if place in made.hospitals:
        return Membership(role, hospital_id=made.hospitals[place])
    return Membership(role, region_code=place or None)


def _make_team(
    people: People, made: Places, hospital: str, zh: str, en: str, types: tuple[str, ...],
    surgery: str, *, now: datetime,
) -> None:  # fmt: skip
    draft = TeamDraft(zh, types, (*_CORE, surgery), 4, en)
    team = places.save_team(None, None, made.hospitals[hospital], draft, now=now)
    people.teams[zh] = team.id
    prefix = "" if hospital == JX else "jl-"
    seats: list[tuple[str, str, str | None]] = [
        (f"{prefix}coordinator", "coordinator", None),
        (f"{prefix}recorder", "recorder", None),
    ]
    chair = people.chair_of(hospital)
    seats.append((chair, "chair", people.chair_discipline(hospital)))
    seats += [
        (username, "expert", discipline)
        for (where, discipline), username in people.experts.items()
        if where == hospital and username != chair
    ]
    for username, role, discipline in seats:
        rosters.add_seat(None, team.id, people.users[username], role, discipline, now=now)
