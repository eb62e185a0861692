"""Where a request comes from is what the server saw, or what its own proxies say."""

import pytest

from mdt.app import create_app
from mdt.extensions import db
from mdt.models.people import SignInSession
from tests.fixtures_app import Browser, settings_for

SPOOFED = {"X-Forwarded-For": "203.0.113.7, 198.51.100.2", "X-Forwarded-Host": "evil.example"}


@pytest.fixture
def behind(app, world):
    """``behind(2)`` is the same installation behind two proxies."""
    made = []

    def make(count):
        settings = settings_for(app.config["MDT"].instance, proxy_count=count)
        made.append(create_app(settings))
        return made[-1]

    yield make
    for one in made:
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.2"), (2, "203.0.113.7")]
)
def test_the_address_of_a_session(behind, proxies, address):
    app = behind(proxies)
    browser = Browser(app)
    for name, value in SPOOFED.items():
        browser.client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
    browser.sign_in("clinician")
    with app.app_context():
        assert db.session.scalars(db.select(SignInSession.address)).all() == [address]


def test_another_hosts_name_leads_nowhere(app):
    answer = app.test_client().get("/", headers=SPOOFED)
    assert answer.headers["Location"] == "/sign-in?next=/"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "javascript:alert(1)", "evil.example", "http:evil", "///evil.example",
        "/%0d%0aSet-Cookie:x=1", " //evil.example",
    ],
)  # fmt: skip
def test_no_parameter_leads_to_another_site(person, target):
    visitor = person()
    visitor.token = visitor.find_token(visitor.get("/sign-in").text)
    for answer in (
        visitor.client.get("/language/zh", query_string={"back": target}),
        visitor.client.post(
            "/sign-in",
            query_string={"next": target},
            data={
                "csrf_token": visitor.token,
                "username": "clinician",
                "password": "a long phrase for tests",
            },
        ),
    ):
        location = answer.headers["Location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert "x" not in answer.headers.getlist("Set-Cookie")[0].split("=")[0]
