"""What is done to files of a case later: described, looked at, taken back, struck out, restored."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from mdt.adapters import devices
from mdt.models.attachments import Attachment, Instance, Series, Study
from mdt.models.cases import Case, Consent
from mdt.queries import scope
from mdt.queries.attachments import (
    blob_keys,
    file_rights,
    get_document,
    is_own_case,
    list_objects,
    series_of,
)
from mdt.queries.case_files import CaseFileList, case_files
from mdt.queries.cases import full_identity, get_case, get_case_as_doctor
from mdt.queries.sealed_files import open_patients
from mdt.rules.access import Viewer
from mdt.rules.attachments import KINDS_BY_MEDIA_TYPE, FileRefused, Kind
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date
from mdt.rules.content.reasons import LONGEST_STRIKE_REASON, checked_words
from mdt.rules.document_kinds import check_kind, offered_kinds
from mdt.rules.errors import Forbidden, Invalid, NotFound, Refused
from mdt.rules.imaging import DicomPatient
from mdt.rules.series_labels import SeriesLabel, checked_label, label_of_series, with_label
from mdt.services.attachments import check_may_add
from mdt.services.audit_log import record_view, record_view_once
from mdt.services.stored_blobs import discard_later
from mdt.services.unit_of_work import Work, unit_of_work

_ONE_LOOK = timedelta(minutes=10)


def open_case_files(viewer: Viewer, case_id: int, *, now: datetime) -> CaseFileList:
    """What is attached to a case. Side effects: an audit row, once in ten minutes.

    The page fetches its list again while files arrive.
    """
    files = case_files(viewer, case_id)
    record_view_once(
        viewer,
        AuditAction.CASE_VIEW,
        (Case.__tablename__, case_id),
        now=now,
        within=_ONE_LOOK,
        case_id=case_id,
    )
    return files


def describe_document(
    viewer: Viewer,
    case_id: int,
    attachment_id: int,
    kind: str,
    dated_on: date | None,
    *,
    now: datetime,
) -> None:
    """Correct what a document is and the day it stands for. Side effects: row, audit row."""
    if dated_on and dated_on > local_date(now):
        raise Invalid({"dated_on": "date_in_future"})
    with unit_of_work(viewer, AuditAction.ATTACHMENT_EDIT, now=now) as work:
        case = get_case(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        document = get_document(viewer, case.id, attachment_id)
        _check_kind(kind, KINDS_BY_MEDIA_TYPE[document.media_type])
        work.about(document, case_id=case.id, before=document.kind, after=kind)
        document.kind = kind
        document.dated_on = dated_on


def describe_series(
    viewer: Viewer, case_id: int, series_id: int, body_part: str, contrast: str, *, now: datetime
) -> None:
    """Say what a series shows where its header does not, or wrongly; empty takes it back.

    ``contrast`` is ``yes``, ``no`` or empty. Raises `Invalid` for another code. Side effects: row
    (what the header said stays), audit row.
    """
    label = checked_label(body_part, contrast)
    with unit_of_work(viewer, AuditAction.ATTACHMENT_EDIT, now=now) as work:
        case = get_case(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        series = series_of(case, series_id)
        before = label_of_series(series.body_part, series.contrast, series.header)
        series.header = with_label(series.header, label)
        after = label_of_series(series.body_part, series.contrast, series.header)
        work.about(series, case_id=case.id, before=_plain(before), after=_plain(after))


def _plain(label: SeriesLabel) -> str:
    return f"{label.body_part} {label.contrast_code}".strip()


def _check_kind(code: str, kind: Kind) -> None:
    if code not in offered_kinds():
        raise Invalid({"kind": "document_kind_unknown"})
    try:
        check_kind(code, kind)
    except FileRefused as refused:
        raise Invalid({"kind": refused.code}) from refused


def read_viewing_copy(
    viewer: Viewer, case_id: int, attachment_id: int, *, now: datetime
) -> tuple[bytes, str]:
    """The copy that is shown and its media type. Side effects: one audit row."""
    document = get_document(viewer, case_id, attachment_id)
    record_view(viewer, AuditAction.ATTACHMENT_VIEW, document, now=now, case_id=case_id)
    return devices.storage().read(document.viewing_key), document.media_type


def read_original(
    viewer: Viewer, case_id: int, attachment_id: int, *, now: datetime
) -> tuple[bytes, str, str]:
    """The file as it was sent, its media type, and the case's number; the own hospital's alone.

    Raises `NotFound`, or `Forbidden` for those who see the case from elsewhere. Side effects: one
    audit row.
    """
    case = _own_case(viewer, case_id)
    document = get_document(viewer, case.id, attachment_id)
    record_view(
        viewer, AuditAction.ATTACHMENT_VIEW, document, now=now, case_id=case.id, original=True
    )
    return devices.storage().read(document.storage_key), document.media_type, case.number


def list_original_objects(
    viewer: Viewer, case_id: int, series_id: int, *, now: datetime
) -> tuple[Sequence[tuple[str, int]], str]:
    """Blob and size of each object of a series as it was sent, and the case's number.

    The own hospital's alone, as `read_original`. Side effects: one audit row.
    """
    case = _own_case(viewer, case_id)
    series = series_of(case, series_id)
    record_view(viewer, AuditAction.SERIES_VIEW, series, now=now, case_id=case.id, original=True)
    return list_objects(viewer, case.id, series.id), case.number


def show_header_patients(
    viewer: Viewer, case_id: int, study_id: int, *, now: datetime
) -> tuple[DicomPatient, ...]:
    """Whom the headers of a study name, in full, for those who may know the patient.

    Side effects: one audit row.
    """
    case = get_case(viewer, case_id)
    full_identity(viewer, case)
    with unit_of_work(viewer, AuditAction.PATIENT_UNMASK, now=now) as work:
        study = work.session.scalar(
            scope.of_visible_case(viewer, Study).where(
                Study.case_id == case_id, Study.id == study_id
            )
        )
        if study is None:
            raise NotFound
        work.about(study, case_id=case_id)
        return open_patients(study)


def take_back_document(viewer: Viewer, case_id: int, attachment_id: int, *, now: datetime) -> None:
    """Remove a document that was attached by mistake, while nobody has prepared on it.

    Raises `Refused("attachment_listed")` once the case was on an agenda. Side effects: the row, and
    after the commit the bytes, are gone; one audit row.
    """
    with unit_of_work(viewer, AuditAction.ATTACHMENT_TAKE_BACK, now=now) as work:
        case = _case_to_take_from(viewer, case_id)
        document = get_document(viewer, case.id, attachment_id)
        work.about(document, case_id=case.id, kind=document.kind)
        work.session.execute(
            update(Consent).where(Consent.attachment_id == document.id).values(attachment_id=None)
        )
        work.session.delete(document)
        discard_later(work, [document.storage_key, document.viewing_key])


def take_back_series(viewer: Viewer, case_id: int, series_id: int, *, now: datetime) -> None:
    """Remove a series with its images, and its study with the last one; as `take_back_document`."""
    with unit_of_work(viewer, AuditAction.ATTACHMENT_TAKE_BACK, now=now) as work:
        case = _case_to_take_from(viewer, case_id)
        series = series_of(case, series_id)
        work.about(series, case_id=case.id, images=series.image_count)
        keys = blob_keys(viewer, case.id, series.id)
        study_id = series.study_id
        work.session.execute(delete(Instance).where(Instance.series_id == series.id))
        work.session.execute(delete(Series).where(Series.id == series.id))
        left = select(Series.id).where(Series.study_id == study_id).limit(1)
        if work.session.scalar(scope.scoped_children(left, of="study")) is None:
            work.session.execute(delete(Study).where(Study.id == study_id))
        discard_later(work, keys)


def strike_document(
    viewer: Viewer, case_id: int, attachment_id: int, reason: str, *, now: datetime
) -> None:
    """Strike a document out: it stays, is shown as struck to its own hospital, and counts no more.

    Raises `Invalid` without a reason. Side effects: row, one audit row.
    """
    reason = _checked(reason)
    with unit_of_work(viewer, AuditAction.ATTACHMENT_STRIKE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        _strike(work, case, get_document(viewer, case.id, attachment_id), reason)


def strike_series(
    viewer: Viewer, case_id: int, series_id: int, reason: str, *, now: datetime
) -> None:
    """Strike a series out, as `strike_document`."""
    reason = _checked(reason)
    with unit_of_work(viewer, AuditAction.ATTACHMENT_STRIKE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        _strike(work, case, series_of(case, series_id), reason)


def restore_document(viewer: Viewer, case_id: int, attachment_id: int, *, now: datetime) -> None:
    """Undo a strike that was a mistake. Side effects: row, one audit row."""
    with unit_of_work(viewer, AuditAction.ATTACHMENT_RESTORE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        _restore(work, case, get_document(viewer, case.id, attachment_id))


def restore_series(viewer: Viewer, case_id: int, series_id: int, *, now: datetime) -> None:
    """Undo a strike that was a mistake. Side effects: row, one audit row."""
    with unit_of_work(viewer, AuditAction.ATTACHMENT_RESTORE, now=now) as work:
        case = get_case_as_doctor(viewer, case_id)
        _restore(work, case, series_of(case, series_id))


def _strike(work: Work, case: Case, row: Attachment | Series, reason: str) -> None:
    if row.struck_at is not None:
        raise Refused("attachment_struck")
    row.struck_at = work.now
    row.struck_by_id = work.viewer.user_id if work.viewer else None
    row.struck_reason = reason
    work.about(row, case_id=case.id)


def _restore(work: Work, case: Case, row: Attachment | Series) -> None:
    if row.struck_at is None:
        raise Refused("attachment_not_struck")
    row.struck_at = row.struck_by_id = None
    row.struck_reason = ""
    work.about(row, case_id=case.id)


def _checked(reason: str) -> str:
    return checked_words(reason, longest=LONGEST_STRIKE_REASON, missing="strike_reason_required")


def _own_case(viewer: Viewer, case_id: int) -> Case:
    case = get_case(viewer, case_id)
    if not is_own_case(viewer, case):
        raise Forbidden
    return case


def _case_to_take_from(viewer: Viewer, case_id: int) -> Case:
    case = get_case_as_doctor(viewer, case_id)
    if not file_rights(viewer, case).take_back:
        raise Refused("attachment_listed")
    return case
