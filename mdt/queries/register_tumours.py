"""Rows on file that rows of a register file may be."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from mdt.models.cases import Case
from mdt.models.tumours import Tumour
from mdt.queries import scope
from mdt.queries.bulk import wanted_pairs

_BECAUSE = "bounded by the hospitals of the import"

KnownAs = tuple[int, str]
"""A hospital and what it knows a row by: the hash of what it last said, or its key."""


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
        tumours = select(Tumour).where(Tumour.patient_id.in_(patient_ids)).order_by(Tumour.id)
        for tumour in session.scalars(scope.unscoped(tumours, because=_BECAUSE)):
            self.of_site[tumour.patient_id, tumour.site3].append(tumour)
        cases = select(Case.patient_id).where(Case.patient_id.in_(patient_ids))
        self.with_cases = set(session.scalars(scope.unscoped(cases, because=_BECAUSE)))

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
        wanted = wanted_pairs(self._session, pairs)
        same = and_(Tumour.hospital_id == wanted.number, Tumour.row_hash == wanted.text)
        statement = select(Tumour).select_from(wanted.table).join(Tumour, same).order_by(Tumour.id)
        return self._session.scalars(scope.unscoped(statement, because=_BECAUSE))

    def load_nameless(self, keys: Mapping[int, Collection[str]]) -> None:
        """Load what rows that say nothing of the person may be, by hospital and their keys."""
        for hospital_id, wanted in keys.items():
            statement = select(Tumour).where(
                Tumour.hospital_id == hospital_id, Tumour.row_key.in_(wanted)
            )
            for tumour in self._session.scalars(scope.unscoped(statement, because=_BECAUSE)):
                self.nameless[hospital_id, tumour.row_key] = tumour
