"""Rows of the own register by whom they are of: by blind index, no seal is opened to search."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, Select, select, union

from mdt.extensions import db
from mdt.models.patients import Patient
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.coverage import newest_first
from mdt.queries.patients import id_number_index, mrn_index, name_index
from mdt.queries.registry import PAGE_SIZE, RegisterPage, tumour_lines
from mdt.rules.access import Viewer
from mdt.rules.case_changes import clean_name
from mdt.rules.identity import normalise_id_number

_BECAUSE = "bounded by the hospitals whose register the viewer sees by name"
#: People of one exact name or number that are looked at; one statement can name as many.
_MOST = 500


def may_search(viewer: Viewer) -> bool:
    """Whether there is a register that the viewer sees by name."""
    return bool(scope.named_registers(viewer))


def search_register(viewer: Viewer, text: str, *, today: date) -> RegisterPage:
    """Rows of the person with exactly this name, identity number or record number.

    The last diagnosed first, a page at most; ``total`` counts all. Only in registers that the
    viewer sees by name: above the own hospital the answer alone would tell who has a tumour.
    """
    conditions = list(_by_person(text))
    if not conditions or not may_search(viewer):
        return RegisterPage((), 0, 1)
    named = scope.named_registers(viewer)
    # Each condition has an index of its own; joined by OR they may be answered by reading all.
    people = union(*(_people(condition, named) for condition in conditions))
    found = db.session.scalars(scope.unscoped(people.limit(_MOST), because=_BECAUSE)).all()
    ids, total = newest_first(Tumour.patient_id.in_(found), 0, PAGE_SIZE)
    return RegisterPage(tumour_lines(viewer, ids, today=today), total, 1)


def _people(condition: ColumnElement[bool], named: frozenset[int]) -> Select[str]:
    return select(Patient.id).where(condition, Patient.hospital_id.in_(named))


def _by_person(text: str) -> Iterator[ColumnElement[bool]]:
    if name := clean_name(text):
        yield Patient.name_index == name_index(name)
    if number := normalise_id_number(text):
        yield Patient.id_number_index == id_number_index(number)
    if mrn := text.strip():
        yield Patient.mrn_index == mrn_index(mrn)
