"""Images that name somebody else, come while their case is on an agenda: held back and said so."""

import pytest

from mdt.extensions import db
from mdt.jobs import images
from mdt.models.attachments import Instance, Series, Study
from tests import case_kit
from tests.attachment_kit import ct, draft, rows, send

STRANGER = {"PatientName": "李四光", "PatientSex": "F"}
ON_THE_AGENDA = "影像的患者身份尚未确认"


@pytest.fixture
def base(board, doctor) -> str:
    """A case on an agenda: a CT of the patient, and another that names somebody else."""
    case_id = board.cases["A"]
    send(doctor, case_id, *ct(1), *ct(1, series=2, StudyInstanceUID="2.25.77", **STRANGER))
    return f"/cases/{case_id}"


def confirm_url(browser, base):
    page = browser.get(f"{base}/attachments").text
    return f"{base}/identity/{page.partition(f'{base}/identity/')[2].partition(chr(34))[0]}"


def doors(app, base):
    """Where the pictures of the second series can be got."""
    study, series, served = (rows(app, one)[1].served_uid for one in (Study, Series, Instance))
    place = f"{base}/dicom-web/studies/{study}/series/{series}"
    return [
        f"{base}/series/2.json",
        f"{base}/series/2/images/1.jpg",
        f"{base}/viewer?series=2",
        f"{place}/instances/{served}",
        f"{place}/metadata",
    ]


def statuses(browser, urls):
    return [browser.get(url).status_code for url in urls]


def listed(browser, base):
    return [one["id"] for one in browser.get(f"{base}/series.json").json]


def withheld(browser, base):
    return [one["withheld"] for one in browser.get(f"{base}/series.json").json]


def waiting_items(browser, board):
    return browser.get(f"/conferences/{board.conference}/room.json").json["snapshot"]["unconfirmed"]


def test_guests_wait_until_a_doctor_has_confirmed_by_name(app, person, board, doctor, base):
    guest, urls = person("radiologist"), doors(app, base)
    agenda = f"/conferences/{board.conference}"
    for browser in (doctor, person("approver"), person("coordinator"), person("chair")):
        assert statuses(browser, urls) == [200] * 5
        assert listed(browser, base) == [2, 1]
        assert withheld(browser, base) == [True, False]
    assert statuses(guest, urls) == [404] * 5
    assert listed(guest, base) == [1]
    for page in (f"{base}/attachments", base):
        assert "1 个序列的患者身份尚未确认，待申请医院核对" in guest.get(page).text
    for browser in (person("coordinator"), guest, doctor):
        assert ON_THE_AGENDA in browser.get(agenda).text
        assert waiting_items(browser, board) == [board.items["A"]]
    assert ON_THE_AGENDA not in person("clinician2").get(agenda).text
    assert waiting_items(person("clinician2"), board) == []

    url = confirm_url(doctor, base)
    assert doctor.post(url, reason="影像科按曾用名登记").status_code == 302
    assert statuses(guest, urls) == [200] * 5
    assert listed(guest, base) == [2, 1]
    assert "患者身份尚未确认" not in guest.get(base).text
    assert ON_THE_AGENDA not in person("coordinator").get(agenda).text
    assert waiting_items(guest, board) == []

    doctor.post(f"{url}/withdraw")
    assert statuses(guest, urls) == [404] * 5
    assert waiting_items(guest, board) == [board.items["A"]]


def test_to_release_is_not_to_confirm_and_to_confirm_is_not_to_release(person, board, doctor):
    base = f"/cases/{board.cases['A']}"
    send(doctor, board.cases["A"], *ct(1, Modality="US", **STRANGER))
    guest = person("radiologist")
    assert doctor.post(f"{base}/series/1/release").status_code == 302
    assert listed(guest, base) == []
    doctor.post(confirm_url(doctor, base), reason="曾用名")
    assert listed(guest, base) == [1]
    send(doctor, board.cases["A"], *ct(2, Modality="US", **STRANGER)[1:])
    assert listed(guest, base) == []


def test_struck_out_it_holds_nothing_up(person, board, doctor, base):
    doctor.post(f"{base}/series/2/strike", reason="传错患者")
    assert waiting_items(person("chair"), board) == []
    assert ON_THE_AGENDA not in person("coordinator").get(f"/conferences/{board.conference}").text
    assert listed(person("radiologist"), base) == [1]


def test_one_slice_of_another_person_holds_its_series_back(app, person, board, doctor):
    base = f"/cases/{board.cases['A']}"
    send(doctor, board.cases["A"], *ct(1))
    assert listed(person("radiologist"), base) == [1]
    send(doctor, board.cases["A"], *ct(2, **STRANGER)[1:])
    assert listed(person("radiologist"), base) == []
    assert [one.image_count for one in rows(app, Series)] == [2]


def test_another_name_in_the_case_is_held_against_what_is_there(app, doctor, world):
    case_id = case_kit.start(doctor, world)
    assert case_kit.save(doctor, case_id, name="张三丰").status_code == 200
    send(doctor, case_id, *ct(1))
    assert [one.unconfirmed for one in rows(app, Series)] == [False]
    assert case_kit.save(doctor, case_id, name="张三").status_code == 200
    assert [one.unconfirmed for one in rows(app, Series)] == [True]


def test_taken_over_it_waits_in_the_new_case_too(app, doctor, board, base, world):
    later = draft(app, world, number="MDT2026-000002")
    doctor.post(confirm_url(doctor, base), reason="曾用名")
    assert doctor.post(f"/cases/{later}/earlier/2").status_code == 302
    assert [(one.case_id, one.unconfirmed) for one in rows(app, Series)] == [
        (board.cases["A"], False), (board.cases["A"], False), (later, True)
    ]  # fmt: skip


def test_what_an_earlier_version_took_is_looked_at_by_the_worker(app, base):
    with app.app_context():
        db.session.execute(db.update(Series).values(unconfirmed=None))
        db.session.commit()
        images.prepare()
    assert [one.unconfirmed for one in rows(app, Series)] == [False, True]
