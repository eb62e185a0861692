"""Files that seem to name somebody else: side by side with the patient, and what was decided."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from mdt.extensions import db, sealing
from mdt.models.attachments import Series, Study
from mdt.models.cases import Case
from mdt.models.identity_checks import IdentityCheck
from mdt.models.people import User
from mdt.pinyin import readings
from mdt.queries import scope
from mdt.queries.cases import sees_identity
from mdt.queries.patients import open_identity
from mdt.queries.sealed_files import open_people
from mdt.rules.access import Viewer
from mdt.rules.errors import NotFound
from mdt.rules.header_identity import (
    Comparison,
    IdentityField,
    KnownPatient,
    compare_identity,
    differs,
    to_confirm,
    to_show,
)
from mdt.rules.identity import mask_id_number, mask_name

_MASKS = {IdentityField.NAME: mask_name, IdentityField.ID_NUMBER: mask_id_number}


@dataclass(frozen=True)
class Confirmed:
    """A doctor's word that this is the patient."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Mismatch:
    """A person whom a header names and who does not look like the patient of the case.

    ``place`` is the person's among those whom the study names. ``key`` stands for what is side by
    side, so that a decision holds for this header and this patient and for nothing else.
    """

    study_id: int
    place: int
    fields: tuple[Comparison, ...]
    key: str
    confirmed: Confirmed | None = None

    @property
    def shown(self) -> tuple[Comparison, ...]:
        """The fields with name and number masked."""
        return tuple(
            replace(one, header=mask(one.header), case=mask(one.case))
            if (mask := _MASKS.get(one.field))
            else one
            for one in self.fields
        )

    @property
    def contradicts(self) -> bool:
        """The header says something else than the case; otherwise its name is to be looked at."""
        return differs(self.fields)

    @property
    def asks(self) -> bool:
        """A person has to say whether this is the patient; pinyin of the name asks nothing."""
        return to_confirm(self.fields)

    @property
    def waits(self) -> bool:
        """Nobody has said so yet: the case stays off every agenda."""
        return self.asks and self.confirmed is None


@dataclass(frozen=True)
class IdentityJudge:
    """What files of one case are held against: its patient, and what was decided already."""

    case_id: int
    patient: KnownPatient
    decided: Mapping[str, Confirmed]

    def mismatches(self, study: Study, series_uids: Collection[str]) -> tuple[Mismatch, ...]:
        """People whom these series of a study name and who are to be looked at."""
        found = []
        for place, person in enumerate(open_people(study)):
            if person.series_uids and person.series_uids.isdisjoint(series_uids):
                continue
            fields = compare_identity(person.patient, self.patient)
            if to_show(fields):
                key = _key(self.case_id, fields)
                found.append(Mismatch(study.id, place, fields, key, self.decided.get(key)))
        return tuple(found)

    def unconfirmed(self, study: Study, series_uids: Collection[str]) -> frozenset[str]:
        """Which of these series name somebody of whom nobody has said that this is the patient."""
        found: set[str] = set()
        for person in open_people(study):
            fields = compare_identity(person.patient, self.patient)
            if to_confirm(fields) and _key(self.case_id, fields) not in self.decided:
                found.update(person.series_uids or series_uids)
        return frozenset(found.intersection(series_uids))


def identity_judge(case: Case) -> IdentityJudge:
    """The judge of a case that was loaded for its viewer."""
    return IdentityJudge(case.id, known_patient(case), _decisions([case.id])[case.id])


def list_mismatches(viewer: Viewer, case: Case) -> tuple[Mismatch, ...]:
    """Everybody of whom the files that count speak, for who may know the patient."""
    return _by_case([case])[case.id] if sees_identity(viewer, case) else ()


def get_mismatch(viewer: Viewer, case: Case, key: str) -> tuple[Mismatch, ...]:
    """What has this key, once for each study that says so; `NotFound` where nothing does."""
    found = tuple(one for one in list_mismatches(viewer, case) if one.key == key)
    if not found:
        raise NotFound
    return found


def waiting_by_case(cases: Collection[Case]) -> dict[int, int]:
    """How many people wait to be confirmed, for cases that were loaded with their patients."""
    return {
        number: len({one.key for one in found if one.waits})
        for number, found in _by_case(cases).items()
    }


def _by_case(cases: Collection[Case]) -> dict[int, tuple[Mismatch, ...]]:
    numbers = [case.id for case in cases]
    studies = _studies(numbers)
    # Opening an identity is work: only of cases that have images.
    decided = _decisions(numbers) if any(studies.values()) else {}
    found: dict[int, tuple[Mismatch, ...]] = dict.fromkeys(numbers, ())
    for case in cases:
        if studies[case.id]:
            judge = IdentityJudge(case.id, known_patient(case), decided[case.id])
            found[case.id] = tuple(
                one
                for study, uids in studies[case.id].items()
                for one in judge.mismatches(study, uids)
            )
    return found


def _studies(case_ids: Collection[int]) -> dict[int, dict[Study, list[str]]]:
    """Studies of cases with the series of them that are not struck out."""
    found: dict[int, dict[Study, list[str]]] = {number: {} for number in case_ids}
    rows = db.session.execute(
        scope.scoped_children(
            select(Study, Series.series_uid)
            .join(Series, Series.study_id == Study.id)
            .where(Study.case_id.in_(case_ids), Series.struck_at.is_(None))
            .order_by(Study.id),
            of="case",
        )
    )
    for study, uid in rows:
        found[study.case_id].setdefault(study, []).append(uid)
    return found


def _decisions(case_ids: Collection[int]) -> dict[int, dict[str, Confirmed]]:
    rows = db.session.execute(
        scope.scoped_children(
            select(IdentityCheck, User.name)
            .join(User, User.id == IdentityCheck.by_user_id)
            .where(IdentityCheck.case_id.in_(case_ids), IdentityCheck.withdrawn_at.is_(None))
            .order_by(IdentityCheck.id),
            of="case",
        )
    )
    found: dict[int, dict[str, Confirmed]] = defaultdict(dict)
    for check, name in rows:
        found[check.case_id][check.key] = Confirmed(name, check.at, check.reason)
    return found


def known_patient(case: Case) -> KnownPatient:
    """Against whom headers are held, for a case that was loaded with its patient."""
    who = open_identity(case.patient)
    return KnownPatient(
        who.name, case.patient.sex, who.birth_date, who.id_number, readings(who.name)
    )


def _key(case_id: int, fields: tuple[Comparison, ...]) -> str:
    said = [case_id, *([one.field, one.header, one.case] for one in fields)]
    return sealing.keyring.blind_index("identity_check", json.dumps(said, ensure_ascii=False))
