"""Who sees what, said once.

Each function gives a SELECT that is already cut down to what the viewer may see. A SELECT on a
hospital's table that does not come from here raises `UnscopedQuery`, so that forgetting is loud.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Executable,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    false,
    inspect,
    or_,
    select,
)
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import ORMExecuteState, aliased
from sqlalchemy.sql.elements import SQLCoreOperations

from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Attendance, Conference, Invitation
from mdt.models.coverage import CoverageFreeze
from mdt.models.inbox import InboxStudy
from mdt.models.people import User
from mdt.models.plans import Plan, PlanRevision
from mdt.models.regions import Hospital, Region
from mdt.models.tumours import DuplicateDecision, RegisterImport, Tumour
from mdt.rules.access import CLINICAL_ROLES, TEAM_DESK_ROLES, Role, Viewer

_OPTION = "mdt_scoped"
#: Days for which invited people still see a case after its opinion was signed.
ACCESS_DAYS_AFTER_SIGNING = 30

# Made once: an alias copies every column of its table, and these are asked for with every request.
_Item, _Invited, _Asked = aliased(AgendaItem), aliased(Invitation), aliased(Invitation)
_Present = aliased(Attendance)
_County, _City = aliased(Region), aliased(Region)

#: Tables of the statement around a condition. Without `User` here, a condition on every user would
#: bring its own users along and be true of everybody as soon as it is true of one.
_OUTSIDE = (User, Case)

Person = int | SQLCoreOperations[int]
Moment = datetime | SQLCoreOperations[datetime]
Numbers = frozenset[int] | BindParameter[int]
#: What may have been loaded through here before the rows that hang on it.
Parent = Literal["case", "conference", "item", "revision", "series", "slide", "study", "tumour"]
Row = TypeVar("Row")
Statement = TypeVar("Statement", bound=Executable)


class UnscopedQuery(RuntimeError):
    """A SELECT on a hospital's table that did not come through this module."""


@dataclass(frozen=True)
class Reach:
    """What the conditions on cases ask of a viewer: hospitals and desks, who it is, and since when.

    Values, or placeholders (`ANYBODY`) in a statement that is put together once.
    """

    user: Person
    oldest: Moment
    hospitals: Numbers
    teams: Numbers


#: For statements that are asked so often that putting them together would take longer than to run
#: them; `reach_values` are to be given with each.
ANYBODY = Reach(
    bindparam("viewer", type_=Integer),
    bindparam("oldest", type_=Case.signed_at.type),
    bindparam("hospitals", type_=Integer, expanding=True),
    bindparam("teams", type_=Integer, expanding=True),
)


def reach_of(viewer: Viewer | Reach) -> Reach:
    """What a viewer reaches."""
    if isinstance(viewer, Reach):
        return viewer
    return Reach(
        viewer.user_id,
        oldest_open(viewer.as_of),
        viewer.hospitals_as(*CLINICAL_ROLES),
        viewer.teams_as(*TEAM_DESK_ROLES),
    )


def reach_values(viewer: Viewer) -> dict[str, Any]:
    """What stands for the placeholders of `ANYBODY` when this viewer asks."""
    reach = reach_of(viewer)
    return {
        "viewer": reach.user,
        "oldest": reach.oldest,
        "hospitals": sorted(viewer.hospitals_as(*CLINICAL_ROLES)),
        "teams": sorted(viewer.teams_as(*TEAM_DESK_ROLES)),
    }


def cases(viewer: Viewer | Reach) -> Select[Case]:
    """Cases this viewer may open.

    People of the case's hospital with a clinical role; from submission on, coordinators and chair
    of the team that it is addressed to; from scheduling until some days after sign-off, the people
    invited to its agenda item, and whoever is asked to sign for as long as it is asked.
    `mdt.queries.live_audience` asks the same for everybody in a room at once.
    """
    return _scoped(select(Case).where(case_visible(viewer)))


def case_visible(viewer: Viewer | Reach) -> ColumnElement[bool]:
    """The same sentence as a condition on `Case`, for joins."""
    return _case_within(reach_of(viewer))


# One request asks for it again and again; to put it together takes as long as to find the rows.
@lru_cache(maxsize=256)
def _case_within(reach: Reach) -> ColumnElement[bool]:
    return or_(
        Case.hospital_id.in_(reach.hospitals),
        and_(Case.team_id.in_(reach.teams), Case.submitted_at.is_not(None)),
        case_shared_with(reach.user, reach.oldest),
    )


def oldest_open(as_of: datetime) -> datetime:
    """What was signed or ended before this is closed to those who were only invited."""
    return as_of - timedelta(days=ACCESS_DAYS_AFTER_SIGNING)


def case_shared_with(user: Person, oldest: Moment) -> ColumnElement[bool]:
    """Condition on `Case`: somebody sees it without belonging to its hospital or its team's desk.

    ``user`` is one user's id, or ``User.id`` for every `User` of the statement; ``oldest`` is
    `oldest_open`, or its placeholder.
    """
    window = and_(
        Case.state != "withdrawn", or_(Case.signed_at.is_(None), Case.signed_at >= oldest)
    )
    return or_(and_(_invited_to_case(user, oldest), window), _owes_signature(user))


def _invited_to_case(user: Person, oldest: Moment) -> ColumnElement[bool]:
    """Invited to its item; after a discussion that led to no signature, for the same days."""
    return exists(
        select(_Item.id)
        .join(Conference, Conference.id == _Item.conference_id)
        .join(
            _Invited,
            and_(
                _Invited.conference_id == _Item.conference_id,
                or_(_Invited.item_id.is_(None), _Invited.item_id == _Item.id),
            ),
        )
        .where(
            _Item.case_id == Case.id,
            _Item.state != "undiscussed",
            or_(_Item.ended_at.is_(None), _Item.ended_at >= oldest, Case.signed_at >= oldest),
            Conference.state != "cancelled",
            _Invited.user_id == user,
            _Invited.withdrawn_at.is_(None),
            _Invited.answer != "declined",
        )
        .correlate(*_OUTSIDE)
    )


def _owes_signature(user: Person) -> ColumnElement[bool]:
    """Gave an opinion on the case and is asked to sign it now, an addendum long after included."""
    return exists(
        select(PlanRevision.id)
        .join(Plan, Plan.id == PlanRevision.plan_id)
        .join(_Present, _Present.item_id == Plan.item_id)
        .where(
            PlanRevision.case_id == Case.id,
            PlanRevision.state == "signing",
            _Present.user_id == user,
            _Present.role.in_(("chair", "expert")),
        )
        .correlate(*_OUTSIDE)
    )


def of_visible_case(viewer: Viewer | Reach, table: type[Row]) -> Select[Row]:
    """Rows of a table that hangs on a case (`attachment`, `study`, `plan`, ...)."""
    joined = select(table).join(Case, Case.id == table.case_id)  # type: ignore[attr-defined]
    return _scoped(joined.where(case_visible(viewer)))


def inbox_studies(viewer: Viewer) -> Select[InboxStudy]:
    """Studies that the PACS of a hospital sent, for its clinicians."""
    own = viewer.hospitals_as(Role.CLINICIAN)
    return _scoped(select(InboxStudy).where(InboxStudy.hospital_id.in_(own)))


def conferences(viewer: Viewer) -> Select[Conference]:
    """Conferences of the viewer's team desk, and those that the viewer is invited to."""
    return _scoped(select(Conference).where(conference_visible(viewer)))


def conference_visible(viewer: Viewer) -> ColumnElement[bool]:
    """The same sentence as a condition on `Conference`."""
    return _conference_within(viewer.user_id, viewer.teams_as(*TEAM_DESK_ROLES))


@lru_cache(maxsize=256)
def _conference_within(user: int, teams: frozenset[int]) -> ColumnElement[bool]:
    return or_(
        Conference.team_id.in_(teams),
        exists(
            select(_Asked.id)
            .where(
                _Asked.conference_id == Conference.id,
                _Asked.user_id == user,
                _Asked.withdrawn_at.is_(None),
            )
            .correlate(Conference)
        ),
    )


def agenda_items(viewer: Viewer) -> Select[AgendaItem]:
    """Agenda items whose case the viewer may open, in conferences that the viewer may see."""
    return _scoped(
        select(AgendaItem)
        .join(Conference, Conference.id == AgendaItem.conference_id)
        .join(Case, Case.id == AgendaItem.case_id)
        .where(conference_visible(viewer), case_visible(viewer))
    )


def tumours(viewer: Viewer) -> Select[Tumour]:
    """Register rows: of the viewer's own hospital, and of a quality manager's hospital or region.

    Whether names are shown is another question: only inside the own hospital
    (`sees_register_names`).
    """
    return _scoped(
        select(Tumour)
        .join(Hospital, Hospital.id == Tumour.hospital_id)
        .where(register_hospital_visible(viewer))
    )


def managed_tumours(viewer: Viewer) -> Select[Tumour]:
    """Register rows of the hospitals and regions whose quality manager the viewer is."""
    return _scoped(select(Tumour).where(Tumour.hospital_id.in_(managed_register_hospitals(viewer))))


def managed_register_hospitals(viewer: Viewer) -> Select[int]:
    """Numbers of the hospitals whose register the viewer answers for as a quality manager."""
    return select(Hospital.id).where(register_hospital_visible(viewer, (Role.QUALITY,)))


def duplicate_decisions(viewer: Viewer) -> Select[DuplicateDecision]:
    """Decisions on two rows that both stand in registers that the viewer answers for."""
    hospitals = managed_register_hospitals(viewer)
    lower, higher = aliased(Tumour), aliased(Tumour)
    return _scoped(
        select(DuplicateDecision)
        .join(lower, lower.id == DuplicateDecision.lower_id)
        .join(higher, higher.id == DuplicateDecision.higher_id)
        .where(lower.hospital_id.in_(hospitals), higher.hospital_id.in_(hospitals))
    )


def register_cases(viewer: Viewer) -> Select[Case]:
    """Sent cases of the hospitals whose register the viewer sees by name.

    For who keeps the register: which case a row belongs to, not what stands in it.
    """
    own = named_registers(viewer)
    sent = Case.state.not_in(("draft", "withdrawn"))
    return _scoped(select(Case).where(Case.hospital_id.in_(own), sent))


def coverage_freezes(viewer: Viewer) -> Select[CoverageFreeze]:
    """Closed periods of the hospitals and regions whose quality manager the viewer is."""
    regions = viewer.regions_as(Role.QUALITY)
    inside = (
        select(_County.code)
        .outerjoin(_City, _City.code == _County.parent_code)
        .where(
            or_(
                _County.code.in_(regions),
                _County.parent_code.in_(regions),
                _City.parent_code.in_(regions),
            )
        )
    )
    return _scoped(
        select(CoverageFreeze).where(
            or_(
                CoverageFreeze.hospital_id.in_(managed_register_hospitals(viewer)),
                CoverageFreeze.region_code.in_(inside),
            )
        )
    )


def register_imports(viewer: Viewer) -> Select[RegisterImport]:
    """Register files that the viewer sent, or for a hospital whose register the viewer sees."""
    return _scoped(
        select(RegisterImport)
        .outerjoin(Hospital, Hospital.id == RegisterImport.hospital_id)
        .where(or_(RegisterImport.by_user_id == viewer.user_id, register_hospital_visible(viewer)))
    )


def register_hospital_visible(
    viewer: Viewer, roles: tuple[Role, ...] = (Role.CLINICIAN, Role.APPROVER, Role.QUALITY)
) -> ColumnElement[bool]:
    """Condition on `Hospital`: the viewer sees its register, by one of these roles there."""
    own = viewer.hospitals_as(*roles)
    regions = viewer.regions_as(Role.QUALITY)
    return or_(Hospital.id.in_(own), _in_regions(regions) if regions else false())


def _in_regions(codes: frozenset[str]) -> ColumnElement[bool]:
    """Hospitals in a county, in a city, in a province: three levels by stored parents."""
    return exists(
        select(_County.code)
        .outerjoin(_City, _City.code == _County.parent_code)
        .where(
            _County.code == Hospital.region_code,
            or_(
                _County.code.in_(codes),
                _County.parent_code.in_(codes),
                _City.parent_code.in_(codes),
            ),
        )
        .correlate(Hospital)
    )


def sees_register_names(viewer: Viewer, hospital_id: int) -> bool:
    """By name inside the own hospital, de-identified above it."""
    return hospital_id in named_registers(viewer)


def named_registers(viewer: Viewer) -> frozenset[int]:
    """Numbers of the hospitals whose register the viewer sees by name: the own ones."""
    return viewer.hospitals_as(Role.CLINICIAN, Role.APPROVER, Role.QUALITY)


def unscoped(statement: Statement, *, because: str) -> Statement:
    """Let a SELECT through that no viewer bounds. ``because`` says why that is right."""
    if not because:
        raise ValueError("say why")
    return statement.execution_options(**{_OPTION: True})


def scoped_children(statement: Statement, *, of: Parent) -> Statement:
    """A SELECT on rows that hang on a parent which was loaded through this module just before.

    ``of`` says which: the statement must be bound to the number of one (or some) that this viewer
    was found to see, by the caller or, as the function's docstring says, by its caller.
    """
    return statement.execution_options(**{_OPTION: True})


def _scoped(statement: Select[Row]) -> Select[Row]:
    return statement.execution_options(**{_OPTION: True})


def install_guard(session: Any) -> None:
    """Make unscoped SELECTs on hospital-owned tables raise; once, however many apps there are."""
    if sqlalchemy_event.contains(session, "do_orm_execute", _refuse_unscoped):
        return
    sqlalchemy_event.listen(session, "do_orm_execute", _refuse_unscoped)


def _refuse_unscoped(state: ORMExecuteState) -> None:
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    if state.execution_options.get(_OPTION):
        return
    _refuse_owned(m.class_ for m in state.all_mappers)


def check_scoped(statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]) -> None:
    """Raise `UnscopedQuery` as running it would, for a statement that is put together once."""
    parts = statement.selects if isinstance(statement, CompoundSelect) else (statement,)
    for part in parts:
        if not isinstance(part, Select):
            raise UnscopedQuery(type(part).__name__)
        if not part.get_execution_options().get(_OPTION):
            named = (one.get("entity") for one in part.column_descriptions)
            _refuse_owned(inspect(one).mapper.class_ for one in named if one is not None)


def _refuse_owned(tables: Iterable[type]) -> None:
    owned = [table.__name__ for table in tables if _hospital_owned(table)]
    if owned:
        raise UnscopedQuery(", ".join(owned))


def _hospital_owned(table: type) -> bool:
    return bool(getattr(table, "__hospital_owned__", False))
