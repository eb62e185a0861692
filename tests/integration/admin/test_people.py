"""People by the system administrator; roles, passwords and blocks by the security administrator."""

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.people import User, UserRole
from tests.counting import count_queries
from tests.world import PASSWORD, twice

PERSON = {
    "username": "newdoctor",
    "name": "江新医",
    "title": "233",
    "discipline": "medical_oncology",
    "licence_number": "110360000000009",
    "practice_since": "2015-07-01",
}


def find(app, username):
    with app.app_context():
        return db.session.scalar(
            db.select(User)
            .where(User.username == username)
            .options(db.selectinload(User.memberships))
        )


def account(world, username):
    return f"/admin/accounts/{world.users[username]}"


def test_a_person_is_entered_opened_and_signs_in(app, world, person):
    admin, guard = person("sysadmin"), person("secadmin")
    admin.post("/admin/people/new", hospital_id=str(world.hospitals["A"]), **PERSON)
    made = find(app, "newdoctor")
    assert (made.name, made.hospital_id, made.opened, made.title) == (
        "江新医", world.hospitals["A"], False, "233",
    )  # fmt: skip
    path = f"/admin/accounts/{made.id}"
    guard.post(f"{path}/roles", role="clinician", hospital_id=str(world.hospitals["A"]))
    shown = guard.post(f"{path}/password").text
    password = shown.split('id="one-time">')[1].split("<")[0]
    assert password not in guard.get(path).text
    doctor = person()
    assert doctor.sign_in("newdoctor", password).headers["Location"] == "/"
    assert doctor.get("/").headers["Location"] == "/account/password"
    doctor.token = doctor.find_token(doctor.get("/account/password").text)
    doctor.post("/account/password", password=password, **twice("four words are enough"))
    assert doctor.get("/").status_code == 200
    assert person().sign_in("newdoctor", password).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"username": "clinician"}, "已被使用"),
        ({"username": "Ünïcode"}, "账号用小写字母开头"),
        ({"name": ""}, "请填写此项"),
        ({"practice_since": "2999-01-01"}, "日期晚于今天"),
        ({"practice_since": "x"}, "has-error"),
        ({"title": "999"}, "has-error"),
    ],
)
def test_a_faulty_person_is_refused(app, person, wrong, words):
    answer = person("sysadmin").post("/admin/people/new", **{**PERSON, **wrong})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert find(app, "newdoctor") is None


def test_people_are_found_by_name_hospital_and_role(world, person):
    admin = person("sysadmin")
    assert "共 1 条" in admin.get("/admin/people?text=林县").text
    assert "共 3 条" in admin.get("/admin/people?role=clinician").text
    assert "共 4 条" in admin.get("/admin/people?role=expert").text
    assert "共 1 条" in admin.get(f"/admin/people?hospital_id={world.hospitals['B']}").text
    assert "没有找到" in admin.get("/admin/people?text=%25%25").text
    assert admin.get("/admin/people?hospital_id=x&page=-3").status_code == 200


def test_a_role_acts_at_once_and_its_withdrawal_too(app, world, person):
    guard, observer = person("secadmin"), person("observer")
    assert observer.get("/reports/coverage.json").status_code == 403
    guard.post(f"{account(world, 'observer')}/roles", role="quality", region_code="360000")
    assert observer.get("/reports/coverage.json").status_code != 403
    role = next(row for row in find(app, "observer").memberships if row.role == "quality")
    guard.post(f"{account(world, 'observer')}/roles/{role.id}/withdraw")
    assert observer.get("/reports/coverage.json").status_code == 403


@pytest.mark.parametrize(
    ("username", "fields", "words"),
    [
        ("clinician", {"role": "audit"}, "角色互斥"),
        ("chair", {"role": "system"}, "角色互斥"),
        ("auditor", {"role": "system"}, "角色互斥"),
        ("auditor", {"role": "clinician", "hospital_id": "A"}, "角色互斥"),
        ("observer", {"role": "clinician"}, "需要选择医院"),
        ("observer", {"role": "quality"}, "请选择一家医院或一个地区"),
        ("observer", {"role": "quality", "region_code": "999999"}, "没有这个区划代码"),
        ("clinician", {"role": "clinician", "hospital_id": "A"}, "已有这个角色"),
        ("observer", {"role": "chair", "hospital_id": "A"}, "has-error"),
        ("observer", {"role": ""}, "请填写此项"),
    ],
)
def test_a_role_that_cannot_be_is_refused_in_words(app, world, person, username, fields, words):
    if fields.get("hospital_id") == "A":
        fields = {**fields, "hospital_id": str(world.hospitals["A"])}
    before = [row.role for row in find(app, username).memberships]
    answer = person("secadmin").post(f"{account(world, username)}/roles", **fields)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert [row.role for row in find(app, username).memberships] == before


def test_nobody_changes_their_own_account(app, world, person):
    guard = person("secadmin")
    own = account(world, "secadmin")
    role = find(app, "secadmin").memberships[0]
    for path in ("/password", "/block", "/unblock", f"/roles/{role.id}/withdraw"):
        assert guard.post(own + path).status_code == 409
    assert guard.post(own + "/roles", role="system").status_code == 422
    assert "另一位安全管理员" in guard.get(own).text
    assert [row.role for row in find(app, "secadmin").memberships] == ["security"]
    assert person().sign_in("secadmin").status_code == 302


def test_blocking_ends_everything_at_once(app, world, person):
    guard, doctor = person("secadmin"), person("clinician")
    guard.post(f"{account(world, 'clinician')}/block")
    assert doctor.get("/").headers["Location"].startswith("/sign-in")
    assert person().sign_in("clinician").status_code == 422
    guard.post(f"{account(world, 'clinician')}/unblock")
    assert person().sign_in("clinician").status_code == 302
    assert doctor.get("/").headers["Location"].startswith("/sign-in")


def test_sessions_are_listed_and_ended(world, person):
    guard, doctor = person("secadmin"), person("clinician")
    assert "127.0.0.1" in guard.get(account(world, "clinician")).text
    guard.post(f"{account(world, 'clinician')}/sessions/end")
    assert doctor.get("/").status_code == 302
    assert "现在没有登录" in guard.get(account(world, "clinician")).text


def test_what_was_done_is_in_the_trail(app, world, person):
    guard = person("secadmin")
    guard.post(f"{account(world, 'clinician')}/block")
    guard.post(f"{account(world, 'clinician')}/password")
    with app.app_context():
        rows = db.session.execute(
            db.select(AuditRow.action, AuditRow.actor_name, AuditRow.object_id, AuditRow.data)
            .order_by(AuditRow.id.desc())
            .limit(2)
        ).all()
    number = str(world.users["clinician"])
    assert [tuple(row) for row in rows] == [
        ("account:password", "secadmin", number, {"one_time": True}),
        ("account:edit", "secadmin", number, {"blocked": True}),
    ]


@pytest.mark.parametrize("name", ["clinician", "sysadmin", "auditor", "quality"])
def test_nobody_else_manages_accounts(app, world, person, name):
    other = person(name)
    path = account(world, "observer")
    posts = ("/roles", "/password", "/block", "/unblock", "/sessions/end", "/roles/1/withdraw")
    assert {other.get(one).status_code for one in ("/admin/accounts", path)} == {403}
    assert {other.post(path + one).status_code for one in posts} == {403}
    with app.app_context():
        assert db.session.scalar(
            db.select(UserRole.role).where(UserRole.user_id == world.users["observer"])
        ) == "observer"  # fmt: skip
    assert person().sign_in("observer", PASSWORD).status_code == 302


def test_lists_cost_the_same_with_more_rows(app, world, person):
    guard = person("secadmin")

    def statements():
        with count_queries(app) as sent:
            guard.get("/admin/accounts?role=clinician")
        return len(sent)

    guard.get("/admin/accounts")
    few = statements()
    for name in ("approver", "observer"):
        guard.post(
            f"{account(world, name)}/roles", role="clinician",
            hospital_id=str(world.hospitals["A"]),
        )  # fmt: skip
    assert statements() == few
