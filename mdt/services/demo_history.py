"""Boards of the demo's past, written straight into the tables.

They stand for a history from before: nobody could re-enact a hundred discussions while a demo is
loading. Everything else of the demo goes through the services that people use. Rows are as the
services would have left them; the printed opinions are made when somebody asks for one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update

from mdt.adapters import devices
from mdt.models.attachments import Attachment
from mdt.models.cases import Case, CaseStep, Consent
from mdt.models.conferences import AgendaItem, Attendance, Conference, Invitation
from mdt.models.plans import Adoption, FollowUp, Plan, PlanRevision, Signature
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.sealed_files import seal_file_name
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import from_local, local_date
from mdt.rules.case_state import CaseAction, CaseState, move
from mdt.rules.conference import ConferenceState, InvitationAnswer, ItemState
from mdt.rules.plan import PlanDraft, PlanState, content_hash, to_content
from mdt.rules.staging import printed_group
from mdt.services.case_numbers import case_number, provisional_number
from mdt.services.matching import match_case
from mdt.services.plan_signing import new_code
from mdt.services.unit_of_work import Work, unit_of_work

_BOARDS_AT_ONCE = 12
_MINUTES = 12
_ON_THE_WAY = (CaseAction.SUBMIT, CaseAction.ACCEPT, CaseAction.SCHEDULE, CaseAction.START)
#: Steps after the discussion, as far as the case has come.
_AFTERWARDS = (CaseAction.CONCLUDE, CaseAction.SIGN, CaseAction.ADOPT, CaseAction.FOLLOW)
_COPIED = (
    "icd10", "morphology", "laterality", "case_type", "diagnosis_date", "diagnosis_basis", "t",
    "n", "m", "stage_date", "iii_plus", "first_treatment_date",
)  # fmt: skip


@dataclass(frozen=True)
class PastSeat:
    """Somebody who sat on the panel."""

    user_id: int
    hospital_id: int
    role: str
    discipline: str


@dataclass(frozen=True)
class PastItem:
    """A case of the past: the register row it was about and how far it has come.

    ``state`` is the case's state today. ``came`` are the seats that were here for it. ``fields``
    are further columns of the case. ``next_on`` is when the patient is to be seen again.
    """

    tumour_id: int
    doctor_id: int
    state: CaseState
    quorum: bool
    came: tuple[PastSeat, ...]
    plan: PlanDraft
    fields: Mapping[str, Any] = field(default_factory=dict)
    deferral_reason: str = ""
    next_on: date | None = None


@dataclass(frozen=True)
class PastBoard:
    """A conference of the past."""

    team_id: int
    starts_at: datetime
    chair_id: int
    coordinator_id: int
    panel: tuple[PastSeat, ...]
    items: tuple[PastItem, ...]
    title: str = ""


Scans = Mapping[int, Mapping[str, bytes]]
"""Hospital to kind of consent to its scan."""


def write_boards(boards: Sequence[PastBoard], scans: Scans, *, now: datetime) -> int:
    """Write past conferences with everything that hangs on them; gives the number of cases.

    Side effects: rows of a dozen tables, a blob for each consent; no audit row.
    """
    written = 0
    for start in range(0, len(boards), _BOARDS_AT_ONCE):
        some = boards[start : start + _BOARDS_AT_ONCE]
        with unit_of_work(None, AuditAction.DEMO_LOAD, now=now) as work:
            # The one audit row of this action is the mark that everything was loaded.
            work.silent = True
            tumours = _tumours(work, {item.tumour_id for board in some for item in board.items})
            for board in some:
                _write_board(work, board, tumours, scans)
                written += len(board.items)
    return written


def date_register_rows(delays: Sequence[int], *, latest: datetime, now: datetime) -> None:
    """Let the register have had each row so many days after its diagnosis, not after ``latest``.

    The files of a demo all arrive on one day; in them, without this, every past quarter is late.
    Side effects: the days of the rows; no audit row.
    """
    with unit_of_work(None, AuditAction.DEMO_LOAD, now=now) as work:
        work.silent = True
        rows = select(Tumour.id, Tumour.diagnosis_date)
        found = work.session.execute(scope.unscoped(rows, because="the demo's own register"))
        days = [
            {"id": id_, "created_at": min(latest, _entered(day, delays[id_ % len(delays)]))}
            for id_, day in found
        ]
        work.session.execute(update(Tumour), days)


def _entered(diagnosed: date, delay: int) -> datetime:
    return from_local(datetime.combine(diagnosed + timedelta(days=delay), time(17, 40)))


def _tumours(work: Work, ids: Collection[int]) -> dict[int, Tumour]:
    statement = select(Tumour).where(Tumour.id.in_(ids))
    rows = work.session.scalars(scope.unscoped(statement, because="the demo's own register"))
    return {row.id: row for row in rows}


def _write_board(work: Work, board: PastBoard, tumours: Mapping[int, Tumour], scans: Scans) -> None:
    conference = Conference(
        number=provisional_number(),
        team_id=board.team_id,
        title=board.title,
        starts_at=board.starts_at,
        minutes=max(60, len(board.items) * _MINUTES),
        place="远程会诊中心一号会议室",
        state=ConferenceState.CLOSED.value,
        chair_id=board.chair_id,
        started_at=board.starts_at,
        closed_at=board.starts_at + timedelta(minutes=len(board.items) * _MINUTES),
        created_by_id=board.coordinator_id,
        created_at=board.starts_at - timedelta(days=3),
    )
    work.session.add(conference)
    work.session.flush()
    conference.number = f"C{local_date(conference.created_at).year}-{conference.id:04d}"
    work.session.add_all(_invitations(conference, board))
    for place, item in enumerate(board.items):
        began = board.starts_at + timedelta(minutes=place * _MINUTES)
        _PastCase(work, conference, item, tumours[item.tumour_id], began).write(place + 1, scans)


def _invitations(conference: Conference, board: PastBoard) -> list[Invitation]:
    return [
        Invitation(
            conference_id=conference.id,
            user_id=seat.user_id,
            role=seat.role,
            discipline=seat.discipline or None,
            answer=InvitationAnswer.ACCEPTED.value,
            answered_at=board.starts_at - timedelta(days=2),
        )
        for seat in board.panel
    ]


class _PastCase:
    """One case with its item, opinion and what came after."""

    def __init__(
        self, work: Work, conference: Conference, item: PastItem, tumour: Tumour, began: datetime
    ) -> None:
        self.work, self.session = work, work.session
        self.conference, self.past, self.tumour = conference, item, tumour
        self.began, self.ended = began, began + timedelta(minutes=_MINUTES)
        self.deferred = bool(item.deferral_reason)

    def write(self, position: int, scans: Scans) -> None:
        """Write all of it."""
        self.case = self._case()
        self.session.add(self.case)
        self.session.flush()
        self.case.number = case_number(self.case.id, self.case.created_at)
        self._write_consents(scans[self.case.hospital_id])
        item = self._item(position)
        self.session.add(item)
        self.session.flush()
        self._write_steps()
        self._write_attendance(item)
        if not self.deferred:
            self._write_plan(item)
        match_case(self.work, self.case)

    def _case(self) -> Case:
        begun = self.began - timedelta(days=4)
        copied = {name: getattr(self.tumour, name) for name in _COPIED}
        return Case(
            number=provisional_number(),
            hospital_id=self.tumour.hospital_id,
            team_id=self.conference.team_id,
            patient_id=self.tumour.patient_id,
            state=self.past.state.value,
            created_by_id=self.past.doctor_id,
            created_at=begun,
            updated_at=self.ended,
            state_since=self.ended,
            submitted_at=begun + timedelta(hours=2),
            stage_basis="c",
            stage_group=printed_group(self.tumour.stage_group, "TNM")[:30],
            stage_text=self.tumour.stage_group[:60],
            field_edits={},
            **copied,
            **self.past.fields,
        )

    def _write_consents(self, scans: Mapping[str, bytes]) -> None:
        at = self.case.created_at + timedelta(hours=1)
        for kind, content in scans.items():
            blob = devices.storage().put(content)
            scan = Attachment(
                case_id=self.case.id,
                kind=f"consent_{kind}",
                media_type="image/jpeg",
                sealed_name=seal_file_name(blob.key, f"consent-{kind}.jpg"),
                storage_key=blob.key,
                viewing_key=blob.key,
                sha256=blob.sha256,
                size=blob.size,
                dated_on=local_date(at),
                by_user_id=self.past.doctor_id,
                at=at,
            )
            self.session.add(scan)
            self.session.flush()
            self.case.consents.append(
                Consent(
                    kind=kind,
                    signer="patient",
                    signed_on=local_date(at),
                    attachment_id=scan.id,
                    by_user_id=self.past.doctor_id,
                    at=at,
                )
            )

    def _item(self, position: int) -> AgendaItem:
        state = ItemState.DEFERRED if self.deferred else ItemState.CONCLUDED
        return AgendaItem(
            conference_id=self.conference.id,
            case_id=self.case.id,
            position=position,
            minutes=_MINUTES,
            state=state.value,
            presenter_id=self.past.doctor_id,
            started_at=self.began,
            ended_at=self.ended,
            discussed_on=None if self.deferred else local_date(self.began),
            quorum_met=None if self.deferred else self.past.quorum,
            quorum_override="" if self.past.quorum or self.deferred else "unusual_tumour",
        )

    def _write_steps(self) -> None:
        begun, held = self.case.created_at, self.began
        times = [begun + timedelta(hours=2), begun + timedelta(hours=6), held - timedelta(days=1)]
        times += [held, self.ended, self._signed_at, self._adopted_at, self._seen_at]
        after = (CaseAction.DEFER,) if self.deferred else _AFTERWARDS
        way, state = (*_ON_THE_WAY, *after), CaseState.DRAFT
        if self.past.state is CaseState.CLOSED:
            way, times = (*way, CaseAction.CLOSE), [*times, self._seen_at + timedelta(minutes=5)]
        for action, at in zip(way, times, strict=False):
            state = self._write_step(state, action, at)
            if state is self.past.state:
                break
        self.case.state_since = self.case.steps[-1].at

    def _write_step(self, state: CaseState, action: CaseAction, at: datetime) -> CaseState:
        by_desk = action not in {CaseAction.SUBMIT, *_AFTERWARDS[2:], CaseAction.CLOSE}
        target = move(state, action)
        self.case.steps.append(
            CaseStep(
                action=action.value,
                from_state=state.value,
                to_state=target.value,
                reason_list="deferral_reasons" if action is CaseAction.DEFER else "",
                reason_code=self.past.deferral_reason if action is CaseAction.DEFER else "",
                conference_id=self.conference.id if at >= self.began - timedelta(days=1) else None,
                by_user_id=self.conference.chair_id if by_desk else self.past.doctor_id,
                at=at,
            )
        )
        return target

    @property
    def _signed_at(self) -> datetime:
        return self.ended + timedelta(hours=3)

    @property
    def _adopted_at(self) -> datetime:
        return self._signed_at + timedelta(days=1)

    @property
    def _seen_at(self) -> datetime:
        return self._adopted_at + timedelta(days=9)

    def _write_attendance(self, item: AgendaItem) -> None:
        for seat in self.past.came:
            self.session.add(
                Attendance(
                    item_id=item.id,
                    user_id=seat.user_id,
                    hospital_id=seat.hospital_id,
                    discipline=seat.discipline or None,
                    role=seat.role,
                    first_seen_at=self.began,
                    last_seen_at=self.ended,
                )
            )

    def _write_plan(self, item: AgendaItem) -> None:
        plan = Plan(case_id=self.case.id, item_id=item.id, created_at=self.began)
        draft, at = self.past.plan, self._signed_at
        digest = content_hash(draft)
        revision = PlanRevision(
            plan=plan,
            case_id=self.case.id,
            number=1,
            state=PlanState.SIGNED.value,
            content=to_content(draft),
            content_hash=digest,
            field_versions={},
            verify_code=new_code(),
            opened_for_signing_at=self.ended + timedelta(hours=1),
            signed_at=at,
            updated_at=self.ended,
            updated_by_id=self.conference.chair_id,
        )
        revision.signatures = [
            Signature(
                user_id=seat.user_id,
                role=seat.role,
                discipline=seat.discipline or None,
                content_hash=digest,
                signed_at=at - timedelta(minutes=5 * place),
            )
            for place, seat in enumerate(self.past.came)
        ]
        self.session.add(plan)
        self.session.flush()
        self.case.signed_at = at
        self._write_after(revision)

    def _write_after(self, revision: PlanRevision) -> None:
        state = self.past.state
        if state is CaseState.SIGNED:
            return
        self.session.add(
            Adoption(
                case_id=self.case.id,
                revision_id=revision.id,
                decision="full",
                reason_code="full",
                by_user_id=self.past.doctor_id,
                at=self._adopted_at,
            )
        )
        if state is CaseState.ADOPTED:
            return
        treated = self.tumour.first_treatment_date
        seen = local_date(self._seen_at)
        begun = treated if treated and treated <= seen else None
        self.session.add(
            FollowUp(
                case_id=self.case.id,
                revision_id=revision.id,
                seen_on=seen,
                status="ongoing" if begun else "not_started",
                reason_code="" if begun else "waiting_list",
                vital="alive",
                response="not_assessed",
                first_treatment_date=begun,
                first_treatment_type=self.tumour.first_treatment_type if begun else "",
                steps=[],
                text="按意见治疗，一般情况可。" if begun else "已预约，等待治疗。",
                next_on=self.past.next_on,
                by_user_id=self.past.doctor_id,
                at=self._seen_at,
            )
        )
