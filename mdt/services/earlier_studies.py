"""A study of an earlier case, with its reports, becomes part of this one: 结果互认."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, insert, literal, select
from sqlalchemy.orm import aliased

from mdt.models.attachments import Attachment, Instance, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.cases import get_case
from mdt.queries.earlier_studies import EarlierStudy, get_earlier_study
from mdt.queries.sealed_files import open_people, seal_people
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import Forbidden, Refused
from mdt.services.attachments import check_may_add
from mdt.services.identity_marks import mark_series
from mdt.services.unit_of_work import Work, unit_of_work

_SERIES_FACTS = (
    "series_uid", "number", "modality", "body_part", "description", "contrast", "header",
    "instance_count", "image_count", "slices_missing", "slices_doubled", "risk", "released_at",
    "released_by_id", "revision",
)  # fmt: skip
#: What an object is and where its original lies. Its served form is this case's own, made later.
_INSTANCE_FACTS = (
    "sop_uid", "sop_class_uid", "number", "position", "first_image", "rows", "columns", "frames",
    "storage_key", "sha256", "size", "black_boxes",
)  # fmt: skip
_DOCUMENT_FACTS = (
    "kind", "media_type", "sealed_name", "storage_key", "viewing_key", "sha256", "size", "pages",
    "dated_on", "released_at", "released_by_id", "black_boxes",
)  # fmt: skip


@dataclass(frozen=True)
class TakenOver:
    """What became part of the case."""

    images: int
    reports: int


def take_over_study(viewer: Viewer, case_id: int, study_id: int, *, now: datetime) -> TakenOver:
    """Make a study of an earlier case of the same patient, with its reports, part of this case.

    For doctors of both cases' hospitals while files may be added: `NotFound` for a study that is
    not offered, `Forbidden` for one that may only be looked at, `Refused` for one that is here.
    What is struck out there stays there, what was released there is released here. Side
    effects: rows of this case's own, which name the blobs of the earlier one's (a blob goes
    with its last row); one audit row that says from where.
    """
    with unit_of_work(viewer, AuditAction.ATTACHMENT_TAKE_OVER, now=now) as work:
        source_id = get_earlier_study(viewer, get_case(viewer, case_id), study_id).case_id
        # The older first, as everybody does: nothing is taken back there while it is taken here.
        get_case(viewer, source_id, for_update=True)
        case = get_case(viewer, case_id, for_update=True)
        check_may_add(viewer, case)
        offered = get_earlier_study(viewer, case, study_id)
        if offered.here:
            raise Refused("study_here")
        if not offered.takeable:
            raise Forbidden
        study = _copy_study(work, case, offered)
        reports = _copy_reports(work, case, offered)
        work.about(
            study,
            case_id=case.id,
            from_case=offered.case_id,
            images=offered.images,
            reports=reports,
        )
        return TakenOver(offered.images, reports)


def _copy_study(work: Work, case: Case, offered: EarlierStudy) -> Study:
    rows = _series(work, offered.id)
    numbers = [row.id for row in rows]
    _refuse_known(work, case, numbers)
    source = rows[0].study
    uids = {row.series_uid for row in rows}
    people = [
        one
        for one in open_people(source)
        if not one.series_uids or not one.series_uids.isdisjoint(uids)
    ]
    study = Study(
        case_id=case.id,
        study_uid=source.study_uid,
        study_date=source.study_date,
        description=source.description,
        sealed_patient=seal_people(case.id, source.study_uid, people),
        taken_from_id=offered.case_id,
        by_user_id=_person(work, case),
        at=work.now,
    )
    work.session.add(study)
    work.session.flush()
    copied = [_copy_series(work, study, row) for row in rows]
    mark_series(case, [(study, row) for row in copied])
    return study


def _series(work: Work, study_id: int) -> Sequence[Series]:
    statement = (
        select(Series)
        .where(Series.study_id == study_id, Series.struck_at.is_(None))
        .order_by(Series.id)
    )
    return work.session.scalars(scope.scoped_children(statement, of="study")).all()


def _refuse_known(work: Work, case: Case, series_ids: Sequence[int]) -> None:
    """An object is in a case once."""
    own, other = aliased(Instance), aliased(Instance)
    known = exists().where(
        own.case_id == case.id, own.sop_uid == other.sop_uid, other.series_id.in_(series_ids)
    )
    statement = scope.scoped_children(select(literal(1)).where(known), of="case")
    if work.session.scalar(statement) is not None:
        raise Refused("study_here")


def _copy_series(work: Work, study: Study, source: Series) -> Series:
    facts = {name: getattr(source, name) for name in _SERIES_FACTS}
    series = Series(case_id=study.case_id, study_id=study.id, by_user_id=study.by_user_id, **facts)
    work.session.add(series)
    work.session.flush()
    columns = [getattr(Instance, name) for name in _INSTANCE_FACTS]
    chosen = select(
        literal(study.case_id), literal(series.id), literal(work.now, Instance.at.type), *columns
    ).where(Instance.series_id == source.id)
    names = ["case_id", "series_id", "at", *_INSTANCE_FACTS]
    work.session.execute(insert(Instance).from_select(names, chosen))
    return series


def _copy_reports(work: Work, case: Case, offered: EarlierStudy) -> int:
    """Copy the reports that this case has not; gives how many."""
    numbers = [one.id for one in offered.reports]
    known = select(Attachment.sha256).where(Attachment.case_id == case.id)
    hashes = set(work.session.scalars(scope.scoped_children(known, of="case")))
    wanted = select(Attachment).where(Attachment.id.in_(numbers)).order_by(Attachment.id)
    rows = work.session.scalars(scope.scoped_children(wanted, of="case")).all()
    new = [row for row in rows if row.sha256 not in hashes]
    for row in new:
        facts = {name: getattr(row, name) for name in _DOCUMENT_FACTS}
        work.session.add(
            Attachment(
                case_id=case.id,
                taken_from_id=offered.case_id,
                by_user_id=_person(work, case),
                at=work.now,
                **facts,
            )
        )
    return len(new)


def _person(work: Work, case: Case) -> int:
    return work.viewer.user_id if work.viewer else case.created_by_id
