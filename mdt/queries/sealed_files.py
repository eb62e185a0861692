"""What files say of the patient: sealed and opened in one place."""

import json
from collections.abc import Sequence
from datetime import date

from mdt.extensions import sealing
from mdt.models.attachments import Attachment, Study
from mdt.rules.imaging import DicomPatient


def seal_file_name(storage_key: str, name: str) -> bytes:
    """Seal the sender's name of a document, which often holds the patient's."""
    return sealing.keyring.seal(name.encode(), aad=_name_aad(storage_key))


def file_name(document: Attachment) -> str:
    """The sender's name of a document. Raises `mdt.crypto.SealBroken`."""
    return sealing.keyring.open(document.sealed_name, aad=_name_aad(document.storage_key)).decode()


def seal_patients(case_id: int, study_uid: str, patients: Sequence[DicomPatient]) -> bytes:
    """Seal the people whom the headers of a study name."""
    text = json.dumps([_plain(one) for one in patients], ensure_ascii=False)
    return sealing.keyring.seal(text.encode(), aad=_patients_aad(case_id, study_uid))


def open_patients(study: Study) -> tuple[DicomPatient, ...]:
    """The people whom the headers of a study name. Raises `mdt.crypto.SealBroken`."""
    aad = _patients_aad(study.case_id, study.study_uid)
    plain = json.loads(sealing.keyring.open(study.sealed_patient, aad=aad))
    return tuple(DicomPatient(**one | {"birth_date": _day(one["birth_date"])}) for one in plain)


def _plain(one: DicomPatient) -> dict[str, object]:
    return {
        "name": one.name,
        "name_dicom": one.name_dicom,
        "name_guessed": one.name_guessed,
        "id": one.id,
        "sex": one.sex,
        "birth_date": one.birth_date.isoformat() if one.birth_date else None,
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _name_aad(storage_key: str) -> bytes:
    return f"attachment:{storage_key}".encode()


def _patients_aad(case_id: int, study_uid: str) -> bytes:
    return f"study:{case_id}:{study_uid}".encode()
