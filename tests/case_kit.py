"""What tests of cases start from: a draft, a whole one, scans of consents."""

import uuid
from datetime import date
from typing import Any

from flask import Flask

from mdt.extensions import db
from mdt.models.attachments import Attachment
from mdt.models.audit import AuditRow
from mdt.models.cases import Case, CaseStep, Consent
from mdt.queries import scope
from mdt.queries.sealed_files import seal_file_name
from tests.world import NOW, World

MAN = "369921196203050015"
WOMAN = "369921196203050023"
CHILD = "369921201306012058"
WRONG = "369921196203050016"
#: Everything that a submission asks for, beside papers.
WHOLE = {
    "icd10": "C34.1",
    "diagnosis_text": "右上肺腺癌",
    "diagnosis_date": "2026-11-01",
    "diagnosis_basis": "7",
    "laterality": "2",
    "t": "T2b",
    "n": "N3",
    "m": "M0",
    "stage_date": "2026-11-02",
    "ecog": "1",
    "question": "能否手术？\n如何安排放化疗？",
}


def start(doctor: Any, world: World, **fields: str) -> int:
    """Start a draft through the page; gives the number of its row."""
    asked = {
        "ask": f"{world.team}:lung_nsclc",
        "id_number": MAN,
        "name": "张三丰",
        **fields,
    }
    answer = doctor.post("/cases/new", **asked)
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].split("/")[2])


def save(doctor: Any, case_id: int, version: int = 1, **fields: Any) -> Any:
    """Send fields as the form's autosave does."""
    body = {"fields": fields, "version": version}
    return doctor.post_json(f"/cases/{case_id}/autosave", body)


def whole(app: Flask, doctor: Any, world: World, **fields: Any) -> int:
    """A draft that may be submitted: fields, consents and their scans."""
    case_id = start(doctor, world)
    answer = save(doctor, case_id, **{**WHOLE, **fields})
    assert (answer.status_code, answer.json["errors"]) == (200, {})
    for kind in ("remote", "privacy"):
        sign(doctor, case_id, kind)
        scan(app, case_id, f"consent_{kind}")
    return case_id


def sign(doctor: Any, case_id: int, kind: str, **fields: str) -> Any:
    """Write down a consent that the patient has signed."""
    said = {"signer": "patient", "signed_on": "2026-11-10", **fields}
    return doctor.post(f"/cases/{case_id}/consents/{kind}", **said)


def scan(app: Flask, case_id: int, kind: str, name: str = "scan.pdf") -> int:
    """Attach a document of this kind, as the upload would."""
    key = uuid.uuid4().hex
    with app.app_context():
        row = Attachment(
            case_id=case_id,
            kind=kind,
            media_type="application/pdf",
            sealed_name=seal_file_name(key, name),
            storage_key=key,
            viewing_key=key,
            sha256=uuid.uuid4().hex * 2,
            size=1000,
            dated_on=date(2026, 11, 10),
            by_user_id=1,
            at=NOW,
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def load(app: Flask, case_id: int) -> Case:
    """The row as it stands, with its patient."""
    with app.app_context():
        case = db.session.scalar(
            scope.unscoped(
                db.select(Case).where(Case.id == case_id).options(db.joinedload(Case.patient)),
                because="a test looks",
            )
        )
        assert case is not None
        return case


def all_cases(app: Flask) -> list[Case]:
    """Every case there is."""
    with app.app_context():
        found = scope.unscoped(db.select(Case).order_by(Case.id), because="a test looks")
        return list(db.session.scalars(found))


def put(app: Flask, case_id: int, **columns: Any) -> None:
    """Set columns of a case behind the services' back."""
    with app.app_context():
        db.session.execute(db.update(Case).where(Case.id == case_id).values(**columns))
        db.session.commit()


def rows(app: Flask, table: type[CaseStep | Consent | AuditRow], **equal: Any) -> list[Any]:
    """Rows of a table with these values, oldest first."""
    with app.app_context():
        found = db.select(table).filter_by(**equal).order_by(table.id)
        return list(db.session.scalars(found))
