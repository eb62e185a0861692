"""Who may do what: roles, permissions, and the viewer that every service is given.

``may`` answers whether a person may do a thing at all; which objects it may be done to is said in
``mdt.queries.scope`` and nowhere else.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Roles of the contract, alphabetical."""

    APPROVER = "approver"
    AUDIT = "audit"
    CHAIR = "chair"
    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    EXPERT = "expert"
    OBSERVER = "observer"
    QUALITY = "quality"
    RECORDER = "recorder"
    SECURITY = "security"
    SYSTEM = "system"


class Permission(StrEnum):
    """Things a person can be allowed to do, ``noun:verb``, alphabetical."""

    ACCOUNT_MANAGE = "account:manage"
    AUDIT_READ = "audit:read"
    CASE_APPROVE = "case:approve"
    CASE_EDIT = "case:edit"
    CASE_READ = "case:read"
    CASE_SUBMIT = "case:submit"
    CASE_TRIAGE = "case:triage"
    CONFERENCE_ANSWER = "conference:answer"
    CONFERENCE_CHAIR = "conference:chair"
    CONFERENCE_JOIN = "conference:join"
    CONFERENCE_PLAN = "conference:plan"
    CONFERENCE_READ = "conference:read"
    CONFERENCE_SPEAK = "conference:speak"
    DEFINITION_WRITE = "definition:write"
    FOLLOWUP_WRITE = "followup:write"
    MARK_WRITE = "mark:write"
    OWN_ACCOUNT = "own:account"
    PATIENT_UNMASK = "patient:unmask"
    PEOPLE_MANAGE = "people:manage"
    PLACES_MANAGE = "places:manage"
    PLAN_ADOPT = "plan:adopt"
    PLAN_READ = "plan:read"
    PLAN_SIGN = "plan:sign"
    PLAN_WRITE = "plan:write"
    READING_WRITE = "reading:write"
    REGISTRY_DECIDE = "registry:decide"
    REGISTRY_IMPORT = "registry:import"
    REGISTRY_READ = "registry:read"
    REPORT_FREEZE = "report:freeze"
    REPORT_READ = "report:read"
    WORKLIST_READ = "worklist:read"


_EVERYBODY = frozenset({Permission.OWN_ACCOUNT, Permission.WORKLIST_READ})
_SEES_CASES = frozenset(
    {
        Permission.CASE_READ,
        Permission.CONFERENCE_ANSWER,
        Permission.CONFERENCE_JOIN,
        Permission.CONFERENCE_READ,
        Permission.PLAN_READ,
    }
)
_SPEAKS = _SEES_CASES | {Permission.CONFERENCE_SPEAK}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.APPROVER: _SEES_CASES
    | {Permission.CASE_APPROVE, Permission.PATIENT_UNMASK, Permission.REGISTRY_READ},
    Role.AUDIT: frozenset({Permission.AUDIT_READ}),
    Role.CHAIR: _SPEAKS
    | {
        Permission.CASE_TRIAGE,
        Permission.CONFERENCE_CHAIR,
        Permission.CONFERENCE_PLAN,
        Permission.MARK_WRITE,
        Permission.PATIENT_UNMASK,
        Permission.PLAN_SIGN,
        Permission.PLAN_WRITE,
        Permission.READING_WRITE,
    },
    Role.CLINICIAN: _SPEAKS
    | {
        Permission.CASE_EDIT,
        Permission.CASE_SUBMIT,
        Permission.FOLLOWUP_WRITE,
        Permission.MARK_WRITE,
        Permission.PATIENT_UNMASK,
        Permission.PLAN_ADOPT,
        Permission.REGISTRY_IMPORT,
        Permission.REGISTRY_READ,
    },
    Role.COORDINATOR: _SPEAKS
    | {
        Permission.CASE_TRIAGE,
        Permission.CONFERENCE_CHAIR,
        Permission.CONFERENCE_PLAN,
        Permission.PATIENT_UNMASK,
        Permission.PLAN_WRITE,
    },
    Role.EXPERT: _SPEAKS
    | {
        Permission.MARK_WRITE,
        Permission.PATIENT_UNMASK,
        Permission.PLAN_SIGN,
        Permission.PLAN_WRITE,
        Permission.READING_WRITE,
    },
    Role.OBSERVER: _SEES_CASES,
    Role.QUALITY: frozenset(
        {
            Permission.DEFINITION_WRITE,
            Permission.REGISTRY_DECIDE,
            Permission.REGISTRY_IMPORT,
            Permission.REGISTRY_READ,
            Permission.REPORT_FREEZE,
            Permission.REPORT_READ,
        }
    ),
    Role.RECORDER: _SPEAKS | {Permission.PLAN_WRITE},
    Role.SECURITY: frozenset({Permission.ACCOUNT_MANAGE}),
    Role.SYSTEM: frozenset({Permission.PEOPLE_MANAGE, Permission.PLACES_MANAGE}),
}

#: The three administrators exclude one another and anything clinical (GB/T 22239-2019 8.1.5).
ADMINISTRATORS = frozenset({Role.AUDIT, Role.SECURITY, Role.SYSTEM})
#: Roles that make a person of a hospital see that hospital's own cases.
CLINICAL_ROLES = frozenset({Role.APPROVER, Role.CLINICIAN})
#: Team seats that see every case addressed to the team.
TEAM_DESK_ROLES = frozenset({Role.CHAIR, Role.COORDINATOR})
#: Seats at a case's agenda item from which its pictures are marked; all others look.
MARKING_SEATS = frozenset({"chair", "expert", "presenter"})

#: What a machine's token may be let in for.
TOKEN_SCOPES = frozenset({"cases", "dicomweb", "fhir", "register", "reports"})


@dataclass(frozen=True)
class Membership:
    """One role at a hospital, or over a region (quality managers)."""

    role: Role
    hospital_id: int | None = None
    region_code: str | None = None


@dataclass(frozen=True)
class Seat:
    """One role in a team's roster; ``discipline`` is a code of the discipline list."""

    role: Role
    team_id: int
    discipline: str | None = None


@dataclass(frozen=True)
class Viewer:
    """Who is asking, and when. Plain data: safe to keep over a commit, in a job, in a test.

    ``as_of`` is the moment of the request; what is open for a time (an expert's window after
    sign-off) is judged by it. ``scopes`` is set for a machine's token and empty for a person.
    """

    user_id: int
    username: str
    name: str
    hospital_id: int | None
    as_of: datetime
    memberships: tuple[Membership, ...] = ()
    seats: tuple[Seat, ...] = ()
    discipline: str | None = None
    hospital_name_zh: str = ""
    hospital_name_en: str = ""
    session_id: int | None = None
    address: str | None = None
    scopes: frozenset[str] | None = field(default=None)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held, at hospitals, over regions and in teams."""
        return frozenset(m.role for m in self.memberships) | frozenset(s.role for s in self.seats)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the roles allow."""
        return _EVERYBODY.union(*(ROLE_PERMISSIONS[role] for role in self.roles))

    def hospitals_as(self, *roles: Role) -> frozenset[int]:
        """Hospitals at which one of these roles is held."""
        return frozenset(
            m.hospital_id for m in self.memberships if m.role in roles and m.hospital_id is not None
        )

    def regions_as(self, role: Role) -> frozenset[str]:
        """Regions over which this role is held."""
        return frozenset(
            m.region_code for m in self.memberships if m.role == role and m.region_code
        )

    def teams_as(self, *roles: Role) -> frozenset[int]:
        """Teams in which one of these seats is held."""
        return frozenset(s.team_id for s in self.seats if s.role in roles)


def may(viewer: Viewer, permission: Permission) -> bool:
    """Whether this person may do such a thing at all."""
    return permission in viewer.permissions


def may_mark(viewer: Viewer, hospital_id: int, seats: Collection[str]) -> bool:
    """Whether somebody who sees a case may mark its pictures, choose key ones, compare lesions.

    Doctors of the case's hospital, and who sits at its agenda item as one of `MARKING_SEATS`
    (``seats``: all that the viewer holds there).
    """
    if not may(viewer, Permission.MARK_WRITE):
        return False
    own = hospital_id in viewer.hospitals_as(Role.CLINICIAN)
    return own or not MARKING_SEATS.isdisjoint(seats)
