"""Images and documents in which a name may stand: held, looked at, let out by name."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update

from mdt.adapters.queue import queue
from mdt.models.attachments import Attachment, Instance, Series
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.attachments import get_document, series_of
from mdt.queries.cases import get_case_as_doctor
from mdt.queries.held import is_held, not_held
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.deidentification import Risk, risk_of
from mdt.rules.errors import Refused
from mdt.rules.imaging import DicomHeader
from mdt.rules.jobs import JobName
from mdt.services.unit_of_work import Work, unit_of_work

_Row = TypeVar("_Row", Attachment, Series)


def hold_at_risk(series: Series, header: DicomHeader) -> None:
    """Let a series wait where this new object of it is at risk, released before or not."""
    risk = risk_in(header)
    if risk is None:
        return
    series.risk = series.risk or risk.value
    series.released_at = series.released_by_id = None


def risk_in(header: DicomHeader) -> Risk | None:
    """Why an object waits for a person, if it does."""
    burned_in = "YES" if "burned_in" in header.notes else ""
    kinds = header.image_type.split("\\")
    return risk_of(header.sop_class_uid, header.modality, kinds, burned_in)


def release_series(viewer: Viewer, case_id: int, series_id: int, *, now: datetime) -> None:
    """Let others see a series that its hospital has looked at.

    Doctors of the own hospital: `NotFound` or `Forbidden` otherwise, `Refused("not_held")` for what
    does not wait. Side effects: rows, one audit row; a job makes its served objects say so.
    """
    with unit_of_work(viewer, AuditAction.ATTACHMENT_RELEASE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        series = series_of(case, series_id)
        _release(work, case, series)


def release_document(viewer: Viewer, case_id: int, attachment_id: int, *, now: datetime) -> None:
    """Let others see a document, as `release_series`."""
    with unit_of_work(viewer, AuditAction.ATTACHMENT_RELEASE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        _release(work, case, get_document(viewer, case.id, attachment_id))


def release_everything(viewer: Viewer, case_id: int, *, now: datetime) -> None:
    """Let others see all that waits, where all of it was made up: for demo data.

    Side effects: rows, one audit row.
    """
    with unit_of_work(viewer, AuditAction.ATTACHMENT_RELEASE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        series, documents = _held(work, case, Series), _held(work, case, Attachment)
        rows: tuple[Attachment | Series, ...] = (*series, *documents)
        for row in rows:
            _mark(work, row)
        images = sum(row.image_count for row in series)
        work.about(case, case_id=case.id, documents=len(documents), images=images)


def _held(work: Work, case: Case, table: type[_Row]) -> Sequence[_Row]:
    statement = select(table).where(table.case_id == case.id, ~not_held(table))
    return work.session.scalars(scope.scoped_children(statement, of="case")).all()


def _release(work: Work, case: Case, row: Attachment | Series) -> None:
    if not is_held(row):
        raise Refused("not_held")
    _mark(work, row)
    work.about(row, case_id=case.id)


def _mark(work: Work, row: Attachment | Series) -> None:
    row.released_at = work.now
    row.released_by_id = work.viewer.user_id if work.viewer else None
    if isinstance(row, Series):
        work.session.execute(
            update(Instance)
            .where(Instance.series_id == row.id, Instance.served_key.is_not(None))
            .values(served_stale=True)
        )
        work.after_commit(lambda: queue().put(JobName.IMAGES_PREPARE))
