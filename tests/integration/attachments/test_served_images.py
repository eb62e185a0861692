"""The served form of images: stored beside the original, made for what has none."""

import io
import json
from datetime import timedelta

import pytest
from pydicom import dcmread

from mdt.adapters import devices
from mdt.extensions import db
from mdt.models.attachments import Instance, InstanceMetadata, Series, Study
from mdt.queries import scope
from mdt.rules.calendar import utc_now
from mdt.services.served_images import Prepared, prepare_images
from tests.attachment_kit import ct, draft, no_reader, rows, send


def metadata(app) -> list[dict]:
    with app.app_context():
        statement = db.select(InstanceMetadata).order_by(InstanceMetadata.instance_id)
        found = db.session.scalars(scope.unscoped(statement, because="a test looks"))
        return [json.loads(row.json) for row in found]


def served_file(app, instance: Instance) -> bytes:
    with app.app_context():
        return devices.storage().read(instance.served_key)


def test_an_image_is_stored_as_sent_and_as_served(app, doctor, case_id):
    send(doctor, case_id, *ct(2))
    (study,), (series,), instances = rows(app, Study), rows(app, Series), rows(app, Instance)
    for instance, found in zip(instances, metadata(app), strict=True):
        data = served_file(app, instance)
        served = dcmread(io.BytesIO(data))
        assert len(data) == instance.served_size
        assert served.file_meta.TransferSyntaxUID == instance.served_syntax_uid
        uids = [study.served_uid, series.served_uid, instance.served_uid]
        assert uids == [served.StudyInstanceUID, served.SeriesInstanceUID, served.SOPInstanceUID]
        assert uids == [found[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")]
        assert "张三丰".encode() not in data


def test_the_same_object_has_another_uid_in_another_case(app, doctor, world, case_id):
    other = draft(app, world, number="MDT2026-000002")
    send(doctor, case_id, *ct(1))
    send(doctor, other, *ct(1))
    first, second = rows(app, Instance)
    assert first.sop_uid == second.sop_uid
    assert first.served_uid != second.served_uid


def test_what_is_sent_later_belongs_to_the_same_study(app, doctor, case_id):
    send(doctor, case_id, *ct(1))
    ((before,), _) = rows(app, Study), send(doctor, case_id, *ct(1, series=2))
    (after,) = rows(app, Study)
    later = served_file(app, rows(app, Instance)[1])
    assert dcmread(io.BytesIO(later)).StudyInstanceUID == before.served_uid == after.served_uid


def test_metadata_goes_with_a_series_that_is_taken_back(app, doctor, case_id):
    send(doctor, case_id, *ct(2))
    assert len(metadata(app)) == 2
    doctor.post(f"/cases/{case_id}/series/1/take-back")
    assert metadata(app) == []


@pytest.fixture
def older(app, doctor, case_id):
    """Three slices as a version left them that knew no served form."""
    send(doctor, case_id, *ct(3))
    with app.app_context():
        for row in rows(app, Instance):
            devices.storage().delete(row.served_key)
        nothing = dict.fromkeys(
            ("served_uid", "served_key", "served_syntax_uid", "served_size", "frame_spans")
        )
        db.session.execute(db.update(Instance).values(**nothing))
        db.session.execute(db.update(Series).values(served_uid=None))
        db.session.execute(db.update(Study).values(served_uid=None))
        db.session.execute(db.delete(InstanceMetadata))
        db.session.commit()


@pytest.mark.usefixtures("older")
def test_what_has_no_served_form_is_drawn_and_gets_one(app, doctor, case_id):
    address = f"/cases/{case_id}/series/1/images/2.jpg"
    before = doctor.get(address)
    result = app.test_cli_runner().invoke(args=["images", "prepare"])
    assert result.output == "3 prepared, 0 cannot be decoded\n"
    (study,), (series,) = rows(app, Study), rows(app, Series)
    for row, found in zip(rows(app, Instance), metadata(app), strict=True):
        served = dcmread(io.BytesIO(served_file(app, row)))
        assert (served.StudyInstanceUID, served.SeriesInstanceUID, served.SOPInstanceUID) == (
            study.served_uid,
            series.served_uid,
            row.served_uid,
        )
        assert found["00080018"]["Value"] == [row.served_uid]
    assert doctor.get(address).data == before.data
    again = app.test_cli_runner().invoke(args=["images", "prepare"])
    assert again.output == "0 prepared, 0 cannot be decoded\n"


@pytest.mark.usefixtures("older")
def test_what_cannot_be_read_any_more_is_tried_once(app):
    with app.app_context():
        devices.storage().delete(rows(app, Instance)[0].storage_key)
    result = app.test_cli_runner().invoke(args=["images", "prepare"])
    assert result.output == "2 prepared, 1 cannot be decoded\n"
    again = app.test_cli_runner().invoke(args=["images", "prepare"])
    assert again.output == "0 prepared, 0 cannot be decoded\n"


@pytest.mark.usefixtures("older")
def test_a_passing_fault_is_not_written_down_as_the_files_own(app):
    now = utc_now()
    with app.app_context():
        with no_reader():
            assert prepare_images(now=now) == Prepared(0, 0, put_off=3)
            # They have their time to wait, and are not tried before.
            assert prepare_images(now=now) == Prepared()
        assert [one.served_syntax_uid for one in rows(app, Instance)] == [None] * 3
        assert prepare_images(now=now + timedelta(minutes=1)) == Prepared(3)
    assert all(one.served_key for one in rows(app, Instance))


@pytest.mark.usefixtures("older")
def test_what_fails_again_and_again_is_given_up(app):
    now, found = utc_now(), []
    with app.app_context(), no_reader():
        while len(found) < 20 and (done := prepare_images(now=now)) != Prepared():
            found.append(done)
            now += timedelta(hours=3)
        assert found == [Prepared(put_off=3)] * 8 + [Prepared(refused=3)]
    assert [one.served_syntax_uid for one in rows(app, Instance)] == [""] * 3
