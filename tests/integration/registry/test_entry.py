"""One tumour by hand: entered by the file's own rules, and a row of the own hospital corrected."""

import re

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.tumours import Tumour
from mdt.queries.patients import Identity, open_identity
from mdt.queries.register_history import list_former_rows
from tests.discussions import person_case
from tests.fixtures_app import Browser
from tests.page_forms import cells_in
from tests.register_files import ROW, WOMAN
from tests.world import build_world

NEW = "/registry/new"
TYPED = {
    "hospital_code": "T-JX-A",
    "name": "张三丰",
    "id_number": "369921196203050015",
    "icd10": "C34.1",
    "case_type": "new",
    "diagnosis_date": "20261101",
    "t": "2a",
    "n": "N2b",
    "m": "0",
}


def seen_of(page):
    return re.search(r'name="seen"[^>]*value="([^"]*)"', page)[1]


def version_of(page):
    return re.search(r'name="version"[^>]*value="([^"]*)"', page)[1]


def audited(app, action):
    with app.app_context():
        rows = db.session.scalars(db.select(AuditRow).where(AuditRow.action == action))
        return [(row.object_type, row.object_id, row.data) for row in rows]


@pytest.fixture
def rows(app):
    """``rows()`` gives the rows with the identity of their patients."""

    def look():
        with app.app_context():
            statement = db.select(Tumour).order_by(Tumour.id).execution_options(mdt_scoped=True)
            return [
                (
                    tumour.id,
                    tumour.icd10,
                    tumour.t,
                    tumour.patient_id,
                    open_identity(tumour.patient),
                )
                for tumour in db.session.scalars(statement)
            ]

    return look


def test_a_tumour_is_entered_with_the_few_cells_that_matter(app, person, register):
    answer = person("clinician").post(NEW, **TYPED)
    assert (answer.status_code, answer.location) == (302, "/registry/1")
    columns = ("icd10", "site3", "iii_plus", "case_type", "import_id", "laterality")
    assert register(*columns) == [("C34.1", "C34", "yes", "new", None, "9")]
    assert audited(app, "registry:enter") == [("tumour", "1", {"alike": 0})]


def test_the_next_one_keeps_hospital_and_date(person):
    doctor = person("clinician")
    answer = doctor.post(NEW, **TYPED, then="another")
    assert answer.location == f"{NEW}?hospital_code=T-JX-A&diagnosis_date=20261101"
    page = doctor.get(answer.location).text
    assert '已保存：<a href="/registry/1">台账记录 1</a>。' in page
    assert 'value="20261101"' in page
    assert "张三丰" not in page


def test_a_site_is_named_in_words(person, register):
    doctor = person("clinician")
    unstaged = {**TYPED, "t": "", "n": "", "m": ""}
    assert doctor.post(NEW, **{**unstaged, "icd10": "甲状腺"}).status_code == 302
    refused = doctor.post(NEW, **{**unstaged, "icd10": "肺上叶"})
    assert refused.status_code == 422
    assert "请从列表中选择编码或部位名称。相近的有：" in refused.text
    assert register("icd10") == [("C73",)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id_number": "369921196203050016"}, "身份证号校验码错误"),
        ({"icd10": ""}, "诊断编码为空"),
        ({"icd10": "C78.0"}, "C77–C79 是转移灶"),
        ({"diagnosis_date": "20261301"}, "日期无法识别或不存在"),
        ({"diagnosis_date": ""}, "确诊日期为空"),
        ({"case_type": ""}, "初诊复诊为空"),
        ({"hospital_code": "T-JX-B"}, "该机构的台账不由您管理"),
    ],
)
def test_what_the_file_is_refused_for_is_refused_here_in_the_same_words(
    person, register, changes, words
):
    answer = person("clinician").post(NEW, **{**TYPED, **changes})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert "处需要修改" in answer.text
    assert register("id") == []


def test_what_the_file_is_warned_about_is_shown_before_it_is_kept(person, register):
    doctor = person("clinician")
    doubtful = {**TYPED, "sex": "2", "first_treatment_date": "20261020"}
    asked = doctor.post(NEW, **doubtful)
    assert asked.status_code == 409
    assert "性别与身份证号不一致" in asked.text
    assert "首次治疗日期早于确诊日期" in asked.text
    # A second Enter must not fall into the first field of all.
    assert ('data-focus="sex"' in asked.text, "autofocus" in asked.text) == (True, False)
    assert register("id") == []
    more = doctor.post(NEW, **doubtful, seen=seen_of(asked.text), death_date="20261001")
    assert (more.status_code, "死亡日期早于确诊日期" in more.text) == (409, True)
    assert doctor.post(NEW, **doubtful, seen=seen_of(asked.text)).status_code == 302
    assert len(register("id")) == 1


def test_a_row_of_this_person_at_this_site_is_shown_before_another_is_made(
    app, person, read_in, register
):
    read_in({"diagnosis_date": "2026-10-20"}, WOMAN)
    doctor = person("clinician")
    asked = doctor.post(NEW, **TYPED)
    assert asked.status_code == 409
    assert 'href="/registry/1/edit"' in asked.text
    assert ("张**" in asked.text, 'href="/registry/2' in asked.text) == (True, False)
    assert audited(app, "registry:view")[-1][2]["rows"] == 1
    assert len(register("id")) == 2
    assert doctor.post(NEW, **TYPED, seen=seen_of(asked.text)).status_code == 302
    assert register("id", "diagnosis_date")[0][1].isoformat() == "2026-10-20"
    assert len(register("id")) == 3


def test_rows_of_other_hospitals_are_not_told_of(person, read_in):
    read_in({"hospital_code": "T-JX-B"}, by="clinician2")
    assert person("clinician").post(NEW, **TYPED).status_code == 302


def test_a_manager_enters_rows_for_the_hospitals_of_the_region(person, register):
    manager = person("quality")
    page = manager.get(NEW).text
    assert re.findall(r'<option[^>]*value="(T-JX-\w)"', page) == ["T-JX-A", "T-JX-B", "T-JX-T"]
    assert manager.post(NEW, **{**TYPED, "hospital_code": "T-JX-B"}).status_code == 302
    assert register("hospital_id") == [(2,)]
    assert "没有由您管理台账的机构" in person("quality-jilin").get(NEW).text


@pytest.mark.parametrize("username", ["approver", "coordinator", "observer", "auditor"])
def test_only_who_keeps_a_register_enters_and_corrects(person, read_in, username):
    read_in({})
    browser = person(username)
    for path in (NEW, "/registry/1/edit"):
        assert browser.get(path).status_code == 403
        assert browser.post(path, **TYPED).status_code == 403
    assert browser.post_json(f"{NEW}/check", {"fields": {}}).status_code == 403


def test_what_follows_is_told_while_one_types(app, person):
    doctor = person("clinician")
    answer = doctor.post_json(f"{NEW}/check", {"fields": TYPED}).json
    assert answer["fields"] == {
        "sex": "1",
        "birth_date": "1962-03-05",
        "staging_system": "TNM",
        "staging_edition": "9",
    }
    assert "IIIB" in answer["html"]["entry-stage"]
    assert '<option value="T2a">' in answer["html"]["entry-choices"]
    assert answer["derived"]["icd10_label"].startswith("上叶")
    wrong = doctor.post_json(f"{NEW}/check", {"fields": {**TYPED, "sex": "2"}}).json
    assert "性别与身份证号不一致" in wrong["warnings"]["sex"]
    assert doctor.post_json(f"{NEW}/check", {"fields": {}}).json["fields"]["sex"] == ""
    assert doctor.post_json(f"{NEW}/check", []).status_code == 422
    with app.app_context():
        statement = db.select(db.func.count(Tumour.id)).execution_options(mdt_scoped=True)
        assert db.session.scalar(statement) == 0


def edit(doctor, number=1, **changes):
    """Open the form of a row and send it again with changes."""
    page = doctor.get(f"/registry/{number}/edit")
    assert page.status_code == 200
    return doctor.post(f"/registry/{number}/edit", **{**cells_in(page.text), **changes})


def test_a_form_that_was_not_changed_changes_nothing(app, person, read_in, register):
    read_in({"stage_basis": "c", "stage_date": "2026-11-02", "first_treatment_date": "2026-11-09"})
    before = register("updated_at", "row_hash", "import_id")
    doctor = person("clinician")
    asked = edit(doctor)
    assert asked.status_code == 409
    answer = edit(doctor, seen=seen_of(asked.text))
    assert (answer.status_code, answer.location) == (302, "/registry/1")
    assert "内容没有变化" in doctor.get("/registry/1").text
    assert register("updated_at", "row_hash", "import_id") == before


def test_a_correction_counts_at_once_and_its_former_state_is_kept(app, world, person, read_in):
    read_in({}, WOMAN)
    doctor = person("clinician")
    assert edit(doctor, t="T1b", n="N0", diagnosis_date="20261105").status_code == 302
    assert "已更正" in doctor.get("/registry/1").text
    with app.app_context():
        statement = db.select(Tumour).order_by(Tumour.id).execution_options(mdt_scoped=True)
        tumour = db.session.scalars(statement).first()
        [former] = list_former_rows(tumour)
        assert (tumour.t, tumour.iii_plus, tumour.import_id) == ("T1b", "no", None)
        assert (former.cells["t"], former.by_user_id) == ("T2a", world.users["clinician"])
    fields = {"diagnosis_date", "t", "n"}
    [(object_type, number, data)] = audited(app, "registry:edit")
    assert (object_type, number, set(data["fields"])) == ("tumour", "1", fields)


def test_the_same_file_again_does_not_undo_a_correction(person, read_in, register):
    read_in({})
    edit(person("clinician"), t="T1b")
    assert (read_in({}).unchanged, register("t")) == (1, [("T1b",)])
    assert (read_in({"t": "T4"}).accepted, register("t")) == (1, [("T4",)])


def test_who_comes_second_sees_both_values(person, read_in, register):
    read_in({})
    doctor, colleague = person("clinician"), person("colleague")
    mine = cells_in(doctor.get("/registry/1/edit").text) | {"t": "T4"}
    assert edit(colleague, t="T1b").status_code == 302
    stale = doctor.post("/registry/1/edit", **mine)
    assert stale.status_code == 409
    words = " ".join(stale.text.split())
    assert '<th scope="row">T</th><td class="num">T4</td><td class="num">T1b</td>' in words
    assert register("t") == [("T1b",)]
    again = doctor.post("/registry/1/edit", **mine | {"version": version_of(stale.text)})
    assert (again.status_code, register("t")) == (302, [("T4",)])


def test_a_wrong_identity_number_is_corrected(app, world, person, read_in, rows, links):
    """The number was somebody else's: the row leaves that person's case and finds its own."""
    with app.app_context():
        wrong = person_case(
            world, "A", Identity(name="张三丰", id_number=ROW["id_number"]), number="MDT-1"
        )
        right = person_case(
            world, "B", Identity(name="李四娘", id_number=WOMAN["id_number"]), number="MDT-2"
        )
        db.session.commit()
        cases = wrong.id, right.id
    read_in({})
    assert links() == {(1, cases[0])}
    first = rows()[0][3]
    doctor = person("clinician")
    asked = edit(doctor, id_number=WOMAN["id_number"], name="李四娘", sex="2", mrn="MRN-2")
    assert asked.status_code == 302
    [(_, _, _, patient, who)] = rows()
    assert (patient == first, who.name, who.id_number) == (False, "李四娘", WOMAN["id_number"])
    assert links() == {(1, cases[1])}


def test_the_patient_of_a_case_is_corrected_in_the_case(app, world, person, read_in, rows):
    with app.app_context():
        person_case(world, "A", Identity(name="张三丰", id_number=ROW["id_number"]), number="MDT-1")
        db.session.commit()
    read_in({})
    doctor = person("clinician")
    assert edit(doctor, name="张三峰").status_code == 302
    assert "以病例中的为准" in doctor.get("/registry/1").text
    assert rows()[0][4].name == "张三丰"


def test_one_of_two_rows_of_a_person_takes_another_number(person, read_in, rows):
    read_in({}, {"icd10": "C16.9", "laterality": ""})
    answer = edit(person("clinician"), id_number=WOMAN["id_number"], sex="2")
    assert answer.status_code == 302
    one, other = rows()
    assert (one[4].id_number, other[4].id_number) == (WOMAN["id_number"], ROW["id_number"])


def test_who_may_not_see_names_corrects_the_rest(person, read_in, rows):
    read_in({})
    manager = person("quality-hospital")
    page = manager.get("/registry/1/edit").text
    for hidden in ("张三丰", ROW["id_number"], "MRN-1", 'name="id_number"'):
        assert hidden not in page
    assert edit(manager, t="T1b", name="别人", id_number="").status_code == 302
    [(_, _, t, _, who)] = rows()
    assert (t, who.name, who.id_number) == ("T1b", "张三丰", ROW["id_number"])


@pytest.mark.parametrize("username", ["clinician2", "quality", "quality-jilin"])
def test_rows_are_corrected_inside_the_own_hospital_alone(person, read_in, register, username):
    read_in({})
    browser = person(username)
    assert browser.get("/registry/1/edit").status_code == 404
    assert browser.post("/registry/1/edit", **TYPED).status_code == 404
    assert register("t") == [("T2a",)]


def test_a_correction_is_refused_in_the_words_of_the_file(person, read_in, register):
    read_in({})
    answer = edit(person("clinician"), diagnosis_date="无")
    assert (answer.status_code, "日期无法识别或不存在" in answer.text) == (422, True)
    assert register("diagnosis_date")[0][0].isoformat() == "2026-11-01"


def test_the_same_on_postgresql(postgresql_app):

    with postgresql_app.app_context():
        build_world()
    doctor = Browser(postgresql_app, "clinician")
    assert doctor.post(NEW, **TYPED).status_code == 302
    assert doctor.post(NEW, **TYPED).status_code == 409
    assert edit(doctor, t="T1b").status_code == 302
    assert "T1b" in doctor.get("/registry/1").text
