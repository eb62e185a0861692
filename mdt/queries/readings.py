"""The reading list: what a radiologist or pathologist has to look at, and what was said of it.

What was opened is read from the audit trail, where every look is written down anyway, whichever
door it came through: a table of its own would be a second truth, and one more write for each look.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from mdt.extensions import db
from mdt.models.attachments import Attachment, Series
from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem, Conference, Invitation
from mdt.models.readings import ReadingOpinion
from mdt.queries import scope
from mdt.queries.case_readiness import CaseReadiness, readiness_by_case
from mdt.queries.cases import PatientFacts, patient_facts
from mdt.queries.held import shown_to
from mdt.queries.slides import count_slides
from mdt.rules.access import Viewer
from mdt.rules.calendar import local_date
from mdt.rules.conference import ConferenceState, InvitationAnswer, ItemState
from mdt.rules.content.vocabulary import document_types
from mdt.rules.reading import (
    OPENED_BY,
    READERS,
    READING_ROLES,
    Looked,
    Opened,
    ReadingKind,
    reading_kind,
)

_COMING = (ConferenceState.SCHEDULED.value, ConferenceState.LIVE.value)
_TO_READ = (ItemState.WAITING.value, ItemState.DISCUSSING.value)
#: Items on whose case an opinion may still be given: until the board's own is signed.
_OPEN_ITEMS = (*_TO_READ, ItemState.CONCLUDED.value)


@dataclass(frozen=True)
class Material:
    """What there is to read of a case, as this viewer sees it."""

    series: int = 0
    images: int = 0
    slides: int = 0
    reports: int = 0


@dataclass(frozen=True)
class ReadingSeat:
    """As what somebody reads a case: kind, and the code of the discipline of the invitation."""

    kind: ReadingKind
    discipline: str


@dataclass(frozen=True)
class ReadingLine:
    """A case on the reading list of one person.

    ``draft`` is what this person is typing, ``given`` what readers have said, the newest first.
    """

    conference: Conference
    item: AgendaItem
    case: Case
    patient: PatientFacts
    seat: ReadingSeat
    looked: Looked
    material: Material
    readiness: CaseReadiness
    draft: ReadingOpinion | None
    given: tuple[ReadingOpinion, ...]
    viewer_id: int

    @property
    def opened(self) -> Opened:
        """How far this person has looked into the case."""
        return self.looked.opened(self.seat.kind)

    @property
    def own(self) -> ReadingOpinion | None:
        """What this person said last."""
        return next((one for one in self.given if one.by_user_id == self.viewer_id), None)

    @property
    def text(self) -> str:
        """What stands in the field: the draft, else what was said last."""
        standing = self.draft or self.own
        return standing.text if standing else ""

    @property
    def version(self) -> int:
        """Version of the draft; 0 for none."""
        return self.draft.version if self.draft else 0

    @property
    def unsaid(self) -> bool:
        """Something is typed that nobody else sees."""
        said = self.own.text if self.own else ""
        return self.draft is not None and self.draft.text.strip() not in {"", said}


def list_to_read(viewer: Viewer) -> tuple[ReadingLine, ...]:
    """Cases of coming and running conferences that the viewer is to read, the next first."""
    items = _items(viewer)
    cases = _cases(viewer, [item.case_id for item, _ in items])
    looked = looks_of(viewer, cases)
    material = _material(viewer, cases, {item.case_id: seat.kind for item, seat in items})
    readiness = readiness_by_case(list(cases.values()), today=_today(viewer))
    given = given_by_case(viewer, cases)
    drafts = _drafts(viewer, cases)
    return tuple(
        ReadingLine(
            item.conference,
            item,
            cases[item.case_id],
            patient_facts(viewer, cases[item.case_id]),
            seat,
            looked[item.case_id],
            material[item.case_id],
            readiness[item.case_id],
            drafts.get(item.case_id),
            given[item.case_id],
            viewer.user_id,
        )
        for item, seat in items
        if item.case_id in cases
    )


def count_unread(viewer: Viewer) -> dict[int, int]:
    """How many cases of each coming conference the viewer is to read and has not."""
    items = _items(viewer)
    looked = looks_of(viewer, [item.case_id for item, _ in items])
    found: dict[int, int] = defaultdict(int)
    for item, seat in items:
        if looked[item.case_id].opened(seat.kind) is not Opened.READ:
            found[item.conference_id] += 1
    return dict(found)


def reading_seat(viewer: Viewer, case_id: int) -> ReadingSeat | None:
    """As what the viewer may say something of a case that was loaded for them; else nothing."""
    row = db.session.execute(
        _asked_to_read(viewer)
        .where(AgendaItem.case_id == case_id, AgendaItem.state.in_(_OPEN_ITEMS))
        .where(Conference.state != ConferenceState.CANCELLED.value)
        .order_by(AgendaItem.id.desc(), Invitation.id)
        .with_only_columns(Invitation.discipline)
        .limit(1)
    ).first()
    return _seat(row.discipline) if row else None


def find_own_draft(viewer: Viewer, case_id: int) -> ReadingOpinion | None:
    """What the viewer is typing of a case that was loaded for them."""
    return _drafts(viewer, [case_id]).get(case_id)


def given_by_case(
    viewer: Viewer, case_ids: Collection[int]
) -> Mapping[int, tuple[ReadingOpinion, ...]]:
    """What readers have said of cases that the viewer may open, the newest first."""
    found: dict[int, list[ReadingOpinion]] = defaultdict(list)
    if case_ids:
        for row in db.session.scalars(
            scope.of_visible_case(viewer, ReadingOpinion)
            .where(ReadingOpinion.case_id.in_(case_ids), ReadingOpinion.given_at.is_not(None))
            .order_by(ReadingOpinion.given_at.desc(), ReadingOpinion.id.desc())
        ):
            found[row.case_id].append(row)
    return {number: tuple(found[number]) for number in case_ids}


def list_given(viewer: Viewer, case_id: int) -> tuple[ReadingOpinion, ...]:
    """The same of one case."""
    return given_by_case(viewer, [case_id])[case_id]


def newest_of_each(given: Sequence[ReadingOpinion]) -> tuple[ReadingOpinion, ...]:
    """The opinions that count: of each person the one that was given last."""
    counting: dict[int, ReadingOpinion] = {}
    for one in given:
        counting.setdefault(one.by_user_id, one)
    return tuple(counting.values())


def looks_of(viewer: Viewer, case_ids: Collection[int]) -> dict[int, Looked]:
    """What the viewer has opened of these cases, by the trail."""
    at: dict[int | None, dict[str, datetime]] = {number: {} for number in case_ids}
    if case_ids:
        rows = db.session.execute(
            select(AuditRow.case_id, AuditRow.action, func.max(AuditRow.at))
            .where(
                AuditRow.actor_id == viewer.user_id,
                AuditRow.case_id.in_(case_ids),
                AuditRow.action.in_([one.value for one in OPENED_BY]),
                AuditRow.result == "ok",
            )
            .group_by(AuditRow.case_id, AuditRow.action)
        )
        for case_id, action, moment in rows:
            at[case_id][action] = moment
    return {number: Looked(at[number]) for number in case_ids}


def _items(viewer: Viewer) -> list[tuple[AgendaItem, ReadingSeat]]:
    """Agenda items that the viewer is asked to read, each once."""
    rows = db.session.execute(
        _asked_to_read(viewer)
        .where(
            AgendaItem.position > 0,
            AgendaItem.state.in_(_TO_READ),
            Conference.state.in_(_COMING),
            scope.case_visible(viewer),
        )
        .options(contains_eager(AgendaItem.conference))
        .order_by(Conference.starts_at, Conference.id, AgendaItem.position, Invitation.id)
        .add_columns(Invitation.discipline)
    )
    found: dict[int, tuple[AgendaItem, ReadingSeat]] = {}
    for item, discipline in rows:
        found.setdefault(item.id, (item, _seat(discipline)))
    return list(found.values())


def _asked_to_read(viewer: Viewer) -> Select[AgendaItem]:
    """Items with conference and the viewer's invitation by a discipline that reads."""
    return scope.agenda_items(viewer).join(
        Invitation,
        and_(
            Invitation.conference_id == AgendaItem.conference_id,
            or_(Invitation.item_id.is_(None), Invitation.item_id == AgendaItem.id),
            Invitation.user_id == viewer.user_id,
            Invitation.role.in_(READING_ROLES),
            Invitation.discipline.in_(list(READERS)),
            Invitation.withdrawn_at.is_(None),
            Invitation.answer != InvitationAnswer.DECLINED.value,
        ),
    )


def _seat(discipline: str) -> ReadingSeat:
    return ReadingSeat(reading_kind(discipline) or ReadingKind.IMAGING, discipline)


def _cases(viewer: Viewer, case_ids: Collection[int]) -> dict[int, Case]:
    if not case_ids:
        return {}
    rows = db.session.scalars(
        scope.cases(viewer)
        .where(Case.id.in_(case_ids))
        .options(joinedload(Case.patient), selectinload(Case.consents))
    )
    return {case.id: case for case in rows}


def _material(
    viewer: Viewer, case_ids: Collection[int], kinds: Mapping[int, ReadingKind]
) -> dict[int, Material]:
    """Counts of what this viewer sees; what waits for release is not among it."""
    series = _counts(viewer, Series, case_ids, Series.image_count > 0, func.sum(Series.image_count))
    slides = count_slides(viewer, case_ids)
    reports = {
        kind: _counts(viewer, Attachment, case_ids, Attachment.kind.in_(_report_types(kind)))
        for kind in sorted(set(kinds.values()))
    }
    return {
        number: Material(
            *series.get(number, (0, 0)),
            slides.get(number, 0),
            reports.get(kinds[number], {}).get(number, (0, 0))[0],
        )
        for number in case_ids
    }


def _counts(
    viewer: Viewer,
    table: type[Attachment | Series],
    case_ids: Collection[int],
    wanted: ColumnElement[bool],
    total: ColumnElement[int] | None = None,
) -> dict[int, tuple[int, int]]:
    if not case_ids:
        return {}
    rows = db.session.execute(
        scope.of_visible_case(viewer, table)
        .where(
            table.case_id.in_(case_ids), table.struck_at.is_(None), wanted, shown_to(viewer, table)
        )
        .group_by(table.case_id)
        .with_only_columns(
            table.case_id, func.count(table.id), func.count() if total is None else total
        )
    )
    return {case_id: (count, int(summed or 0)) for case_id, count, summed in rows}


def _report_types(kind: ReadingKind) -> list[str]:
    return [one.code for one in document_types() if one.group == kind.value]


def _drafts(viewer: Viewer, case_ids: Collection[int]) -> dict[int, ReadingOpinion]:
    if not case_ids:
        return {}
    rows = db.session.scalars(
        scope.of_visible_case(viewer, ReadingOpinion).where(
            ReadingOpinion.case_id.in_(case_ids),
            ReadingOpinion.by_user_id == viewer.user_id,
            ReadingOpinion.given_at.is_(None),
        )
    )
    return {row.case_id: row for row in rows}


def _today(viewer: Viewer) -> date:
    return local_date(viewer.as_of)
