"""The quality of registers by hospital, counted by the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from mdt.extensions import db
from mdt.models.patients import Patient
from mdt.models.tumours import RegisterImport, Tumour, TumourCase
from mdt.queries import scope
from mdt.queries.coverage import Place
from mdt.queries.coverage_conditions import counts_at_all
from mdt.queries.days import DaysBetween, LocalDay
from mdt.rules.coverage import Period
from mdt.rules.coverage.quality import LATE_AFTER_DAYS, QUALITY_FIGURES
from mdt.rules.registry.importing import ImportState
from mdt.rules.registry.unlikely import BY_TABLE, SITES_WITHOUT, editions_from

_BECAUSE = "bounded by the hospitals that are visible"


@dataclass(frozen=True)
class CountedRegister:
    """A hospital's counts by the names of `QUALITY_FIGURES`, and when a file last came in."""

    place: Place
    counts: Mapping[str, int]
    imported_at: datetime | None


def count_quality(
    places: Mapping[int, Place],
    period: Period,
    *,
    today: date,
    figures: Sequence[str] = QUALITY_FIGURES,
) -> list[CountedRegister]:
    """Count the registers of these hospitals in three SELECTs; those without rows too."""
    conditions = quality_conditions(today)
    sums = (func.sum(case((conditions[name], 1), else_=0)) for name in figures)
    statement = (
        select(Tumour.hospital_id, func.max(Tumour.import_id), *sums)
        .where(
            Tumour.hospital_id.in_(places),
            Tumour.diagnosis_date.between(period.first, period.last),
        )
        .group_by(Tumour.hospital_id)
    )
    counted = {
        row[0]: row[1:] for row in db.session.execute(scope.unscoped(statement, because=_BECAUSE))
    }
    imported = _imported_at(places, {id_: row[0] for id_, row in counted.items()})
    return [
        CountedRegister(
            place, dict(zip(figures, counted.get(id_, (None,))[1:], strict=False)),
            imported.get(id_),
        )
        for id_, place in places.items()
    ]  # fmt: skip


def quality_conditions(today: date) -> dict[str, ColumnElement[bool]]:
    """The conditions behind each of `QUALITY_FIGURES`, on a row of the register."""
    kept = counts_at_all()
    counted = and_(kept, Tumour.exclusion == "")
    denominator = and_(counted, Tumour.counted_stage == "yes")
    in_a_case = exists(select(TumourCase.case_id).where(TumourCase.tumour_id == Tumour.id))
    entered_after = DaysBetween(LocalDay(Tumour.created_at), Tumour.diagnosis_date)
    return {
        "rows": kept,
        "counted": counted,
        "staged": and_(counted, Tumour.counted_stage != "unknown"),
        "treated": and_(kept, Tumour.first_treatment_date.is_not(None)),
        "denominator": denominator,
        "matched": and_(denominator, in_a_case),
        "treated_first": and_(kept, Tumour.treated_after < 0),
        "died_first": and_(kept, Tumour.death_date < Tumour.diagnosis_date),
        "future": and_(kept, Tumour.diagnosis_date > today),
        "wrong_sex": and_(kept, or_(*map(_of_sex_without, SITES_WITHOUT))),
        "early_edition": and_(kept, _early_edition()),
        "late": and_(kept, entered_after > LATE_AFTER_DAYS),
        "unstaged": and_(counted, Tumour.counted_stage == "unknown"),
        "untreated": and_(kept, Tumour.first_treatment_date.is_(None)),
        "unmatched": and_(denominator, ~in_a_case),
    }


def _of_sex_without(sex: str) -> ColumnElement[bool]:
    """A site that nobody of this sex has."""
    of_sex = exists(select(Patient.id).where(Patient.id == Tumour.patient_id, Patient.sex == sex))
    sites = (
        func.substr(Tumour.icd10, 1, max(len(first), len(last))).between(first, last)
        for first, last in SITES_WITHOUT[sex]
    )
    return and_(or_(*sites), of_sex)


def _early_edition() -> ColumnElement[bool]:
    """An edition that was not in use for the site on the day of the stage."""
    day = func.coalesce(Tumour.stage_date, Tumour.diagnosis_date)
    early = (
        and_(Tumour.staging_edition == edition, day < since, Tumour.site3.in_(categories))
        for (edition, since), categories in editions_from().items()
    )
    return and_(Tumour.staging_system.in_(BY_TABLE), or_(*early))


def _imported_at(
    hospital_ids: Iterable[int], last_of: Mapping[int, int | None]
) -> dict[int, datetime]:
    """When a file of each hospital last came in: its own, or one of several that held its rows."""
    own = select(RegisterImport.hospital_id, func.max(RegisterImport.at)).where(
        RegisterImport.hospital_id.in_(list(hospital_ids)),
        RegisterImport.state == ImportState.DONE.value,
    )
    found: dict[int, datetime] = {
        hospital_id: at
        for hospital_id, at in db.session.execute(
            scope.unscoped(own.group_by(RegisterImport.hospital_id), because=_BECAUSE)
        )
        if hospital_id is not None
    }
    named = select(RegisterImport.id, RegisterImport.at).where(
        RegisterImport.id.in_([id_ for id_ in last_of.values() if id_ is not None])
    )
    at_of = {row[0]: row[1] for row in db.session.execute(scope.unscoped(named, because=_BECAUSE))}
    for hospital_id, import_id in last_of.items():
        at = None if import_id is None else at_of.get(import_id)
        if at is not None:
            found[hospital_id] = max(at, found.get(hospital_id, at))
    return found
