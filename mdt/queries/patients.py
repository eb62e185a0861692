"""Patients: the one place where an identity is sealed and opened."""

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from os import urandom
from time import time_ns

from sqlalchemy import Select, select

from mdt.extensions import db, sealing
from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.rules.identity import mask_id_number, mask_name

_written = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Identity:
    """Who a patient is. Empty text where it is not known."""

    name: str = ""
    id_type: str = ""
    id_number: str = ""
    birth_date: date | None = None
    phone: str = ""
    mrn: str = ""
    residence_code: str = ""

    @property
    def masked_name(self) -> str:
        """As it stands where the name isn't needed."""
        return mask_name(self.name)

    @property
    def masked_id_number(self) -> str:
        """First four and last four characters."""
        return mask_id_number(self.id_number)


@dataclass(frozen=True, slots=True)
class IdentityIndexes:
    """The blind indexes by which a person is found."""

    id_number: str | None
    name: str | None
    mrn: str | None


def indexes_of(identity: Identity) -> IdentityIndexes:
    """The blind indexes of a person."""
    index = sealing.keyring.blind_index
    number, name, mrn = identity.id_number.upper(), identity.name, identity.mrn
    return IdentityIndexes(
        index("id_number", number) if number else None,
        index("name", name) if name else None,
        index("mrn", mrn) if mrn else None,
    )


def seal_identity(
    patient: Patient, identity: Identity, indexes: IdentityIndexes | None = None
) -> None:
    """Write the sealed column and its blind indexes. The patient must have its id."""
    _take(patient, _seal(patient.id, identity), indexes or indexes_of(identity))


def _take(patient: Patient, sealed: bytes, indexes: IdentityIndexes) -> None:
    patient.sealed_identity = sealed
    patient.id_number_index, patient.name_index = indexes.id_number, indexes.name
    patient.mrn_index = indexes.mrn


def ordered_number() -> str:
    """A random number that begins with the time (UUID of version 7, RFC 9562).

    What was made one after the other then lies together in an index, however many rows it has;
    by numbers that are random all through, each new row is written to a page of its own.
    """
    moment, chance = time_ns() // 1_000_000, int.from_bytes(urandom(10))
    low, high = chance & (2**62 - 1), chance >> 68
    hexes = f"{moment << 80 | 7 << 76 | high << 64 | 2 << 62 | low:032x}"
    return f"{hexes[:8]}-{hexes[8:12]}-{hexes[12:16]}-{hexes[16:20]}-{hexes[20:]}"


@dataclass(frozen=True, slots=True)
class SealedPerson:
    """Somebody sealed beforehand, for a patient who is made with this id."""

    patient_id: str
    sealed_identity: bytes
    indexes: IdentityIndexes


def seal_person(identity: Identity) -> SealedPerson:
    """Seal somebody who may become a patient."""
    number = ordered_number()
    return SealedPerson(number, _seal(number, identity), indexes_of(identity))


def take_person(patient: Patient, person: SealedPerson) -> None:
    """Write the sealed column and its blind indexes; the patient has the person's id."""
    _take(patient, person.sealed_identity, person.indexes)


def _seal(patient_id: str, identity: Identity) -> bytes:
    plain = {
        "birth_date": identity.birth_date.isoformat() if identity.birth_date else None,
        "id_number": identity.id_number,
        "id_type": identity.id_type,
        "mrn": identity.mrn,
        "name": identity.name,
        "phone": identity.phone,
        "residence_code": identity.residence_code,
    }
    return sealing.keyring.seal(_written(plain).encode(), aad=_aad(patient_id))


def open_identity(patient: Patient) -> Identity:
    """Read the sealed column. Raises `mdt.crypto.SealBroken`."""
    plain = json.loads(sealing.keyring.open(patient.sealed_identity, aad=_aad(patient.id)))
    born = plain.pop("birth_date")
    return Identity(**plain, birth_date=date.fromisoformat(born) if born else None)


def _aad(patient_id: str) -> bytes:
    return f"patient:{patient_id}".encode()


def id_number_index(id_number: str) -> str | None:
    """Blind index of an identity number, or nothing for none."""
    return sealing.keyring.blind_index("id_number", id_number.upper()) if id_number else None


def name_index(name: str) -> str | None:
    """Blind index of an exact name."""
    return sealing.keyring.blind_index("name", name) if name else None


def mrn_index(mrn: str) -> str | None:
    """Blind index of a medical record number (unique within a hospital only)."""
    return sealing.keyring.blind_index("mrn", mrn) if mrn else None


def find_patient(hospital_id: int, identity: Identity) -> Patient | None:
    """The hospital's patient with this identity number, else with this record number."""
    index = id_number_index(identity.id_number)
    if index:
        return _first(
            select(Patient).where(
                Patient.hospital_id == hospital_id, Patient.id_number_index == index
            )
        )
    number = mrn_index(identity.mrn)
    if not number:
        return None
    return _first(
        select(Patient).where(
            Patient.hospital_id == hospital_id,
            Patient.mrn_index == number,
            Patient.name_index == name_index(identity.name),
        )
    )


def _first(statement: Select[Patient]) -> Patient | None:
    bounded = scope.unscoped(statement.limit(1), because="bounded by the hospital")
    found: Patient | None = db.session.scalar(bounded)
    return found


def new_patient(
    hospital_id: int,
    identity: Identity,
    sex: str,
    *,
    now: datetime,
    indexes: IdentityIndexes | None = None,
) -> Patient:
    """A patient row, sealed, not yet in the session."""
    patient = Patient(id=str(uuid.uuid4()), hospital_id=hospital_id, sex=sex, created_at=now)
    seal_identity(patient, identity, indexes)
    return patient
