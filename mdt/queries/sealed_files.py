"""What files say of the patient: sealed and opened in one place."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mdt.extensions import sealing
from mdt.models.attachments import Attachment, ImageSecret, Study
from mdt.rules.imaging import DicomPatient


def seal_file_name(storage_key: str, name: str) -> bytes:
    """Seal the sender's name of a document, which often holds the patient's."""
    return sealing.keyring.seal(name.encode(), aad=_name_aad(storage_key))


def file_name(document: Attachment) -> str:
    """The sender's name of a document. Raises `mdt.crypto.SealBroken`."""
    return sealing.keyring.open(document.sealed_name, aad=_name_aad(document.storage_key)).decode()


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody whom headers of a study name, and the series that do so (none: not noted)."""

    patient: DicomPatient
    series_uids: frozenset[str] = frozenset()


def seal_people(case_id: int, study_uid: str, people: Sequence[NamedPerson]) -> bytes:
    """Seal the people whom the headers of a study name."""
    return seal_named(people, aad=_patients_aad(case_id, study_uid))


def open_people(study: Study) -> tuple[NamedPerson, ...]:
    """The people whom the headers of a study name. Raises `mdt.crypto.SealBroken`."""
    return open_named(study.sealed_patient, aad=_patients_aad(study.case_id, study.study_uid))


def seal_named(people: Sequence[NamedPerson], *, aad: bytes) -> bytes:
    """Seal whom headers name, wherever it is kept."""
    text = json.dumps([_plain(one) for one in people], ensure_ascii=False)
    return sealing.keyring.seal(text.encode(), aad=aad)


def open_named(sealed: bytes, *, aad: bytes) -> tuple[NamedPerson, ...]:
    """What `seal_named` sealed. Raises `mdt.crypto.SealBroken`."""
    return tuple(map(_person, json.loads(sealing.keyring.open(sealed, aad=aad))))


def open_patients(study: Study) -> tuple[DicomPatient, ...]:
    """The same without their series, in the same order."""
    return tuple(one.patient for one in open_people(study))


def seal_image_secret(case_id: int, secret: bytes) -> bytes:
    """Seal the secret by which a case's UIDs are mapped."""
    return sealing.keyring.seal(secret, aad=_secret_aad(case_id))


def open_image_secret(row: ImageSecret) -> bytes:
    """The secret by which a case's UIDs are mapped. Raises `mdt.crypto.SealBroken`."""
    return sealing.keyring.open(row.sealed, aad=_secret_aad(row.case_id))


def _secret_aad(case_id: int) -> bytes:
    return f"image-secret:{case_id}".encode()


def _plain(one: NamedPerson) -> dict[str, object]:
    who = one.patient
    return {
        "name": who.name,
        "name_dicom": who.name_dicom,
        "name_guessed": who.name_guessed,
        "id": who.id,
        "sex": who.sex,
        "birth_date": who.birth_date.isoformat() if who.birth_date else None,
        "other_ids": list(who.other_ids),
        "series": sorted(one.series_uids),
    }


def _person(plain: dict[str, Any]) -> NamedPerson:
    series = frozenset(plain.pop("series", ()))
    born, others = _day(plain.pop("birth_date")), tuple(plain.pop("other_ids", ()))
    return NamedPerson(DicomPatient(**plain, birth_date=born, other_ids=others), series)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _name_aad(storage_key: str) -> bytes:
    return f"attachment:{storage_key}".encode()


def _patients_aad(case_id: int, study_uid: str) -> bytes:
    return f"study:{case_id}:{study_uid}".encode()
