"""The queue of possible duplicates: who sees which pair, deciding, taking back, what counts."""

import re

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.people import UserRole
from mdt.models.tumours import DuplicateDecision, Tumour
from mdt.queries.duplicates import count_possible_duplicates
from mdt.services.registry import import_register
from tests.counting import count_queries
from tests.fixtures_app import Browser
from tests.register_files import OTHER_WOMAN, WOMAN, rows_to_csv
from tests.world import NOW, build_world

QUEUE = "/registry/duplicates"
DECIDED = "/registry/duplicates/decided"
REPORT = "/reports/coverage.json?from=2026-10-01&to=2026-12-31&by=hospital&definition=strict"
AT_B = {"hospital_code": "T-JX-B", "mrn": "B-1"}
AT_T = {"hospital_code": "T-JX-T", "mrn": "T-1"}


def shown(page):
    """Groups on a page, by number."""
    found = re.findall(r'id="group-([\d-]+)"', page)
    return [tuple(int(one) for one in group.split("-")) for group in found]


def denominators(manager):
    return [row["denominator"] for row in manager.get(REPORT).json["rows"]]


def decide(manager, left, right, keep):
    """Decide on two rows: ``left``, ``right`` or ``both`` stay."""
    kept = {"left": left, "right": right, "both": "each"}[keep]
    return decide_all(manager, [left, right], kept)


def decide_all(manager, rows, keep, counts=()):
    """Decide on rows at once; ``counts`` says for each which one counts for it."""
    fields = {f"rows-{at}": row for at, row in enumerate(rows)}
    fields |= {f"counts-{at}": row for at, row in enumerate(counts)}
    return manager.post(QUEUE, **fields, keep=keep)


@pytest.fixture
def pointers(app):
    """``pointers()`` gives for each row the one that counts for it."""

    def look():
        with app.app_context():
            statement = db.select(Tumour.id, Tumour.duplicate_of_id).order_by(Tumour.id)
            return [tuple(row) for row in db.session.execute(_open(statement))]

    return look


def _open(statement):
    return statement.execution_options(mdt_scoped=True)


@pytest.fixture
def pair(read_in):
    """One tumour of A's and of B's list, a week apart and with another stage; one more of A."""
    later = {"diagnosis_date": "2026-11-08", "stage_group": "IV", "t": "", "n": "", "m": ""}
    read_in({}, {**AT_B, **later}, WOMAN, by="quality")


@pytest.fixture
def three(read_in):
    """One tumour in the lists of three hospitals."""
    read_in({}, AT_B, AT_T, by="quality")


def test_a_pair_stands_side_by_side_and_differences_are_marked(person, pair):
    page = person("quality").get(QUEUE).text
    assert shown(page) == [(1, 2)]
    words = " ".join(page.split())
    for cells in (
        "安远示范医院（虚构）</span></td><td><span class=\"num\">全南示范医院（虚构）",
        "2026-11-01</span></td><td><span class=\"num\">2026-11-08",
        "T2a N2b M0</span></td><td><span class=\"num\">IV",
    ):  # fmt: skip
        assert cells in words
    assert page.count("不同</span>") == 3
    for hidden in ("张三丰", "张**", "MRN-1", "B-1", "3699"):
        assert hidden not in page


def test_the_own_hospital_is_named_masked_and_no_other(person, read_in):
    read_in({}, {"diagnosis_date": "2026-11-20", "morphology": "8070/3"}, AT_B, by="quality")
    page = person("quality-hospital").get(QUEUE).text
    assert shown(page) == [(1, 2)]
    assert ("张**" in page, "MRN-1" in page, "张三丰" in page) == (True, True, False)
    assert shown(person("quality").get(QUEUE).text) == [(1, 2, 3)]


def test_a_pair_over_counties_is_for_who_answers_for_both(app, world, person, pair):
    with app.app_context():
        for username, region in (("recorder", "360726"), ("chair", "360700")):
            role = UserRole(user_id=world.users[username], role="quality", region_code=region)
            db.session.add(role)
        db.session.commit()
    for username in ("recorder", "quality-hospital", "quality-jilin"):
        manager = person(username)
        assert shown(manager.get(QUEUE).text) == []
        assert decide(manager, 1, 2, "both").status_code == 404
    for number, username in enumerate(("quality", "chair"), start=1):
        manager = person(username)
        assert shown(manager.get(QUEUE).text) == [(1, 2)]
        assert decide(manager, 1, 2, "both").status_code == 302
        for stranger in ("recorder", "quality-hospital", "quality-jilin"):
            assert person(stranger).post(f"{QUEUE}/{number}/revoke").status_code == 404
        assert manager.post(f"{QUEUE}/{number}/revoke").status_code == 302


@pytest.mark.parametrize("username", ["clinician", "approver", "coordinator", "auditor"])
def test_only_quality_managers_decide(person, pair, username):
    browser = person(username)
    assert browser.get(QUEUE).status_code == 403
    assert browser.get(DECIDED).status_code == 403
    assert decide(browser, 1, 2, "both").status_code == 403
    assert decide(person("quality"), 1, 2, "both").status_code == 302
    assert browser.post(f"{QUEUE}/1/revoke").status_code == 403


@pytest.mark.parametrize(
    ("keep", "rows", "after"),
    [
        ("left", [(1, None), (2, 1), (3, None)], [2, 0]),
        ("right", [(1, 2), (2, None), (3, None)], [1, 1]),
        ("both", [(1, None), (2, None), (3, None)], [2, 1]),
    ],
)
def test_the_rate_follows_at_once_and_back(person, pair, pointers, keep, rows, after):
    manager = person("quality")
    before = denominators(manager)
    assert before == [2, 1]
    assert decide(manager, 1, 2, keep).location == QUEUE
    assert pointers() == rows
    assert [one for one in denominators(manager) if one] == [one for one in after if one]
    assert shown(manager.get(QUEUE).text) == []
    assert manager.post(f"{QUEUE}/1/revoke").location == DECIDED
    assert (denominators(manager), shown(manager.get(QUEUE).text)) == (before, [(1, 2)])
    assert pointers() == [(1, None), (2, None), (3, None)]


def test_two_tumours_are_no_possible_duplicates_any_more(app, person, pair):
    manager = person("quality")
    assert "可能是同一肿瘤" in manager.get("/registry/1").text
    decide(manager, 2, 1, "both")
    assert "可能是同一肿瘤" not in manager.get("/registry/1").text
    with app.app_context():
        assert count_possible_duplicates([1, 2, 3]) == 0


def test_three_rows_are_one_group_and_decided_at_once(person, three, pointers):
    manager = person("quality")
    page = manager.get(QUEUE).text
    assert shown(page) == [(1, 2, 3)]
    assert ("全部同一肿瘤，保留此条" in page, "3 条记录：1、2、3" in page) == (True, True)
    assert '疑似重复<span class="tab-count">1</span>' in page
    assert decide_all(manager, [1, 2, 3], 2).location == QUEUE
    assert pointers() == [(1, 2), (2, None), (3, 2)]
    assert shown(manager.get(QUEUE).text) == []
    page = manager.get(DECIDED).text
    assert (page.count("整组撤销"), page.count("/revoke")) == (1, 1)
    assert manager.post(f"{QUEUE}/1/revoke").location == DECIDED
    assert pointers() == [(1, None), (2, None), (3, None)]
    assert shown(manager.get(QUEUE).text) == [(1, 2, 3)]


@pytest.mark.parametrize(
    ("keep", "counts", "after"),
    [
        ("each", (), [(1, None), (2, None), (3, None)]),
        ("chosen", (1, 1, 3), [(1, None), (2, 1), (3, None)]),
        ("chosen", (3, 2, 3), [(1, 3), (2, None), (3, None)]),
        ("chosen", (1, 1, 1), [(1, None), (2, 1), (3, 1)]),
    ],
)
def test_some_may_be_one_tumour_and_others_not(person, three, pointers, keep, counts, after):
    manager = person("quality")
    before = denominators(manager)
    assert decide_all(manager, [1, 2, 3], keep, counts).status_code == 302
    assert (pointers(), shown(manager.get(QUEUE).text)) == (after, [])
    kept = sum(1 for _, counting in after if counting is None)
    assert manager.get(REPORT).json["total"]["denominator"] == kept
    manager.post(f"{QUEUE}/2/revoke")
    assert (denominators(manager), shown(manager.get(QUEUE).text)) == (before, [(1, 2, 3)])


@pytest.mark.parametrize(
    ("rows", "keep", "counts", "status", "words"),
    [
        ((1, 2, 3), "chosen", (), 422, "请为每一条记录选择"),
        ((1, 2, 3), "chosen", (1, "", 3), 422, "请为每一条记录选择"),
        ((1, 2, 3), "chosen", (2, 3, 3), 422, "那一条自己须选“保留”"),
        ((1, 2, 3), "chosen", (4, 4, 4), 422, "取值无法识别"),
        ((1, 2, 3), 4, (), 422, "取值无法识别"),
        ((1, 2, 4), "each", (), 409, "已不在待判定之列"),
        ((1, 2, 3, 4), "each", (), 409, "已不在待判定之列"),
        ((1, 2, 99), "each", (), 404, ""),
        ((1, 2, 10**30), "each", (), 422, "请选择保留哪一条"),
        ((), "each", (), 404, ""),
        ((1, 2, 3), "each", (), 302, ""),
    ],
)
def test_what_makes_no_sense_of_a_group_is_refused(
    person, three, read_in, pointers, rows, keep, counts, status, words
):
    read_in(WOMAN, by="quality")
    answer = decide_all(person("quality"), rows, keep, counts)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert pointers() == [(1, None), (2, None), (3, None), (4, None)]


def test_rows_that_nothing_leads_between_are_not_made_one(person, read_in, pointers):
    """1 and 3 are 100 days apart: both are like 2, which is said to be another."""
    read_in(
        {"diagnosis_date": "2026-08-01"},
        {**AT_B, "diagnosis_date": "2026-09-20"},
        {**AT_T, "diagnosis_date": "2026-11-09"},
        by="quality",
    )
    manager = person("quality")
    assert shown(manager.get(QUEUE).text) == [(1, 2, 3)]
    answer = decide_all(manager, [1, 2, 3], "chosen", (1, 2, 1))
    assert (answer.status_code, "都相符的。请改选" in answer.text) == (422, True)
    assert decide_all(manager, [1, 2, 3], 1).status_code == 302
    assert pointers() == [(1, None), (2, 1), (3, 1)]


def test_a_group_over_hospitals_is_taken_back_by_who_answers_for_all(
    app, person, read_in, pointers
):
    read_in({}, {"diagnosis_date": "2026-11-20", "morphology": "8070/3"}, AT_B, by="quality")
    manager, own = person("quality"), person("quality-hospital")
    assert decide_all(manager, [1, 2, 3], 1).status_code == 302
    assert "/revoke" in own.get(DECIDED).text
    assert own.post(f"{QUEUE}/1/revoke").status_code == 404
    assert pointers() == [(1, None), (2, 1), (3, 1)]
    assert manager.post(f"{QUEUE}/1/revoke").status_code == 302
    assert own.get(QUEUE).status_code == 200
    assert shown(own.get(QUEUE).text) == [(1, 2)]


def test_kept_rows_that_are_dropped_take_theirs_along(person, three, pointers):
    manager = person("quality")
    decide(manager, 1, 2, "left")
    assert shown(manager.get(QUEUE).text) == [(1, 3)]
    decide(manager, 1, 3, "right")
    assert pointers() == [(1, 3), (2, 3), (3, None)]
    manager.post(f"{QUEUE}/2/revoke")
    assert pointers() == [(1, None), (2, 1), (3, None)]
    decide(manager, 1, 3, "right")
    manager.post(f"{QUEUE}/1/revoke")
    assert pointers() == [(1, 3), (2, None), (3, None)]
    assert shown(manager.get(QUEUE).text) == [(2, 3)]
    decide(manager, 3, 2, "right")
    assert pointers() == [(1, 2), (2, None), (3, 2)]


def test_what_was_decided_is_listed_with_who_and_when(app, person, pair):
    manager = person("quality")
    assert "还没有判定过" in manager.get(DECIDED).text
    decide(manager, 1, 2, "right")
    page = manager.get(DECIDED).text
    assert ("郭质控" in page, "同一肿瘤" in page, f"{QUEUE}/1/revoke" in page) == (True,) * 3
    manager.post(f"{QUEUE}/1/revoke")
    decide(manager, 1, 2, "both")
    page = manager.get(DECIDED).text
    assert ("郭质控 已撤销" in page, "不是同一肿瘤" in page) == (True, True)
    assert (f"{QUEUE}/2/revoke" in page, f"{QUEUE}/1/revoke" in page) == (True, False)
    assert "还没有判定过" in person("quality-hospital").get(DECIDED).text
    with app.app_context():
        rows = db.session.scalars(_open(db.select(DuplicateDecision))).all()
        found = [(one.decision, one.kept_id, one.revoked_at is not None) for one in rows]
    assert found == [("same", 2, True), ("different", None, False)]


def test_a_correction_leaves_the_decision_and_is_told(person, read_in, pair, pointers):
    manager = person("quality")
    decide(manager, 1, 2, "left")
    assert "已不相符" not in manager.get(DECIDED).text
    read_in({"laterality": ""})
    assert pointers() == [(1, None), (2, 1), (3, None)]
    assert "已不相符" in manager.get(DECIDED).text


def test_deciding_is_audited_by_codes_alone(app, person, pair):
    manager = person("quality")
    decide(manager, 1, 2, "left")
    manager.post(f"{QUEUE}/1/revoke")
    with app.app_context():
        statement = db.select(AuditRow).where(AuditRow.action == "registry:decide")
        rows = db.session.scalars(statement.order_by(AuditRow.id)).all()
        found = [(row.actor_name, row.object_type, row.object_id, row.data) for row in rows]
    assert found == [
        ("quality", "duplicate_decision", "1",
         {"before": "open", "after": "same", "pair": [1, 2], "kept": [1]}),
        ("quality", "duplicate_decision", "1",
         {"before": "same", "after": "open", "pair": [1, 2], "kept": [1]}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "keep", "status"),
    [
        ((1, 2), "", 422),
        ((1, 2), "none", 422),
        (("x", 2), 2, 422),
        ((1,), 1, 404),
        ((1, 1), 1, 404),
        ((1, 99), 1, 404),
        ((1, 3), 1, 409),
        ((1, 2), 1, 302),
    ],
)
def test_what_cannot_be_decided_is_refused(person, pair, pointers, rows, keep, status):
    manager = person("quality")
    answer = decide_all(manager, rows, keep)
    assert answer.status_code == status
    if status != 302:
        assert pointers() == [(1, None), (2, None), (3, None)]
    if status == 422:
        assert "请选择保留哪一条" in answer.text
    if status == 409:
        assert "已不在待判定之列" in answer.text


def test_nothing_is_decided_or_taken_back_twice(person, pair):
    manager = person("quality")
    assert decide(manager, 1, 2, "left").status_code == 302
    assert decide(manager, 1, 2, "right").status_code == 409
    assert manager.post(f"{QUEUE}/1/revoke").status_code == 302
    answer = manager.post(f"{QUEUE}/1/revoke")
    assert (answer.status_code, "已被撤销" in answer.text) == (409, True)
    assert manager.post(f"{QUEUE}/99/revoke").status_code == 404
    assert person("quality-hospital").post(f"{QUEUE}/1/revoke").status_code == 404


def test_the_queue_is_one_click_away(person, read_in):
    report = read_in({}, AT_B, by="quality")
    manager = person("quality")
    for path in ("/registry", "/registry/not-discussed", f"/registry/import/{report.id}"):
        assert f'href="{QUEUE}"' in manager.get(path).text
    assert f'href="{QUEUE}"' in manager.get("/registry/1").text
    nav = manager.get("/registry").text
    assert '疑似重复<span class="tab-count">1</span>' in nav
    assert QUEUE not in person("clinician").get("/registry").text


def test_an_empty_queue_says_what_will_stand_there(person, read_in):
    read_in({}, {**WOMAN, **AT_B}, by="quality")
    assert "没有待判定的疑似重复" in person("quality").get(QUEUE).text


def test_the_page_asks_the_same_number_of_questions_however_long(app, person, read_in):
    read_in({}, AT_B, by="quality")
    manager = person("quality")

    def questions(path):
        manager.get(path)
        with count_queries(app) as sent:
            manager.get(path)
        return len(sent)

    one = questions(QUEUE)
    read_in(WOMAN, {**WOMAN, **AT_B}, OTHER_WOMAN, {**OTHER_WOMAN, **AT_B}, by="quality")
    assert shown(manager.get(QUEUE).text) == [(1, 2), (3, 4), (5, 6)]
    assert questions(QUEUE) == one
    decide(manager, 1, 2, "left")
    one = questions(DECIDED)
    decide(manager, 3, 4, "left")
    decide(manager, 5, 6, "both")
    assert questions(DECIDED) == one


def test_a_row_that_a_correction_makes_alike_comes_into_the_queue(person, read_in):
    read_in({}, {**AT_B, "laterality": ""}, by="quality")
    manager = person("quality")
    assert shown(manager.get(QUEUE).text) == []
    read_in({**AT_B, "laterality": "右"}, by="quality")
    assert shown(manager.get(QUEUE).text) == [(1, 2)]
    read_in({**AT_B, "laterality": "不详"}, by="quality")
    assert shown(manager.get(QUEUE).text) == []


def test_recounting_finds_pairs_that_nobody_noted(app, person, pair):
    """Two hospitals that read in the same person at one moment do not see each other's row."""
    with app.app_context():
        db.session.execute(db.update(Tumour).values(maybe_duplicate=False))
        db.session.commit()
    manager = person("quality")
    assert shown(manager.get(QUEUE).text) == []
    answer = app.test_cli_runner().invoke(args=["registry", "recount"])
    assert answer.output == "0 rows brought up to date.\n"
    assert shown(manager.get(QUEUE).text) == [(1, 2)]


def test_the_same_on_postgresql(postgresql_app):
    app = postgresql_app
    with app.app_context():
        world = build_world()
        import_register(world.viewer("quality"), rows_to_csv({}, AT_B, AT_T), now=NOW)
    manager = Browser(app, "quality")
    assert shown(manager.get(QUEUE).text) == [(1, 2, 3)]
    assert decide_all(manager, [1, 2, 3], "chosen", (1, 1, 3)).status_code == 302
    assert manager.get(REPORT).json["total"]["denominator"] == 2
    assert "整组撤销" in manager.get(DECIDED).text
    assert manager.post(f"{QUEUE}/1/revoke").status_code == 302
    assert decide(manager, 1, 2, "left").status_code == 302
    assert decide(manager, 1, 3, "right").status_code == 302
    assert decide(manager, 2, 3, "right").status_code == 409
    assert manager.get(REPORT).json["total"]["denominator"] == 1
    assert manager.post(f"{QUEUE}/5/revoke").status_code == 302
    assert manager.get(REPORT).json["total"]["denominator"] == 2
    assert manager.post(f"{QUEUE}/4/revoke").status_code == 302
    assert manager.get(REPORT).json["total"]["denominator"] == 3
    assert "郭质控" in manager.get(DECIDED).text
