"""The listener's own limits: what would fill the memory breaks off, and an error lets nobody in."""

import socket
import struct

import pytest
from pynetdicom.sop_class import CTImageStorage

from mdt.adapters.dicom_listener import Answer, Limits, Listener
from tests.dicom_caller import calling
from tests.unit.adapters.dicom_files import dataset, file_of

EXPLICIT = "1.2.840.10008.1.2.1"


class Desk:
    """Lets in whom it knows, and keeps what comes until it is told to fail."""

    def __init__(self):
        self.kept = []
        self.fails = None

    def admit(self, title, address):
        if self.fails == "admit":
            raise RuntimeError("no database")
        return title if title == "CTPACS" else None

    def take(self, sender, received):
        if self.fails == "take":
            raise RuntimeError("no database")
        self.kept.append((sender, received))
        return Answer.STORED


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def port(desk):
    limits = Limits(object_bytes=2**20, all_bytes=3 * 2**20, associations=2)
    listener = Listener("MDT", desk, limits)
    yield listener.start("127.0.0.1", 0)
    listener.stop()


@pytest.fixture
def call(port):
    with calling(port) as associate:
        yield lambda: associate("CTPACS", (CTImageStorage, EXPLICIT))


def ct(**attributes):
    made = dataset(**attributes)
    file_of(made)
    return made


def test_an_error_lets_nobody_in_and_asks_for_another_try(desk, call):
    desk.fails = "admit"
    assert call().is_rejected
    desk.fails = None
    line = call()
    desk.fails = "take"
    assert line.send_c_store(ct()).Status == Answer.NO_ROOM
    desk.fails = None
    assert line.send_c_store(ct()).Status == Answer.STORED
    ((sender, received),) = desk.kept
    assert (sender, received.sop_uid) == ("CTPACS", "2.25.1003")


def test_an_object_that_is_too_large_is_broken_off_and_the_next_is_taken(desk, call):
    large = ct(EncapsulatedDocument=bytes(3 * 2**20))
    assert "Status" not in call().send_c_store(large)
    line = call()
    for number in range(4):
        # Together they are more than one may be.
        kept = line.send_c_store(
            ct(SOPInstanceUID=f"2.25.{number}", EncapsulatedDocument=bytes(2**19))
        )
        assert kept.Status == Answer.STORED
    assert len(desk.kept) == 4


def test_no_more_send_at_once_than_is_agreed(call):
    first, second, third = call(), call(), call()
    assert [one.is_established for one in (first, second, third)] == [True, True, False]
    first.release()
    assert third.is_rejected


def test_a_length_that_was_not_agreed_ends_the_connection(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(struct.pack(">BBL", 1, 0, 2**31))
        assert line.recv(100) == b""
