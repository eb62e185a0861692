"""Rows on file that rows of a register file may be."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from mdt.models.cases import Case
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.bulk import on_postgresql, one_of, pair_values, values_of, wanted_pairs

_BECAUSE = "bounded by the hospitals of the import"

KnownAs = tuple[int, str]
"""A hospital and what it knows a row by: the hash of what it last said, or its key."""


@cache
def _of_patients(*, postgresql: bool) -> Select[Tumour]:
    own = one_of(Tumour.patient_id, "patient", postgresql=postgresql)
    return scope.unscoped(select(Tumour).where(own).order_by(Tumour.id), because=_BECAUSE)


@cache
def _with_cases(*, postgresql: bool) -> Select[str]:
    own = one_of(Case.patient_id, "patient", postgresql=postgresql)
    return scope.unscoped(select(Case.patient_id).where(own), because=_BECAUSE)


@cache
def _of_row(*, postgresql: bool) -> Select[Tumour]:
    wanted = wanted_pairs("row", postgresql=postgresql)
    same = and_(Tumour.hospital_id == wanted.number, Tumour.row_hash == wanted.text)
    statement = select(Tumour).select_from(wanted.table).join(Tumour, same).order_by(Tumour.id)
    return scope.unscoped(statement, because=_BECAUSE)


def known_as(tumour: Tumour) -> KnownAs:
    """By what the row that last changed a tumour is known again."""
    return tumour.hospital_id, tumour.row_hash


class TumoursOnFile:
    """The tumours of some patients, and what else rows may be, loaded at once for all of them.

    ``of_site`` by patient and the first three characters of the diagnosis, ``met`` and ``nameless``
    as they are known; ``with_cases`` are the patients of whom the system has a case.
    """

    def __init__(self, session: Session, patient_ids: Collection[str]) -> None:
        self._session = session
        self.of_site: dict[tuple[str, str], list[Tumour]] = defaultdict(list)
        self.with_cases: set[str] = set()
        self.met: dict[KnownAs, Tumour] = {}
        self.nameless: dict[KnownAs, Tumour] = {}
        if not patient_ids:
            return
        postgresql = on_postgresql(session)
        values = values_of("patient", patient_ids, postgresql=postgresql)
        for tumour in session.scalars(_of_patients(postgresql=postgresql), values):
            self.of_site[tumour.patient_id, tumour.site3].append(tumour)
        self.with_cases = set(session.scalars(_with_cases(postgresql=postgresql), values))

    def load_met_again(self, pairs: set[KnownAs]) -> None:
        """Load what these very rows last changed, whoever and whatever it is by now.

        A person may have corrected its patient or its site, which the file does not know.
        """
        loaded = [tumour for some in self.of_site.values() for tumour in some]
        for tumour in (*loaded, *self._with_hash(pairs - {known_as(one) for one in loaded})):
            if known_as(tumour) in pairs:
                self.met.setdefault(known_as(tumour), tumour)

    def _with_hash(self, pairs: set[KnownAs]) -> Iterable[Tumour]:
        if not pairs:
            return ()
        postgresql = on_postgresql(self._session)
        values = pair_values("row", pairs, postgresql=postgresql)
        return self._session.scalars(_of_row(postgresql=postgresql), values)

    def load_nameless(self, keys: Mapping[int, Collection[str]]) -> None:
        """Load what rows that say nothing of the person may be, by hospital and their keys."""
        for hospital_id, wanted in keys.items():
            statement = select(Tumour).where(
                Tumour.hospital_id == hospital_id, Tumour.row_key.in_(wanted)
            )
            for tumour in self._session.scalars(scope.unscoped(statement, because=_BECAUSE)):
                self.nameless[hospital_id, tumour.row_key] = tumour
