"""Studies of earlier cases of the same patient are offered with their reports, and taken over."""

import io

import pytest
from pydicom import dcmread

from mdt.adapters import devices
from mdt.models.attachments import Attachment, Instance, Series, Study
from mdt.models.audit import AuditRow
from mdt.services.served_images import prepare_images
from tests import case_kit
from tests.attachment_kit import ct, draft, pdf, rows, send
from tests.desk import add_case
from tests.integration.attachments.test_identity_checks import check_url
from tests.world import NOW

TITLE = "较早病例中的检查"


@pytest.fixture
def earlier(app, world, doctor):
    """A case that is under way, with a CT of two series, its report and another document."""
    case_id = add_case(app, world)
    send(doctor, case_id, *ct(3), *ct(2, series=2), ("胸部CT报告2026-11-06.pdf", pdf("ct")),
         ("病理报告2026-11-06.pdf", pdf("path")))  # fmt: skip
    return case_id


@pytest.fixture
def later(app, world, earlier):
    """A new draft for the same person (a patient's row of its own, the same identity number)."""
    return draft(app, world, number="MDT2026-000002")


def take(browser, case_id, study_id=1):
    return browser.post(f"/cases/{case_id}/earlier/{study_id}")


def page(browser, case_id):
    return browser.get(f"/cases/{case_id}/attachments").text


def test_offered_with_its_report_and_taken_over(app, doctor, earlier, later):
    shown = page(doctor, later).partition(TITLE)[2].partition("</table>")[0]
    for words in ("MDT2026-000001", "胸部CT", f"/cases/{earlier}/attachments/1", "引用到本病例"):
        assert words in shown
    assert f"/cases/{earlier}/attachments/2" not in shown
    answer = take(doctor, later)
    assert answer.status_code == 302
    assert "5 幅图像，1 份报告" in page(doctor, later)
    (old, new), series = rows(app, Study), rows(app, Series)
    assert (new.case_id, new.study_uid, new.taken_from_id) == (later, old.study_uid, earlier)
    assert [(one.case_id, one.image_count) for one in series] == [
        (earlier, 3), (earlier, 2), (later, 3), (later, 2)
    ]  # fmt: skip
    assert [(one.case_id, one.kind) for one in rows(app, Attachment)] == [
        (earlier, "ct_report"), (earlier, "pathology_report"), (later, "ct_report")
    ]  # fmt: skip
    (row,) = case_kit.rows(app, AuditRow, action="attachment:take-over")
    assert (row.case_id, row.object_type, row.object_id) == (later, "study", str(new.id))
    assert row.data == {"from_case": earlier, "images": 5, "reports": 1}
    # It reads as this case's own: header, picture, report, and where it came from.
    number = series[2].id
    assert doctor.get(f"/cases/{later}/series/{number}/images/3.jpg").status_code == 200
    assert doctor.get(f"/cases/{later}/attachments/3/copy").status_code == 200
    assert "取自病例 MDT2026-000001" in page(doctor, later)


def test_a_study_of_two_earlier_cases_is_offered_once(app, world, doctor, earlier, later):
    """Out of the case where there is more of it."""
    take(doctor, later)
    third = draft(app, world, number="MDT2026-000003")
    shown = page(doctor, third).partition(TITLE)[2].partition("</table>")[0]
    assert shown.count(f"/cases/{third}/earlier/") == 1
    first = rows(app, Series)[0].id
    doctor.post(f"/cases/{earlier}/series/{first}/strike", reason="wrong_file")
    shown = page(doctor, third).partition(TITLE)[2].partition("</table>")[0]
    assert [one in shown for one in ("MDT2026-000001", "MDT2026-000002")] == [False, True]


def test_it_gets_a_served_form_of_its_own(app, doctor, earlier, later):
    take(doctor, later)
    with app.app_context():
        assert prepare_images(now=NOW).served == 5
    by_case = {earlier: set(), later: set()}
    for one in rows(app, Instance):
        by_case[one.case_id].add((one.storage_key, one.served_key, one.served_uid))
    (old, new) = by_case.values()
    assert {one[0] for one in old} == {one[0] for one in new}
    assert not {key for one in old for key in one[1:]} & {key for one in new for key in one[1:]}


def test_twice_is_refused(app, doctor, later):
    take(doctor, later)
    assert "已在本病例" in page(doctor, later)
    assert take(doctor, later).status_code == 409
    assert len(rows(app, Study)) == 2


def test_what_is_taken_back_there_stays_here_and_the_other_way_round(app, doctor, earlier, later):
    take(doctor, later)
    keys = {one.storage_key for one in rows(app, Instance)}
    for number in (1, 2):
        assert doctor.post(f"/cases/{earlier}/series/{number}/take-back").status_code == 302
    assert doctor.post(f"/cases/{earlier}/attachments/1/take-back").status_code == 302
    with app.app_context():
        assert {devices.storage().read(key)[128:132] for key in keys} == {b"DICM"}
    assert doctor.get(f"/cases/{later}/attachments/3/copy").status_code == 200
    for number in (3, 4):
        assert doctor.post(f"/cases/{later}/series/{number}/take-back").status_code == 302
    with app.app_context():
        gone = [key for key in keys if not _there(key)]
    assert sorted(gone) == sorted(keys)


def _there(key):
    try:
        return bool(devices.storage().read(key))
    except Exception:
        return False


def test_a_withdrawn_case_offers_nothing_and_what_was_taken_stays(app, doctor, earlier, later):
    take(doctor, later)
    case_kit.put(app, earlier, state="withdrawn")
    assert TITLE not in page(doctor, earlier)
    shown = page(doctor, later)
    assert "取自病例" in shown
    assert TITLE not in shown
    assert doctor.get(f"/cases/{later}/series/3/images/1.jpg").status_code == 200


def test_struck_series_and_later_cases_are_not_offered(app, doctor, earlier, later):
    case_kit.put(app, earlier, state="scheduled")
    doctor.post(f"/cases/{earlier}/series/2/strike", reason="传错患者")
    take(doctor, later)
    assert [one.image_count for one in rows(app, Series)] == [3, 2, 3]
    # What the later case has now is not offered to the earlier one.
    assert TITLE not in page(doctor, earlier)


def test_another_person_and_another_name_are_offered_nothing(app, world, doctor, earlier):
    other = case_kit.start(doctor, world, id_number=case_kit.WOMAN, name="张三丰")
    assert TITLE not in page(doctor, other)
    assert take(doctor, other).status_code == 404


def test_another_hospital_learns_nothing(app, world, person, doctor, earlier):
    theirs = add_case(app, world, key="B", doctor="clinician2", number="MDT2026-000003")
    visitor = person("clinician2")
    shown = page(visitor, theirs)
    assert TITLE not in shown
    assert "MDT2026-000001" not in shown
    assert take(visitor, theirs).status_code == 404
    assert rows(app, Study)[0].case_id == earlier
    assert len(rows(app, Study)) == 1
    # Nor does the hospital of the study by the other's case.
    assert take(doctor, theirs).status_code == 404


def test_the_desk_sees_both_and_takes_nothing_and_guests_see_nothing(person, doctor, board):
    send(doctor, board.cases["A"], *ct(1))
    theirs = board.cases["B"]
    desk = person("coordinator")
    shown = page(desk, theirs).partition(TITLE)[2]
    assert "到该病例查看" in shown
    assert "引用到本病例" not in shown
    assert take(desk, theirs).status_code == 403
    # An expert is invited to both cases and may not know that they are one person's.
    assert TITLE not in page(person("radiologist"), theirs)


def test_a_locked_case_takes_nothing_over(app, doctor, later):
    case_kit.put(app, later, state="signed")
    assert take(doctor, later).status_code == 409
    assert "到该病例查看" in page(doctor, later)
    assert len(rows(app, Study)) == 1


def test_another_name_in_the_header_asks_here_too(app, world, doctor):
    first = add_case(app, world)
    send(doctor, first, *ct(1, PatientName="李四光"))
    second = draft(app, world, number="MDT2026-000002")
    # Before a doctor has said so, it is nobody's earlier study.
    assert TITLE not in page(doctor, second)
    assert take(doctor, second).status_code == 404
    (url,) = check_url(doctor, first)
    doctor.post(url, reason="影像科按曾用名登记")
    take(doctor, second)
    assert "影像中的患者信息与本病例不一致" in page(doctor, second)


def test_a_picture_that_was_drawn_before_is_not_shown_for_the_one_with_rectangles(
    app, world, doctor, earlier, later
):
    pictures = []
    for case_id in (later, draft(app, world, number="MDT2026-000003")):
        take(doctor, case_id)
        number = next(one.id for one in rows(app, Series) if one.case_id == case_id)
        pictures.append(doctor.get(f"/cases/{case_id}/series/{number}/images/1.jpg").data)
        form = {"step": "confirm", "extent": "series", "number": 1, "regions": "[[0,0,3,4]]"}
        doctor.post(f"/cases/{earlier}/series/1/black-out", **form)
    assert pictures[1] != pictures[0]
    assert pictures[1] == doctor.get(f"/cases/{earlier}/series/1/images/1.jpg").data


def test_what_is_blacked_out_there_is_black_here_before_and_after_it_is_prepared(
    app, person, doctor, earlier, later
):
    form = {"step": "confirm", "extent": "series", "number": 1, "regions": "[[0,0,3,4]]"}
    assert doctor.post(f"/cases/{earlier}/series/1/black-out", **form).status_code == 302
    shown = doctor.get(f"/cases/{earlier}/series/1/images/1.jpg").data
    take(doctor, later)
    number = rows(app, Series)[2].id
    address = f"/cases/{later}/series/{number}/images/1.jpg"
    assert doctor.get(address).data == shown
    answer = doctor.post(f"/cases/{later}/series/{number}/black-out", **form)
    assert (answer.status_code, "还在处理" in answer.text) == (422, True)
    with app.app_context():
        prepare_images(now=NOW)
    assert doctor.get(address).data == shown
    there, here = rows(app, Instance)[0], rows(app, Instance)[5]
    assert there.black_boxes == here.black_boxes == [[-1, 0, 0, 3, 4]]
    with app.app_context():
        found = dcmread(io.BytesIO(devices.storage().read(here.served_key)))
    assert found.BurnedInAnnotation == "NO"
    assert found.pixel_array[:, :3].max() < found.pixel_array[:, 3].max()
    assert doctor.post(f"/cases/{later}/series/{number}/show-again").status_code == 302
    assert doctor.get(address).data != shown
