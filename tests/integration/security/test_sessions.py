"""Sign-in, sessions and passwords over time: clocks are moved in the tables, not in the program."""

import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from mdt.app import create_app
from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.people import ApiToken, SignInFailure, SignInSession, User
from mdt.rules.access import Role
from mdt.rules.calendar import utc_now
from mdt.services import accounts, people_admin
from mdt.services.passwords import hash_password
from tests.cheap_passwords import full_price
from tests.fixtures_app import Browser, settings_for
from tests.world import PASSWORD, twice


def move_clock(app, table, **times):
    """Put times of all rows of a table into the past."""
    with app.app_context():
        db.session.execute(
            db.update(table).values({name: utc_now() - ago for name, ago in times.items()})
        )
        db.session.commit()


def sign_in_again(browser):
    """Send the form from a tab that was left open."""
    return browser.post("/sign-in", username="clinician", password=PASSWORD)


def fail(app, username, addresses):
    """Refused attempts of an account, one from each address."""
    with app.app_context():
        for address in addresses:
            key = accounts.username_key(username)
            db.session.add(SignInFailure(username_key=key, address=address, at=utc_now()))
        db.session.commit()


def asked_to_sign_in(answer):
    return answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")


@pytest.fixture
def strict(app, world, tmp_path):
    """The same installation with the other login policy, in production."""
    settings = settings_for(app.config["MDT"].instance, env="production", login_policy="gbt22239")
    other = create_app(settings)
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


class SecureBrowser(Browser):
    """A browser over https, which production's cookies need."""

    def __init__(self, app, username=None):
        self.client = app.test_client()
        self.client.environ_base["wsgi.url_scheme"] = "https"
        self.token = ""
        if username:
            self.sign_in(username)

    def post(self, path, **fields):
        return self.client.post(
            path, data={"csrf_token": self.token, **fields},
            headers={"Referer": "https://localhost/"},
        )  # fmt: skip


def test_idle_for_longer_than_allowed_ends_the_session(app, person):
    doctor = person("clinician")
    move_clock(app, SignInSession, last_seen_at=timedelta(minutes=29))
    assert doctor.get("/").status_code == 200
    move_clock(app, SignInSession, last_seen_at=timedelta(minutes=31))
    assert asked_to_sign_in(doctor.get("/"))


def test_use_keeps_a_session_alive_until_its_absolute_end(app, person):
    doctor = person("clinician")
    move_clock(app, SignInSession, last_seen_at=timedelta(minutes=29))
    doctor.get("/")
    with app.app_context():
        seen = db.session.scalar(db.select(SignInSession.last_seen_at))
    assert utc_now() - seen < timedelta(minutes=1)
    move_clock(app, SignInSession, created_at=timedelta(hours=11, minutes=59))
    assert doctor.get("/").status_code == 200
    move_clock(app, SignInSession, created_at=timedelta(hours=12, minutes=1))
    assert asked_to_sign_in(doctor.get("/"))


def test_signing_in_again_gives_a_new_session_and_ends_the_old(app, person):
    doctor = person("clinician")
    old = doctor.client.get_cookie("mdt").value
    assert sign_in_again(doctor).status_code == 302
    thief = app.test_client()
    thief.set_cookie("mdt", old)
    assert asked_to_sign_in(thief.get("/"))
    assert doctor.get("/").status_code == 200


def test_a_made_up_cookie_is_nobody(app, world, person):
    doctor = person("clinician")
    stranger = app.test_client()
    for value in ("x", doctor.client.get_cookie("mdt").value[:-3] + "abc"):
        stranger.set_cookie("mdt", value)
        assert asked_to_sign_in(stranger.get("/"))


def test_cookies_are_for_the_server_alone(app):
    cookie = app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


def test_changing_the_password_ends_all_other_sessions(person):
    here, there = person("clinician"), person("clinician")
    here.post("/account/password", password=PASSWORD, **twice("four words are enough"))
    assert here.get("/").status_code == 200
    assert asked_to_sign_in(there.get("/"))


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("wrong", "four words are enough", "密码不正确"),
        (PASSWORD, "short", "密码至少10个字符"),
        (PASSWORD, "1234567890", "这个密码太常见"),
        (PASSWORD, "clinician is my name", "密码不能包含账号名"),
        (PASSWORD, PASSWORD, "不能与现在的密码相同"),
        (PASSWORD, "x y" * 60, "密码最多128个字符"),
    ],
)
def test_a_poor_password_is_refused_in_words(person, current, new, words):
    doctor = person("clinician")
    answer = doctor.post("/account/password", password=current, **twice(new))
    assert (answer.status_code, words in answer.text) == (422, True)
    assert person().sign_in("clinician").status_code == 302


def test_blanks_around_a_password_belong_to_it(person):
    doctor = person("clinician")
    new = "  two blanks before and after  "
    doctor.post("/account/password", password=PASSWORD, **twice(new))
    assert person().sign_in("clinician", new.strip()).status_code == 422
    assert person().sign_in("clinician", new).status_code == 302


def test_old_hashes_are_renewed_at_sign_in(app, world, person):
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with app.app_context():
        db.session.execute(
            db.update(User).where(User.username == "clinician").values(password_hash=weak)
        )
        db.session.commit()
    with full_price():
        assert person().sign_in("clinician").status_code == 302
        assert person().sign_in("clinician").status_code == 302
    with app.app_context():
        renewed = db.session.scalar(
            db.select(User.password_hash).where(User.username == "clinician")
        )
    assert renewed != weak
    assert renewed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_lock_ends_by_itself_and_attempts_do_not_lengthen_it(app, person):
    visitor = person()
    for _ in range(9):
        visitor.sign_in("clinician", "not the password")
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count(SignInFailure.id))) == 5
    assert "尝试次数过多，请约15分钟后再试" in visitor.sign_in("clinician").text
    move_clock(app, SignInFailure, at=timedelta(minutes=16))
    assert visitor.sign_in("clinician").status_code == 302


def test_one_address_that_guesses_keeps_nobody_else_out(app, world):
    thief, doctor = Browser(app), Browser(app)
    thief.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for _ in range(6):
        thief.sign_in("clinician", "a guess")
    assert thief.sign_in("clinician").status_code == 422
    assert doctor.sign_in("clinician").status_code == 302


def test_one_address_may_not_go_through_the_accounts(app, world):
    thief = Browser(app)
    thief.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for number in range(40):
        fail(app, f"person{number}", ["203.0.113.9"])
    assert "尝试次数过多" in thief.sign_in("clinician").text
    assert Browser(app).sign_in("clinician").status_code == 302


def test_guesses_from_everywhere_lock_where_the_account_was_never_used(app, world):
    home = Browser(app, "clinician")
    fail(app, "clinician", [f"203.0.113.{number}" for number in range(30)])
    stranger = Browser(app)
    stranger.client.environ_base["REMOTE_ADDR"] = "198.51.100.1"
    assert "尝试次数过多" in stranger.sign_in("clinician").text
    assert sign_in_again(home).status_code == 302


def test_success_forgets_the_failures_before(app, world, person):
    for _ in range(2):
        fail(app, "clinician", ["127.0.0.1"] * 4)
        assert person().sign_in("clinician").status_code == 302


def test_no_password_and_no_token_stands_in_the_database(app, world, person):
    doctor = person("clinician")
    person().sign_in("clinician", "this was typed wrong")
    with app.app_context():
        machine = accounts.create_token(
            db.session.get(User, world.users["clinician"]), ("cases",), days=1, now=utc_now()
        )
        stored = db.session.scalar(db.select(ApiToken.token_hash))
    content = b"".join(p.read_bytes() for p in app.config["MDT"].instance.glob("mdt.sqlite3*"))
    with doctor.client.session_transaction() as cookie:
        for secret in (PASSWORD, "this was typed wrong", machine, cookie["_user_id"]):
            assert secret.encode() not in content
    assert stored.encode() in content


def test_refused_sign_ins_are_in_the_trail_without_what_was_typed(app, person):
    person().sign_in("张三丰 369921196203050015", "a guess")
    with app.app_context():
        row = db.session.scalars(db.select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert (row.action, row.result, row.address) == ("account:sign-in", "refused", "127.0.0.1")
    assert (row.actor_name, row.data) == ("", {})


def test_demo_password_signs_in_without_a_change(app, world, person):
    settings = app.config["MDT"]
    with app.app_context():
        hashed = hash_password(settings.demo_password)
        accounts.set_first_password(world.users["clinician"], hashed, now=utc_now())
    browser = person()
    assert browser.sign_in("clinician", settings.demo_password).headers["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_the_sign_in_page_has_one_form_as_scripts_expect_it(app):
    page = app.test_client().get("/sign-in").text
    assert len(re.findall(r"<form", page.split("<dialog")[0])) == 1
    form = re.search(r"<form method=\"post\".*?</form>", page, re.DOTALL)[0]
    assert len(re.findall(r'type="password"', form)) == 1
    assert re.search(r'<input[^>]*name="username"[^>]*type="text"', form)
    assert len(re.findall(r'type="submit"', form)) == 1
    assert '<html lang="zh-Hans-CN">' in page[:400]


def test_the_strict_policy_idles_out_sooner(strict):
    doctor = SecureBrowser(strict, "clinician")
    assert doctor.get("/").status_code == 200
    move_clock(strict, SignInSession, last_seen_at=timedelta(minutes=16))
    assert asked_to_sign_in(doctor.get("/"))


def test_the_strict_policy_holds_one_session(strict):
    first = SecureBrowser(strict, "clinician")
    second = SecureBrowser(strict, "clinician")
    assert asked_to_sign_in(first.get("/"))
    assert second.get("/").status_code == 200


def test_the_strict_policy_asks_for_new_passwords_of_three_kinds(strict):
    doctor = SecureBrowser(strict, "clinician")
    move_clock(strict, User, password_changed_at=timedelta(days=91))
    assert doctor.get("/").headers["Location"] == "/account/password"
    poor = doctor.post("/account/password", password=PASSWORD, **twice("four small words"))
    assert "至少三类" in poor.text
    doctor.post("/account/password", password=PASSWORD, **twice("Four small words"))
    assert doctor.get("/").status_code == 200


def test_the_strict_policy_locks_for_half_an_hour(strict):
    visitor = SecureBrowser(strict)
    for _ in range(5):
        visitor.sign_in("clinician", "not the password")
    assert "请约30分钟后再试" in visitor.sign_in("clinician").text
    move_clock(strict, SignInFailure, at=timedelta(minutes=29))
    assert visitor.sign_in("clinician").status_code == 422


def test_a_withdrawn_role_is_gone_at_the_next_request(app, world, person):
    with app.app_context():
        people_admin.set_roles(None, world.users["clinician"], (), now=utc_now())
    doctor = person("clinician")
    assert doctor.get("/cases").status_code == 403
    assert Role.CLINICIAN == "clinician"
