"""Files for tests of attachments, and sending them as the page does."""

import io
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from flask import Flask
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from mdt.adapters import sandbox
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, Series, Study
from mdt.models.cases import Case
from mdt.queries import scope
from tests.board import make_case
from tests.unit.adapters.dicom_files import dataset, dicom, file_of
from tests.world import World

JSON = {"Accept": "application/json"}


def draft(app: Flask, world: World, **columns: Any) -> int:
    """A draft of county A's clinician; gives its number."""
    with app.app_context():
        case = make_case(world, "A", "clinician", **{"number": "MDT2026-000001", **columns})
        db.session.commit()
        return case.id


def send(browser: Any, case_id: int, *files: tuple[str, bytes], **fields: str) -> Any:
    """POST files as the drop zone does; gives the answer."""
    parts = [FileStorage(io.BytesIO(data), name) for name, data in files]
    # Encoded here: the test client would write a big body to a file and leave it open.
    boundary, body = encode_multipart({"csrf_token": browser.token, "files": parts, **fields})
    return browser.client.post(
        f"/cases/{case_id}/attachments",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
        headers=JSON,
    )


@contextmanager
def no_reader() -> Iterator[None]:
    """Every child that is to read a file ends as it starts, as where there is no memory left."""
    sandbox.stop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        yield
    sandbox.stop()


def codes(answer: Any) -> list[str]:
    """What became of each file."""
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json["results"]]


def ct(count: int, series: int = 1, **attributes: Any) -> list[tuple[str, bytes]]:
    """A small CT of ``count`` slices, 5 mm apart from the head down, as named files."""
    return [
        (
            f"{series}-{number}.dcm",
            dicom(
                **{
                    "SOPInstanceUID": f"2.25.{series}000{number:04d}",
                    "SeriesInstanceUID": f"2.25.{series}",
                    "StudyDate": "20261105",
                    "StudyDescription": "胸部CT",
                    "SeriesDescription": f"轴位 {series}",
                    "SpecificCharacterSet": "ISO_IR 192",
                    "BodyPartExamined": "CHEST",
                    "PatientName": "张三丰",
                    "PatientSex": "M",
                    "PatientBirthDate": "19620305",
                    "InstanceNumber": number,
                    "ImagePositionPatient": [0, 0, 500 - 5 * number],
                    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
                    **attributes,
                }
            ),
        )
        for number in range(1, count + 1)
    ]


def ultrasound(count: int = 2, **attributes: Any) -> list[tuple[str, bytes]]:
    """Pictures of 64 x 48 pixels in one series, no two of them alike; they wait for release."""
    made = []
    for number in range(1, count + 1):
        one = dataset(
            Modality="US",
            Rows=48,
            Columns=64,
            SOPInstanceUID=f"2.25.77{number}",
            SeriesInstanceUID="2.25.77",
            InstanceNumber=number,
            **attributes,
        )
        one.PixelData = (np.arange(48 * 64, dtype="<u2") + 100 * number).tobytes()
        made.append((f"{number}.dcm", file_of(one)))
    return made


def pdf(text: str = "report", pages: int = 1) -> bytes:
    """A PDF of that many pages."""
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1)
    for number in range(pages):
        canvas.drawString(72, 700, f"{text} {number}")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def png(colour: str = "red") -> bytes:
    """A picture of 20 x 10 pixels with a comment in its metadata."""
    stream = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(stream, "PNG")
    return stream.getvalue()


def packed(*files: tuple[str, bytes]) -> bytes:
    """A ZIP of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return stream.getvalue()


def rows(app: Flask, table: type[Attachment | Instance | Series | Study]) -> list[Any]:
    """Every row of a table, by its id."""
    with app.app_context():
        statement = db.select(table).order_by(table.id)
        return list(db.session.scalars(scope.unscoped(statement, because="a test looks at rows")))


def set_state(app: Flask, case_id: int, state: str) -> None:
    """Put a case into a state with no history."""
    with app.app_context():
        db.session.execute(db.update(Case).where(Case.id == case_id).values(state=state))
        db.session.commit()


def confirm_identities(browser: Any, case_id: int, reason: str = "曾用名") -> int:
    """Say of everybody whom the headers name that this is the patient; gives of how many."""
    base = f"/cases/{case_id}/identity/"
    page = browser.get(f"/cases/{case_id}/attachments").text
    keys = [part.partition('"')[0] for part in page.split(f'href="{base}')[1:]]
    for key in keys:
        assert browser.post(f"{base}{key}", reason=reason).status_code == 302
    return len(keys)
