"""Each series notes whether a doctor has to say first that it is the patient's.

Who may see a series is asked with every picture; to open the sealed names each time would be too
slow. So it is noted whenever a side of the comparison changes: a header, the patient, a decision.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mdt.extensions import db
from mdt.models.attachments import Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from mdt.queries.identity_checks import identity_judge
from mdt.rules.audit import AuditAction
from mdt.services.unit_of_work import Work, begin_reading, unit_of_work

_CASES_AT_ONCE = 20


def mark_case(work: Work, case: Case) -> None:
    """Note it anew for every series of a case that was loaded for its viewer."""
    work.session.flush()
    statement = select(Series).where(Series.case_id == case.id).options(joinedload(Series.study))
    rows = work.session.scalars(scope.scoped_children(statement, of="case")).all()
    mark_series(case, [(row.study, row) for row in rows])


def mark_series(case: Case, rows: Iterable[tuple[Study, Series]]) -> None:
    """Note it for these series of a loaded case, inside the running unit of work."""
    by_study: dict[Study, list[Series]] = defaultdict(list)
    for study, series in rows:
        by_study[study].append(series)
    if not by_study:
        return
    judge = identity_judge(case)
    for study, found in by_study.items():
        waiting = judge.unconfirmed(study, {one.series_uid for one in found})
        for one in found:
            one.unconfirmed = one.series_uid in waiting


def mark_cases_of(work: Work, patient_ids: Collection[str]) -> None:
    """The same for every case of patients whose identity has changed."""
    work.session.flush()
    statement = select(Case).where(
        Case.patient_id.in_(patient_ids), Case.id.in_(select(Series.case_id))
    )
    because = "another name of a patient is held against the images of all cases of that patient"
    for case in work.session.scalars(scope.unscoped(statement, because=because)).all():
        mark_case(work, case)


def mark_unjudged(*, now: datetime) -> int:
    """Note it for what an earlier version took; return how many cases. Side effects: rows."""
    done = 0
    while cases := _mark_some(now):
        done += cases
    return done


def _mark_some(now: datetime) -> int:
    begin_reading()
    unjudged = select(Series.case_id).where(Series.unconfirmed.is_(None))
    statement = select(Case).where(Case.id.in_(unjudged)).order_by(Case.id).limit(_CASES_AT_ONCE)
    statement = scope.unscoped(statement, because="housekeeping")
    if db.session.scalar(statement) is None:
        return 0
    with unit_of_work(None, AuditAction.IDENTITY_CONFIRM, now=now) as work:
        work.silent = True
        cases = work.session.scalars(statement.with_for_update(of=Case)).all()
        for case in cases:
            mark_case(work, case)
    return len(cases)
