"""Identities and files are unreadable at rest, and a sealed cell opens in its own row alone."""

import pytest

from mdt.adapters import devices
from mdt.crypto import Keyring, SealBroken
from mdt.extensions import db
from mdt.models.patients import Patient
from mdt.queries import scope
from mdt.queries.patients import id_number_index, name_index, open_identity
from tests.attachment_kit import pdf, send

IDENTITY = ("张三丰", "369921196203050015", "MRN-MDT2026-900001")


def patients():
    statement = scope.unscoped(db.select(Patient).order_by(Patient.id), because="a test")
    return list(db.session.scalars(statement))


def test_nothing_of_an_identity_stands_in_the_database_or_the_storage(app, board, person):
    doctor = person("clinician")
    send(doctor, board.cases["A"], ("张三丰的病理.pdf", pdf("Zhang")), kind="pathology_report")
    doctor.post("/cases/search", text="张三丰")
    with app.app_context():
        assert open_identity(patients()[0]).name == "张三丰"
        db.session.remove()
    files = [path for path in app.config["MDT"].instance.rglob("*") if path.is_file()]
    assert len(files) > 2
    for path in files:
        content = path.read_bytes()
        for secret in IDENTITY:
            assert secret.encode() not in content, path
            assert secret.encode("unicode-escape") not in content, path


def test_swapped_cells_do_not_open(app, board):
    with app.app_context():
        one, other = patients()
        one.sealed_identity, other.sealed_identity = other.sealed_identity, one.sealed_identity
        db.session.commit()
        for patient in patients():
            with pytest.raises(SealBroken):
                open_identity(patient)


def test_a_changed_byte_does_not_open(app, board):
    with app.app_context():
        one = patients()[0]
        sealed = bytearray(one.sealed_identity)
        sealed[-1] ^= 1
        one.sealed_identity = bytes(sealed)
        with pytest.raises(SealBroken):
            open_identity(one)


def test_another_key_fails_closed_and_an_older_one_still_opens():
    old, new = Keyring("old key"), Keyring("new key", older=("old key",))
    sealed = old.seal(b"name", aad=b"row")
    assert new.open(sealed, aad=b"row") == b"name"
    assert new.seal(b"name", aad=b"row")[1:5].hex() == new.key_id != old.key_id
    for ring, aad in ((Keyring("new key"), b"row"), (old, b"other row")):
        with pytest.raises(SealBroken):
            ring.open(sealed, aad=aad)
    with pytest.raises(SealBroken):
        old.open(b"", aad=b"row")


def test_the_same_identity_is_sealed_differently_each_time(app, board):
    with app.app_context():
        one, other = patients()
        assert one.sealed_identity != other.sealed_identity
        assert one.id_number_index == other.id_number_index == id_number_index(IDENTITY[1])
        assert name_index("张三") != one.name_index


def test_a_blob_moved_or_changed_is_found(app):
    with app.app_context():
        storage = devices.storage()
        one, other = storage.put(b"first"), storage.put(b"second")
        root = app.config["MDT"].instance / "storage"
        path = {p.name: p for p in root.rglob("*") if p.is_file()}
        path[one.key].write_bytes(path[other.key].read_bytes())
        with pytest.raises(Exception, match=one.key):
            storage.read(one.key)
        assert storage.read(other.key) == b"second"
