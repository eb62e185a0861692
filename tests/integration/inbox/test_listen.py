"""`dicom listen` as a process of its own: who may send, what is kept, what a sender is told."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
from pydicom.uid import RLELossless
from pynetdicom.sop_class import (
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    VideoEndoscopicImageStorage,
)

from mdt.adapters import devices
from mdt.adapters.dicom_listener import Listener
from mdt.cli.dicom import _Inbox
from mdt.extensions import db
from mdt.models.inbox import InboxObject, InboxStudy, PacsPeer
from mdt.rules.calendar import utc_now
from tests.attachment_kit import ct, no_reader, rows
from tests.dicom_caller import calling
from tests.live_server import ROOT, LiveServer
from tests.unit.adapters.dicom_files import dataset, file_of

MPEG4 = "1.2.840.10008.1.2.4.102"
PRIVATE = "1.2.392.200036.9116.7.8.1.1.1"


@pytest.fixture(scope="module")
def place(kept_world, tmp_path_factory):
    """A folder with the world's database, in which hospital B has used its share."""
    instance = tmp_path_factory.mktemp("listening")
    shutil.copy(kept_world.database, instance / "mdt.sqlite3")
    server = LiveServer(instance, MDT_HOSPITAL_GB="1")
    a, b = (kept_world.known.hospitals[key] for key in "AB")
    with server.app.app_context():
        for hospital, title, address, active in (
            (a, "CTPACS", "127.0.0.0/8", True),
            (a, "ELSEWHERE", "10.1.2.3", True),
            (a, "OLDPACS", "", False),
            (b, "FULLPACS", "127.0.0.1", True),
        ):
            db.session.add(
                PacsPeer(hospital_id=hospital, ae_title=title, address=address, active=active)
            )
        now = utc_now()
        study = InboxStudy(
            hospital_id=b, study_uid="2.25.1", person_index="", sealed_patient=b"", ae_title="",
            received_at=now, expires_at=now,
        )  # fmt: skip
        db.session.add(study)
        db.session.flush()
        db.session.add(
            InboxObject(
                study_id=study.id, sop_uid="", storage_key="", sha256="", size=10**9, at=now
            )
        )
        db.session.commit()
    yield server
    server.close()


@pytest.fixture(scope="module")
def port(place):
    """The port of a listener that takes what it is sent into that folder."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "dicom", "listen"]
    with (place.instance / "listener.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", "0"],
            cwd=ROOT, env=place.environment(), stdout=subprocess.PIPE, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        line = process.stdout.readline().decode()
        assert line.startswith("MDT listens on 127.0.0.1:"), line
        yield int(line.rsplit(":", 1)[1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.stdout.close()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def call(port):
    with calling(port) as associate:
        yield associate


def own(app):
    return [one for one in rows(app, InboxStudy) if one.study_uid != "2.25.1"]


def test_dcmtk_sends_a_study_and_a_stranger_is_refused(place, port, dcmtk, tmp_path):
    sent = dict(ct(3, StudyInstanceUID="2.25.500"))
    for name, data in sent.items():
        (tmp_path / name).write_bytes(data)
    files = [str(tmp_path / name) for name in sorted(sent)]
    to = ["-aec", "MDT", "127.0.0.1", str(port)]

    def run(program, title, *more):
        return subprocess.run([dcmtk(program), "-aet", title, *to, *more], check=False).returncode

    assert run("echoscu", "CTPACS") == 0
    assert run("storescu", "STRANGER", *files) != 0
    assert own(place.app) == []
    assert run("storescu", "CTPACS", *files) == 0
    (study,) = own(place.app)
    assert (study.object_count, study.modalities, study.ae_title) == (3, "CT", "CTPACS")
    with place.app.app_context():
        storage = devices.storage()
        kept = [
            storage.read(one.storage_key)
            for one in rows(place.app, InboxObject)
            if one.study_id == study.id
        ]
    # The file's own header is the listener's; what follows it is as it was sent.
    assert [data[:132] for data in kept] == [b"\0" * 128 + b"DICM"] * 3
    assert [_after_header(data) for data in kept] == [_after_header(sent[n]) for n in sorted(sent)]


def _after_header(data):
    """What follows the file meta information, whose length stands in its first element."""
    return data[144 + int.from_bytes(data[140:144], "little") :]


@pytest.mark.parametrize("title", ["STRANGER", "ELSEWHERE", "OLDPACS"])
def test_unknown_titles_and_addresses_are_refused_at_once(call, title):
    refused = call(title)
    assert (refused.is_established, refused.is_rejected) == (False, True)
    assert call("CTPACS").send_c_echo().Status == 0


def test_who_calls_somebody_else_is_refused(call):
    assert call("CTPACS", called="OTHER").is_rejected


def test_any_class_as_compressed_as_it_comes_but_no_video_and_no_questions(place, call):
    one = dataset(SOPClassUID=PRIVATE, SOPInstanceUID="2.25.601", StudyInstanceUID="2.25.600")
    file_of(one)
    one.compress(RLELossless, encapsulate_ext=False)
    line = call(
        "CTPACS",
        (PRIVATE, RLELossless),
        (VideoEndoscopicImageStorage, MPEG4),
        (PatientRootQueryRetrieveInformationModelFind, "1.2.840.10008.1.2"),
    )
    assert [cx.abstract_syntax for cx in line.accepted_contexts] == [PRIVATE]
    assert line.send_c_store(one).Status == 0x0000
    assert line.send_c_store(one).Status == 0x0000
    (study,) = [found for found in own(place.app) if found.study_uid == "2.25.600"]
    (kept,) = [found for found in rows(place.app, InboxObject) if found.study_id == study.id]
    with place.app.app_context():
        data = devices.storage().read(kept.storage_key)
    assert _after_header(data) == _after_header(file_of(one, RLELossless))
    assert RLELossless.encode() in data[:400]


def test_what_cannot_be_read_and_what_has_no_room(place, call):
    before = [len(rows(place.app, table)) for table in (InboxStudy, InboxObject)]
    explicit = (CTImageStorage, "1.2.840.10008.1.2.1")
    whole, unread = dataset(), dataset(SOPInstanceUID="2.25.8")
    del unread.StudyInstanceUID
    assert call("CTPACS", explicit).send_c_store(_ready(unread)).Status == 0xC000
    assert call("FULLPACS", explicit).send_c_store(_ready(whole)).Status == 0xA700
    assert [len(rows(place.app, table)) for table in (InboxStudy, InboxObject)] == before
    assert call("CTPACS", explicit).send_c_store(_ready(whole)).Status == 0x0000


def test_a_reader_that_fails_asks_for_another_try(app, peer):
    peer("A", "CTPACS")
    listener, one = Listener("MDT", _Inbox(app)), _ready(dataset())
    with calling(listener.start("127.0.0.1", 0)) as associate:
        line = associate("CTPACS", (CTImageStorage, "1.2.840.10008.1.2.1"))
        with no_reader():
            assert line.send_c_store(one).Status == 0xA700
        assert rows(app, InboxObject) == []
        assert line.send_c_store(one).Status == 0x0000
    listener.stop()
    assert len(rows(app, InboxObject)) == 1


def _ready(made):
    """Encoded once, so that it says by which syntax it goes out."""
    file_of(made)
    return made
