"""What of refused rows is read by whom, and for how long it is kept."""

from datetime import timedelta

import pytest

from mdt.adapters.spreadsheets import read_table
from mdt.extensions import db
from mdt.models.register_imports import RegisterFindings
from mdt.models.tumours import RegisterImport
from mdt.rules.calendar import utc_now
from mdt.services.register_tending import tend_imports
from tests.register_files import OTHER_WOMAN, WOMAN, rows_to_csv
from tests.register_imports import confirm, read_through, upload

BAD = {**WOMAN, "icd10": "I10"}


def text_of(answer):
    return answer.data.decode("utf-8-sig")


@pytest.mark.parametrize("code", ["T-JX-B", "t-jx-b", "", "T-JX-?"])
def test_refused_rows_of_another_hospital_are_not_for_the_first(person, code):
    """A row that was not taken belongs to somebody, too, or to nobody who can be told."""
    content = rows_to_csv({}, {**BAD, "hospital_code": code})
    path = read_through(person("quality"), content)
    doctor = person("clinician")
    assert doctor.get(path).status_code == 404
    assert doctor.get(f"{path}/refused.csv").status_code == 404


def test_refused_rows_of_the_own_hospital_are_read_there(person):
    path = read_through(person("quality"), rows_to_csv({}, {**BAD, "hospital_code": "T-JX-A"}))
    doctor = person("clinician")
    assert doctor.get(path).status_code == 200
    assert WOMAN["id_number"] in text_of(doctor.get(f"{path}/refused.csv"))


def test_a_row_of_another_hospital_keeps_the_whole_file_from_colleagues(person):
    doctor = person("clinician")
    path = read_through(doctor, rows_to_csv({}, {**WOMAN, "hospital_code": "T-JX-B"}))
    assert person("approver").get(path).status_code in {403, 404}
    assert person("colleague").get(f"{path}/refused.csv").status_code == 404
    assert WOMAN["id_number"] not in text_of(doctor.get(f"{path}/refused.csv"))
    assert "文件中有多家机构的行，因此下面只列行号、列和原因" in doctor.get(path).text
    own = doctor.get(read_through(doctor, rows_to_csv({}, BAD))).text
    assert ("只列行号、列和原因" in own, "I10" in own) == (False, True)


def test_a_machine_that_sends_a_row_of_another_hospital_gets_no_values(read_in):
    own = read_in({}, {**WOMAN, "icd10": "I10"})
    mixed = read_in({}, {**WOMAN, "icd10": "I10", "hospital_code": "T-JX-B"}, by="quality")
    assert (own.hospital_id is None, mixed.hospital_id is None) == (False, True)


@pytest.mark.parametrize("state", ["columns", "checking"])
def test_before_it_is_known_whose_the_rows_are_nobody_reads_them(app, person, state):
    doctor = person("clinician")
    path = upload(doctor, rows_to_csv({}, BAD)).location
    confirm(doctor, path)
    assert WOMAN["id_number"] in text_of(doctor.get(f"{path}/refused.csv"))
    with app.app_context():
        db.session.execute(db.update(RegisterImport).values(state=state))
        db.session.commit()
    assert WOMAN["id_number"] not in text_of(doctor.get(f"{path}/refused.csv"))


def test_who_may_not_unmask_gets_row_column_and_reason(person):
    content = rows_to_csv({}, {**WOMAN, "id_number": "369921196203050033"}, OTHER_WOMAN)
    manager = person("quality-hospital")
    path = upload(manager, content).location
    confirm(manager, path)
    for step in ("", "begin"):
        if step:
            manager.post(f"{path}/{step}")
        (row,) = read_table(manager.get(f"{path}/refused.csv").data).rows
        assert (row.cells["行号"], row.cells["列"], row.cells["内容"]) == ("3", "证件号码", "")
    whole = text_of(person("clinician").get(f"{path}/refused.csv"))
    assert ("369921196203050033" in whole, "李四娘" in whole) == (True, True)


def findings(app):
    with app.app_context():
        return db.session.scalar(db.select(db.func.count(RegisterFindings.number)))


@pytest.mark.parametrize(("age", "left"), [(29, 1), (31, 0)])
def test_refused_rows_are_kept_for_a_month(app, person, age, left):
    path = read_through(person("clinician"), rows_to_csv({}, BAD))
    assert findings(app) == 1
    with app.app_context():
        db.session.execute(
            db.update(RegisterImport).values(ended_at=utc_now() - timedelta(days=age))
        )
        db.session.commit()
        tend_imports(clock=utc_now)
    assert findings(app) == left
    file = text_of(person("clinician").get(f"{path}/refused.csv"))
    assert (WOMAN["id_number"] in file, "I10" in file) == (bool(left), True)


def test_where_nothing_was_refused_nothing_is_kept(app, person, read_in):
    page = person("clinician").get(
        read_through(person("clinician"), rows_to_csv({"first_treatment_date": "2026-10-20"}))
    )
    assert ("2026-10-20 &lt; 2026-11-01" in page.text, findings(app)) == (True, 0)
    read_in(WOMAN)
    assert findings(app) == 0
