"""What a hospital's PACS sends, and the machines that may send."""

import io

import pydicom
import pytest

from mdt.extensions import db
from mdt.models.inbox import PacsPeer
from mdt.rules.calendar import utc_now
from mdt.services.inbox import Sender, receive_object
from tests.attachment_kit import ct


@pytest.fixture
def receive(app, world):
    """``receive(files, hospital="A")`` puts files into an inbox as the listener does."""

    def put(files, hospital="A", now=None):
        with app.app_context():
            for _, data in files:
                header = pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True)
                receive_object(
                    Sender(world.hospitals[hospital], "CTPACS"),
                    data,
                    sop_class_uid=header.SOPClassUID,
                    sop_uid=header.SOPInstanceUID,
                    now=now or utc_now(),
                )

    return put


@pytest.fixture
def study():
    """``study(2)`` is a small CT whose person, study and series go by that number.

    A sharp in the person's: no address of a file on the pages holds one.
    """

    def make(number, count=1, **attributes):
        uid = {"StudyInstanceUID": f"2.25.77{number}", "PatientID": f"P#{number}"}
        return ct(count, series=number, **{**uid, **attributes})

    return make


@pytest.fixture
def peer(app, world):
    """``peer("A", "CTPACS")`` lets a machine send for a hospital."""

    def add(hospital, title, address="127.0.0.1", active=True):
        with app.app_context():
            row = PacsPeer(
                hospital_id=world.hospitals[hospital],
                ae_title=title,
                address=address,
                active=active,
            )
            db.session.add(row)
            db.session.commit()
            return row.id

    return add
