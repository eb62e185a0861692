"""Rows of the register for a file: the same that the list shows, some hundred at a time."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import joinedload

from mdt.extensions import db
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.coverage import Place, coverage_rows, visible_places
from mdt.queries.coverage_distance import strict_now
from mdt.queries.patients import open_identity
from mdt.queries.register_history import IDENTITY_COLUMNS, cells_of
from mdt.queries.register_quality import quality_conditions
from mdt.queries.registry import RegisterFilter, is_wanted, shows_names
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.coverage import judge
from mdt.rules.registry import COLUMNS

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ExportScope:
    """The hospitals of an export, and those whose patients it names."""

    places: Mapping[int, Place]
    named: frozenset[int]

    @property
    def columns(self) -> tuple[str, ...]:
        """The file's columns; those of the person only where somebody is named."""
        return tuple(name for name in COLUMNS if self.named or name not in IDENTITY_COLUMNS)


def export_scope(viewer: Viewer, hospital: str) -> ExportScope:
    """What the viewer takes out: all registers in sight, or that of one code.

    Names are for who may see them in full, inside the own hospital.
    """
    places = {
        id_: place for id_, place in visible_places(viewer).items() if hospital in {"", place.code}
    }
    full = may(viewer, Permission.PATIENT_UNMASK)
    return ExportScope(
        places, frozenset(id_ for id_ in places if full and shows_names(viewer, id_))
    )


def exported_cells(
    viewer: Viewer, wanted: RegisterFilter, around: ExportScope, *, today: date
) -> Iterator[dict[str, str]]:
    """The rows' cells as codes by column, the last diagnosed first.

    Never more than some hundred rows are held.
    """
    last: Tumour | None = None
    fixed = _conditions(wanted, around.places, today)
    while batch := _batch(viewer, fixed, last):
        chosen = _chosen(viewer, wanted, around.places, [one.id for one in batch], today)
        for tumour in batch:
            if tumour.id in chosen:
                yield _cells(tumour, around)
        last = batch[-1]


def _conditions(
    wanted: RegisterFilter, places: Collection[int], today: date
) -> list[ColumnElement[bool]]:
    """What the database alone can tell."""
    conditions: list[ColumnElement[bool]] = [Tumour.hospital_id.in_(places)]
    if wanted.period is not None:
        days = Tumour.diagnosis_date.between(wanted.period.first, wanted.period.last)
        conditions.append(days)
    if wanted.check:
        conditions.append(quality_conditions(today)[wanted.check])
    return conditions


def _batch(viewer: Viewer, fixed: list[ColumnElement[bool]], last: Tumour | None) -> list[Tumour]:
    conditions = list(fixed)
    if last is not None:
        same_day = and_(Tumour.diagnosis_date == last.diagnosis_date, Tumour.id < last.id)
        conditions.append(or_(Tumour.diagnosis_date < last.diagnosis_date, same_day))
    statement = (
        scope.tumours(viewer)
        .where(*conditions)
        .options(joinedload(Tumour.patient))
        .order_by(Tumour.diagnosis_date.desc(), Tumour.id.desc())
        .limit(_AT_ONCE)
    )
    return list(db.session.scalars(statement))


def _chosen(
    viewer: Viewer,
    wanted: RegisterFilter,
    places: Mapping[int, Place],
    ids: list[int],
    today: date,
) -> set[int]:
    """Those of a batch that are wanted by stage and board, as the list judges them."""
    if not (wanted.stage or wanted.board):
        return set(ids)
    definition = strict_now(viewer, today=today)
    return {
        int(row.id)
        for row in coverage_rows(viewer, tumour_ids=ids, places=places)
        if is_wanted(row, judge(row, definition=definition, on=today), wanted)
    }


def _cells(tumour: Tumour, around: ExportScope) -> dict[str, str]:
    cells = cells_of(tumour, open_identity(tumour.patient))
    if tumour.hospital_id not in around.named:
        cells |= dict.fromkeys(IDENTITY_COLUMNS, "")
    return {"hospital_code": around.places[tumour.hospital_id].code, **cells}
