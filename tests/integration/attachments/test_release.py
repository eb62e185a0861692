"""What may show a name waits: the own hospital looks and lets it out, others see that it waits."""

import io
import re

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from mdt.adapters import devices
from mdt.extensions import db
from mdt.models.attachments import Attachment, Instance, InstanceMetadata, Series
from mdt.models.audit import AuditRow
from mdt.queries import scope
from tests import case_kit
from tests.attachment_kit import ct, pdf, rows, send

GUEST = "radiologist"
SCREEN = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "Modality": "CT"}


def ultrasound(series: int = 7, count: int = 1):
    return ct(count, series=series, Modality="US", SeriesDescription="双肾")


@pytest.fixture
def case_id(board) -> int:
    return board.cases["A"]


@pytest.fixture
def waiting(doctor, case_id) -> str:
    """A CT that nobody need look at, an ultrasound and a report that wait."""
    send(doctor, case_id, *ct(1), *ultrasound())
    send(doctor, case_id, ("病理.pdf", pdf()))
    return f"/cases/{case_id}"


def doors(base: str) -> list[str]:
    return [
        *(f"{base}/series/2.json", f"{base}/series/2/images/1.jpg", f"{base}/viewer?series=2"),
        *(f"{base}/series/2/images/1.jpg?size=160", f"{base}/attachments/1"),
        f"{base}/attachments/1/copy",
    ]


@pytest.mark.parametrize(
    ("attributes", "risk"),
    [
        ({"Modality": "US"}, "modality"),
        ({"BurnedInAnnotation": "YES"}, "declared"),
        ({"ImageType": ["DERIVED", "SECONDARY"]}, "screen"),
        (SCREEN, "screen"),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, ""),
    ],
)
def test_a_series_at_risk_is_held(app, doctor, case_id, attributes, risk):
    send(doctor, case_id, *ct(1, **attributes))
    (series,) = rows(app, Series)
    assert (series.risk, series.released_at) == (risk, None)
    listed = [one["id"] for one in doctor.get(f"/cases/{case_id}/series.json").json]
    assert listed == [series.id]


def test_a_guest_sees_that_something_waits_and_nothing_of_it(person, waiting):
    guest = person(GUEST)
    assert [guest.get(url).status_code for url in doors(waiting)] == [404] * 6
    assert [one["id"] for one in guest.get(f"{waiting}/series.json").json] == [1]
    for page in (f"{waiting}/attachments", f"{waiting}"):
        text = guest.get(page).text
        assert "1 个序列、1 份资料待申请医院放行" in text
        assert "双肾" not in text
        assert f"{waiting}/attachments/1" not in text


@pytest.mark.parametrize("who", ["clinician", "colleague", "approver", "coordinator", "chair"])
def test_who_may_know_the_patient_sees_what_waits(person, waiting, who):
    browser = person(who)
    assert [browser.get(url).status_code for url in doors(waiting)] == [200] * 6


def test_who_looks_for_a_name_may_brighten_the_picture(doctor, waiting):
    """Each list names an element of its page, in which the pictures are."""
    for url in ("series/2/release", "series/2/black-out", "attachments/1/release"):
        page = doctor.get(f"{waiting}/{url}").text
        named = re.findall('data-contrast="#([a-z]+)"', page)
        assert [f'id="{one}"' in page for one in named] == [True] * len(named)
        assert len(named) == (0 if "<iframe" in page else 1)


def test_released_by_name_and_seen_by_guests(app, person, doctor, waiting, world):
    assert doctor.get(f"{waiting}/release").headers["Location"] == f"{waiting}/series/2/release"
    answer = doctor.post(f"{waiting}/series/2/release")
    assert answer.headers["Location"] == f"{waiting}/release"
    onward = doctor.get(f"{waiting}/release").headers["Location"]
    assert onward == f"{waiting}/attachments/1/release"
    doctor.post(onward)
    assert doctor.get(f"{waiting}/release").headers["Location"] == f"{waiting}/attachments"
    guest = person(GUEST)
    assert [guest.get(url).status_code for url in doors(waiting)] == [200] * 6
    by = {row.released_by_id for row in (rows(app, Series)[1], *rows(app, Attachment))}
    assert by == {world.users["clinician"]}
    trail = case_kit.rows(app, AuditRow, action="attachment:release")
    assert [(row.object_type, row.object_id) for row in trail] == [
        ("series", "2"), ("attachment", "1"),
    ]  # fmt: skip
    assert "待放行" not in doctor.get(f"{waiting}/attachments").text


def test_the_page_shows_the_pictures_and_says_why(doctor, waiting):
    page = doctor.get(f"{waiting}/series/2/release").text
    assert f"{waiting}/series/2/images/1.jpg" in page
    assert "超声、造影、内镜" in page
    assert f"{waiting}/attachments/1/copy" in doctor.get(f"{waiting}/attachments/1/release").text


def test_more_pictures_at_risk_make_a_series_wait_again(app, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    doctor.post(f"/cases/{case_id}/series/1/release")
    send(doctor, case_id, *ultrasound(count=2)[1:])
    (series,) = rows(app, Series)
    assert (series.instance_count, series.released_at) == (2, None)


def test_what_does_not_wait_cannot_be_released(doctor, waiting):
    answer = doctor.post(f"{waiting}/series/1/release")
    assert answer.status_code == 422
    assert "已经放行" in answer.text


@pytest.mark.parametrize(
    ("who", "status"),
    [("approver", 403), ("coordinator", 403), ("chair", 403), (GUEST, 403), ("clinician2", 404)],
)
def test_only_its_doctors_release(app, person, waiting, who, status):
    browser = person(who)
    for url in (f"{waiting}/series/2/release", f"{waiting}/attachments/1/release"):
        assert browser.post(url).status_code == status
    assert {row.released_at for row in (*rows(app, Series), *rows(app, Attachment))} == {None}


def test_submitting_warns_of_what_waits(app, doctor, world):
    case_id = case_kit.whole(app, doctor, world)
    send(doctor, case_id, *ultrasound())
    page = doctor.get(f"/cases/{case_id}/submit").text
    assert "1 个序列、2 份资料待放行" in page
    assert "放行前参会专家看不到" in page


def test_what_is_struck_out_does_not_wait(doctor, waiting):
    doctor.post(f"{waiting}/series/2/strike", reason="传错")
    assert "1 份资料待放行" in doctor.get(f"{waiting}/attachments").text


def test_dicomweb_keeps_back_what_waits(person, doctor, waiting):
    def found(browser):
        headers = {"Accept": "application/dicom+json"}
        return len(browser.get(f"{waiting}/dicom-web/series", headers=headers).json)

    guest = person(GUEST)
    assert (found(doctor), found(guest)) == (2, 1)
    doctor.post(f"{waiting}/series/2/release")
    assert found(guest) == 2


def test_a_released_object_says_so_under_the_same_uid(app, doctor, case_id):
    send(doctor, case_id, *ultrasound(count=2))
    before = said(app)
    assert {one[1:] for one in before} == {("NO", ("113100", "113105"), None)}
    doctor.post(f"/cases/{case_id}/series/1/release")
    after = said(app)
    assert {one[1:] for one in after} == {("YES", ("113100", "113101", "113105"), "NO")}
    assert [one[0] for one in after] == [one[0] for one in before]
    again = app.test_cli_runner().invoke(args=["images", "prepare"])
    assert again.output == "0 prepared, 0 cannot be decoded\n"
    # Two originals and two served forms: those that said otherwise are gone.
    assert stored(app) == 4


def test_what_waits_again_says_no_for_what_is_new(app, doctor, case_id):
    send(doctor, case_id, *ultrasound())
    doctor.post(f"/cases/{case_id}/series/1/release")
    send(doctor, case_id, *ultrasound(count=2)[1:])
    assert [one[1] for one in said(app)] == ["YES", "NO"]


def said(app) -> list[tuple[str, str, tuple[str, ...], str | None]]:
    """UID and what each served object and its metadata say, alike, of the person."""
    found = []
    with app.app_context():
        for row in rows(app, Instance):
            served = dcmread(io.BytesIO(devices.storage().read(row.served_key)))
            text = Dataset.from_json(json_of(row.id), bulk_data_uri_handler=lambda *_: b"")
            one, other = facts_of(served), facts_of(text)
            assert one == other
            found.append(one)
    return found


def facts_of(served: Dataset) -> tuple[str, str, tuple[str, ...], str | None]:
    codes = tuple(one.CodeValue for one in served.DeidentificationMethodCodeSequence)
    burned_in = served.get("BurnedInAnnotation")
    return served.SOPInstanceUID, served.PatientIdentityRemoved, codes, burned_in


def json_of(number: int) -> str:
    statement = db.select(InstanceMetadata.json).where(InstanceMetadata.instance_id == number)
    return db.session.scalar(scope.unscoped(statement, because="a test looks")).decode()


def stored(app) -> int:
    with app.app_context():
        return sum(1 for _ in devices.storage().keys())  # noqa: SIM118 -- no mapping
