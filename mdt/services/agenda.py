"""The agenda of a conference: which cases, in which order, how long, presented by whom."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference
from mdt.models.people import User
from mdt.queries import scope
from mdt.queries.case_standing import listing_blocks
from mdt.queries.cases import get_case
from mdt.queries.conferences import (
    get_conference_to_plan,
    list_invitations,
    list_items,
    lock_conference_to_plan,
)
from mdt.queries.identity_checks import waiting_by_case
from mdt.queries.roster import list_doctors
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.case_state import CaseAction, find_action
from mdt.rules.conference import (
    ConferenceState,
    ItemState,
    Slot,
    Step,
    checked_minutes,
    move_item,
    planned_times,
    reordered,
)
from mdt.rules.errors import Invalid, NotFound, Refused, Stale
from mdt.rules.notices import NoticeKind
from mdt.rules.scheduling import DEFAULT_ITEM_MINUTES
from mdt.services.case_listing import override_listing
from mdt.services.case_moves import NO_REASON, Reason, move_case
from mdt.services.invitations import PRESENTER, invite_to_item, uninvite
from mdt.services.notices import tell
from mdt.services.unit_of_work import Work, unit_of_work

#: Position of an item that was taken off; the others count from 1, without gaps.
OFF_AGENDA = 0


@dataclass(frozen=True)
class Listing:
    """A case to be put on an agenda; ``override`` where its checklist has red lights."""

    case_id: int
    minutes: int = DEFAULT_ITEM_MINUTES
    override: Reason = NO_REASON


@dataclass(frozen=True)
class Order:
    """The agenda after a move: the version of the conference and the planned times."""

    version: int
    slots: tuple[Slot, ...]


def _touch(conference: Conference) -> None:
    """The agenda is part of what two coordinators may edit: its change counts as a version."""
    flag_modified(conference, "sequence")


def add_item(viewer: Viewer, conference_id: int, listing: Listing, *, now: datetime) -> AgendaItem:
    """Put an accepted case of the team at the end of the agenda; its doctor presents it.

    Raises `Refused("listing_blocked")` while the checklist has red lights, unless ``override``
    gives a coded reason, which is kept with the case and audited by itself, and
    `Refused("identity_unconfirmed")`, override or not, while headers name somebody whom no doctor
    has confirmed to be the patient. Side effects: an item, an invitation of the presenter, the
    case moves, notices, audit rows.
    """
    checked_minutes(listing.minutes)
    if listing.override.code:
        get_conference_to_plan(viewer, conference_id)
        _refuse_strangers(get_case(viewer, listing.case_id))
        reason = listing.override
        override_listing(viewer, listing.case_id, reason.code, reason.text, now=now)
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = lock_conference_to_plan(viewer, conference_id)
        case = get_case(viewer, listing.case_id, for_update=True)
        if case.team_id != conference.team_id:
            raise NotFound
        find_action(case.state, CaseAction.SCHEDULE)
        _refuse_strangers(case)
        blocking = listing_blocks(case, today=local_date(now))
        if blocking:
            raise Refused("listing_blocked", count=len(blocking))
        item = _append(work, conference, case, listing.minutes)
        move_case(work, case, CaseAction.SCHEDULE, conference_id=conference.id)
        _ask_presenter(work, conference, item, case)
        _touch(conference)
        work.about(conference, case_id=case.id, added=item.id)
        return item


def _refuse_strangers(case: Case) -> None:
    waiting = waiting_by_case([case])[case.id]
    if waiting:
        raise Refused("identity_unconfirmed", count=waiting)


def _append(work: Work, conference: Conference, case: Case, minutes: int) -> AgendaItem:
    item = AgendaItem(
        conference_id=conference.id,
        case_id=case.id,
        position=len(list_items(conference.id)) + 1,
        minutes=minutes,
    )
    work.session.add(item)
    work.session.flush()
    return item


def _ask_presenter(work: Work, conference: Conference, item: AgendaItem, case: Case) -> None:
    doctors = list_doctors([case.hospital_id])[case.hospital_id]
    presenter = next((one for one in doctors if one.id == case.created_by_id), None)
    if presenter is not None:
        item.presenter_id = presenter.id
        invite_to_item(work, conference, item, presenter, PRESENTER, told=True)
    tell(
        work,
        {case.created_by_id},
        NoticeKind.CASE_SCHEDULED,
        case=case,
        conference=conference,
        linked=presenter is not None,
    )


def remove_item(viewer: Viewer, conference_id: int, item_id: int, *, now: datetime) -> None:
    """Take a case off the agenda, back to the queue.

    Side effects: item and case move, who was asked to it alone is asked no longer, notices, an
    audit row.
    """
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = lock_conference_to_plan(viewer, conference_id)
        item = _item(conference, item_id)
        case = get_case(viewer, item.case_id, for_update=True)
        take_off(work, conference, item)
        move_case(work, case, CaseAction.PUT_BACK, conference_id=conference.id)
        tell(
            work,
            {case.created_by_id},
            NoticeKind.CASE_PUT_BACK,
            case=case,
            conference=conference,
            linked=False,
        )
        _touch(conference)
        work.about(conference, case_id=case.id, removed=item.id)


def take_off(work: Work, conference: Conference, item: AgendaItem) -> None:
    """Take an item off before its conference begins, inside the running work.

    Its row stays, as undiscussed and off the agenda; who was asked to it alone is asked no longer.
    """
    item.state = move_item(
        ItemState(item.state),
        ItemState.UNDISCUSSED,
        conference=ConferenceState(conference.state),
    ).value
    item.position = OFF_AGENDA
    work.session.flush()
    for invitation in list_invitations(conference.id):
        if invitation.item_id == item.id:
            uninvite(work, conference, invitation)
    _number([one for one in list_items(conference.id) if one.id != item.id])


def _number(items: Iterable[AgendaItem]) -> None:
    for position, item in enumerate(items, start=1):
        item.position = position


def _item(conference: Conference, item_id: int) -> AgendaItem:
    for item in list_items(conference.id):
        if item.id == item_id:
            return item
    raise NotFound


def move_step(
    viewer: Viewer, conference_id: int, item_id: int, step: Step, *, now: datetime
) -> Order:
    """One place up or down. Side effects: positions, an audit row."""
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = lock_conference_to_plan(viewer, conference_id)
        items = list_items(conference.id)
        _item(conference, item_id)
        order = reordered([item.id for item in items], item_id, step)
        return _arrange(work, conference, items, order)


def set_order(
    viewer: Viewer, conference_id: int, order: Sequence[int], *, version: int, now: datetime
) -> Order:
    """Put the agenda into this order, which names every item once.

    Raises `Stale` where somebody else changed the agenda since ``version``, `Invalid` for an order
    of other items. Side effects: positions, an audit row.
    """
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = lock_conference_to_plan(viewer, conference_id)
        if conference.version != version:
            raise Stale
        items = list_items(conference.id)
        if sorted(order) != sorted(item.id for item in items):
            raise Invalid({"order": "not_on_agenda"})
        return _arrange(work, conference, items, order)


def _arrange(
    work: Work, conference: Conference, items: Sequence[AgendaItem], order: Sequence[int]
) -> Order:
    by_id = {item.id: item for item in items}
    arranged = [by_id[number] for number in order]
    _number(arranged)
    _touch(conference)
    work.about(conference, order=list(order))
    slots = planned_times(conference.starts_at, [(one.id, one.minutes) for one in arranged])
    return Order(conference.version, slots)


def edit_item(
    viewer: Viewer,
    conference_id: int,
    item_id: int,
    *,
    minutes: int,
    presenter_id: int | None,
    now: datetime,
) -> None:
    """Set how long a case has and who presents it, a doctor of its hospital.

    Side effects: the item; another presenter is asked and the former no longer; an audit row.
    """
    checked_minutes(minutes)
    with unit_of_work(viewer, AuditAction.CONFERENCE_EDIT, now=now) as work:
        conference = lock_conference_to_plan(viewer, conference_id)
        item = _item(conference, item_id)
        case = get_case(viewer, item.case_id)
        item.minutes = minutes
        if presenter_id != item.presenter_id:
            _replace_presenter(work, conference, item, case, presenter_id)
        _touch(conference)
        work.about(conference, case_id=case.id, item=item.id)


def _replace_presenter(
    work: Work, conference: Conference, item: AgendaItem, case: Case, presenter_id: int | None
) -> None:
    doctors: dict[int, User] = {
        one.id: one for one in list_doctors([case.hospital_id])[case.hospital_id]
    }
    if presenter_id is not None and presenter_id not in doctors:
        raise Invalid({"presenter_id": "presenter_not_of_hospital"})
    for one in list_invitations(conference.id):
        if one.item_id == item.id and one.role == PRESENTER:
            uninvite(work, conference, one)
    item.presenter_id = presenter_id
    if presenter_id is not None:
        invite_to_item(work, conference, item, doctors[presenter_id], PRESENTER)


def cases_on(work: Work, items: Collection[AgendaItem]) -> Sequence[Case]:
    """Cases of an agenda, for telling their doctors, inside the running work."""
    statement = select(Case).where(Case.id.in_([item.case_id for item in items]))
    return work.session.scalars(
        scope.unscoped(statement, because="their doctors are told of a change of time")
    ).all()
