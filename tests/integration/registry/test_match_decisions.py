"""A match of a row and a case is corrected by a person, and no machine undoes it."""

import re
from datetime import date

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.cases import Case
from mdt.models.tumours import MatchDecision
from mdt.queries.patients import Identity
from mdt.rules.audit import AuditAction
from mdt.services.matching import match_case
from mdt.services.registry import import_register
from mdt.services.unit_of_work import unit_of_work
from tests.counting import count_queries
from tests.discussions import hold_board, person_case
from tests.fixtures_app import Browser
from tests.register_files import ROW, WOMAN, rows_to_csv
from tests.world import NOW, build_world

REPORT = "/reports/coverage.json?from=2026-10-01&to=2026-12-31&by=hospital&definition=strict"
WHO = Identity(name="张三丰", id_number=ROW["id_number"])
#: The same person with a digit mistyped.
MISTYPED = Identity(name="张三丰", id_number=WOMAN["id_number"])


@pytest.fixture
def case_for(app, world):
    """A case of hospital A that a board discussed in time; gives its number."""

    def make(who=WHO, number="MDT2026-000001", hospital="A", **columns):
        with app.app_context():
            case = person_case(
                world, hospital, who, number=number, diagnosis_date=date(2026, 11, 1), **columns
            )
            hold_board(world, case, date(2026, 11, 10))
            db.session.commit()
            return case.id

    return make


@pytest.fixture
def send(app):
    """``send(case_id)`` does what the services of cases do when a case is sent or changed."""

    def match(case_id):
        with app.app_context(), unit_of_work(None, AuditAction.CASE_EDIT, now=NOW) as work:
            statement = db.select(Case).where(Case.id == case_id)
            case = work.session.scalar(statement.execution_options(mdt_scoped=True))
            return match_case(work, case)

    return match


def decide(browser, verdict, number="MDT2026-000001", reason="identity_wrong", row=1, **fields):
    return browser.post(
        f"/registry/{row}/match", number=number, verdict=verdict, reason=reason, **fields
    )


def unlink(browser, **fields):
    return decide(browser, "unlinked", **{"reason": "other_person", **fields})


def figures(person):
    answer = person("quality").get(REPORT).json
    total = answer["total"]
    return total["numerator"], total["denominator"], answer["unmatched"]["count"]


def decision_id(app, place=0):
    with app.app_context():
        statement = db.select(MatchDecision).order_by(MatchDecision.at, MatchDecision.id)
        found = db.session.scalars(statement.execution_options(mdt_scoped=True)).all()
        return found[place].id


def test_a_wrong_match_is_taken_apart_and_the_rate_follows(app, person, read_in, case_for, links):
    case_for()
    read_in({})
    assert figures(person) == (1, 1, 0)
    doctor = person("clinician")
    assert "关联错了" in doctor.get("/registry/1").text
    assert unlink(doctor).location == "/registry/1"
    assert (links(), figures(person)) == (set(), (0, 1, 1))
    page = doctor.get("/registry/1").text
    assert ("人工解除关联" in page, "不是同一患者" in page, "林县医" in page) == (True, True, True)


@pytest.mark.parametrize("first", ["row", "case"])
def test_no_arrival_undoes_what_was_taken_apart(app, person, read_in, case_for, send, links, first):
    case_id = case_for()
    read_in({})
    unlink(person("clinician"))
    if first == "row":
        assert read_in({"t": "T3"}).accepted == 1
        assert send(case_id) == []
    else:
        assert send(case_id) == []
        assert read_in({"t": "T3"}).accepted == 1
    assert (links(), figures(person)) == (set(), (0, 1, 1))


@pytest.mark.parametrize("first", ["row", "case"])
def test_no_arrival_undoes_what_was_put_together(person, read_in, case_for, send, links, first):
    case_id = case_for(MISTYPED)
    read_in({})
    assert figures(person) == (0, 1, 1)
    assert decide(person("clinician"), "linked").location == "/registry/1"
    assert (links(), figures(person)) == ({(1, case_id)}, (1, 1, 0))
    for step in ("row", "case") if first == "row" else ("case", "row"):
        if step == "row":
            assert read_in({"t": "T3"}).accepted == 1
        else:
            assert send(case_id) == [1]
    assert (links(), figures(person)) == ({(1, case_id)}, (1, 1, 0))


def test_a_decision_is_taken_back_and_the_machine_matches_again(
    app, person, read_in, case_for, links
):
    case_id = case_for()
    read_in({})
    doctor = person("clinician")
    unlink(doctor)
    colleague = person("colleague")
    answer = colleague.post(f"/registry/match/{decision_id(app)}/revoke")
    assert answer.location == "/registry/1"
    assert (links(), figures(person)) == ({(1, case_id)}, (1, 1, 0))
    page = colleague.get("/registry/1").text
    assert "周同事 于" in page
    again = colleague.post(f"/registry/match/{decision_id(app)}/revoke")
    assert again.location == "/registry/1"
    assert "已被撤销" in colleague.get("/registry/1").text
    with app.app_context():
        rows = db.session.scalars(db.select(AuditRow).where(AuditRow.action == "registry:match"))
        assert [(row.object_type, row.case_id, row.data) for row in rows] == [
            (
                "match_decision",
                case_id,
                {"tumour_id": 1, "verdict": "unlinked", "reason": "other_person"},
            ),
            (
                "match_decision",
                case_id,
                {"tumour_id": 1, "before": "unlinked", "after": "automatic"},
            ),
        ]


def test_the_later_of_two_decisions_stands(app, person, read_in, case_for, links):
    case_id = case_for()
    read_in({})
    doctor = person("clinician")
    unlink(doctor)
    assert decide(doctor, "linked").status_code == 302
    assert links() == {(1, case_id)}
    assert decide(doctor, "linked").status_code == 409
    unlink(doctor)
    assert unlink(doctor).status_code == 409
    assert links() == set()
    with app.app_context():
        statement = db.select(MatchDecision).execution_options(mdt_scoped=True)
        standing = [one for one in db.session.scalars(statement) if one.revoked_at is None]
        assert [one.verdict for one in standing] == ["unlinked"]


def test_both_sides_stand_beside_each_other_masked(person, read_in, case_for):
    case_for(MISTYPED, laterality="2")
    read_in({})
    page = " ".join(person("clinician").get("/registry/1/match?number=mdt2026-000001").text.split())
    assert (
        '证件号码</th><td class="num">3699**********0015</td><td class="num">3699**********0023'
        in page
    )
    assert page.count("不同</span>") == 5
    for hidden in ("张三丰", ROW["id_number"], MISTYPED.id_number):
        assert hidden not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": ""}, "请选择原因"),
        ({"reason": "other_tumour"}, "请选择原因"),
        ({"reason": "other"}, "这个原因需要用文字说明"),
        ({"number": "MDT2026-999999"}, "本院没有这个病例号"),
        ({"number": "MDT2026-000002"}, "本院没有这个病例号"),
        ({"number": "MDT2026-000003"}, "本院没有这个病例号"),
        ({"number": ""}, "请填写此项"),
    ],
)
def test_what_is_missing_is_asked_for(person, read_in, case_for, links, fields, words):
    case_for(MISTYPED)
    case_for(MISTYPED, number="MDT2026-000002", hospital="B")
    case_for(MISTYPED, number="MDT2026-000003", state="draft")
    read_in({})
    answer = decide(person("clinician"), "linked", **fields)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert links() == set()


def test_the_words_of_a_person_are_sealed(app, person, read_in, case_for):
    case_for()
    read_in({})
    doctor = person("clinician")
    assert unlink(doctor, reason="other", text="张三丰的弟弟").status_code == 302
    assert "张三丰的弟弟" in doctor.get("/registry/1").text
    with app.app_context():
        sealed = db.session.execute(db.text("SELECT sealed_text FROM match_decision")).scalar()
    assert "张三丰".encode() not in sealed


@pytest.mark.parametrize("username", ["clinician2", "quality", "quality-jilin"])
def test_it_is_for_the_own_hospital(app, person, read_in, case_for, links, username):
    case_id = case_for()
    read_in({})
    stranger = person(username)
    assert stranger.get("/registry/1/match?number=MDT2026-000001").status_code == 404
    assert unlink(stranger).status_code == 404
    assert stranger.get("/registry/unmatched/MDT2026-000001").status_code == 404
    assert links() == {(1, case_id)}
    unlink(person("clinician"))
    assert stranger.post(f"/registry/match/{decision_id(app)}/revoke").status_code == 404
    assert stranger.post("/registry/match/none/revoke").status_code == 404


@pytest.mark.parametrize("username", ["approver", "coordinator", "auditor"])
def test_it_is_for_who_keeps_the_register(person, read_in, case_for, username):
    case_for()
    read_in({})
    browser = person(username)
    assert browser.get("/registry/1/match").status_code == 403
    assert unlink(browser).status_code == 403
    assert browser.get("/registry/unmatched").status_code == 403
    assert browser.get("/registry/unmatched/MDT2026-000001").status_code == 403
    assert browser.post("/registry/match/none/revoke").status_code == 403


def test_a_discussed_case_without_a_row_leads_to_the_rows_that_it_may_be(
    person, read_in, case_for, links
):
    case_id = case_for(MISTYPED)
    case_for(MISTYPED, number="MDT2026-000002", hospital="B")
    read_in({}, {"icd10": "C16.9", "id_number": "", "name": "王五", "mrn": "X-9", "sex": ""})
    manager = person("quality-hospital")
    page = manager.get("/registry/unmatched").text
    assert re.findall(r"/registry/unmatched/([\w-]+)", page) == ["MDT2026-000001"]
    listed = "/reports/coverage/list?from=2026-10-01&to=2026-12-31&cell=unmatched"
    assert 'href="/registry/unmatched/MDT2026-000001"' in manager.get(listed).text
    assert "/registry/unmatched/" not in person("quality").get(listed).text
    picked = manager.get("/registry/unmatched/MDT2026-000001").text
    addresses = re.findall(r"/registry/(\d)/match\?number=MDT2026-000001", picked)
    assert addresses == ["1"]
    assert decide(manager, "linked").status_code == 302
    assert links() == {(1, case_id)}
    assert "讨论过的病例都有对应的台账记录" in manager.get("/registry/unmatched").text


def test_the_page_of_a_row_asks_no_more_the_more_was_decided(app, person, read_in, case_for):
    case_for()
    read_in({})
    doctor = person("clinician")
    counts = []
    for times in (1, 2):
        for _ in range(times):
            unlink(doctor)
            decide(doctor, "linked", reason="dates_apart")
        with count_queries(app) as sent:
            assert doctor.get("/registry/1").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_history_of_a_row_is_told(person, read_in):
    read_in({})
    read_in({"t": "T4", "name": "张三峰", "emergency": ""})
    page = " ".join(person("clinician").get("/registry/1").text.split())
    assert '<td>T</td><td class="num">T2a</td><td class="num">T4</td>' in page
    assert "导入 2，林县医" in page
    assert "张三峰" not in page
    above = person("quality").get("/registry/1").text
    assert ("更正历史" in above, "<td>姓名</td>" in above) == (True, False)


def test_the_same_on_postgresql(postgresql_app):
    with postgresql_app.app_context():
        world = build_world()
        case = person_case(
            world, "A", MISTYPED, number="MDT2026-000001", diagnosis_date=date(2026, 11, 1)
        )
        hold_board(world, case, date(2026, 11, 10))
        db.session.commit()
        import_register(world.viewer("clinician"), rows_to_csv({}), now=NOW)
    doctor = Browser(postgresql_app, "clinician")
    assert doctor.get("/registry/unmatched/MDT2026-000001").status_code == 200
    assert decide(doctor, "linked").status_code == 302
    assert unlink(doctor).status_code == 302
    identifier = decision_id(postgresql_app, -1)
    assert doctor.post(f"/registry/match/{identifier}/revoke").status_code == 302
    assert "人工关联" in doctor.get("/registry/1").text
