"""What production refuses to start with, and what demo makes by itself."""

import pytest
from flask_migrate import upgrade

from mdt.app import create_app
from mdt.config import ConfigError, settings_from_env
from mdt.extensions import db
from mdt.rules.audit import AuditAction
from mdt.services.audit_log import record_act
from tests.fixtures_app import MIGRATIONS, settings_for
from tests.world import NOW

SECRET = "k3J8vQx0Zr5Tn1Yb7Wd2Lm9Pf6Hs4Gc-secret"
FIELD = "p9Xw2Rt7Vb4Nk1Qz8Jd5Ls3Hf6Gm0Cy-field"


@pytest.fixture
def production(tmp_path):
    """A sound production environment; tests break one thing of it."""
    return {
        "MDT_ENV": "production",
        "MDT_INSTANCE": str(tmp_path / "instance"),
        "MDT_SECRET_KEY": SECRET,
        "MDT_FIELD_KEY": FIELD,
    }


def test_a_sound_environment_starts(production):
    settings = settings_from_env(production)
    assert (settings.env, settings.demo, settings.secret_key) == ("production", False, SECRET)
    assert SECRET not in repr(settings)
    assert not list(settings.instance.iterdir())


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"MDT_SECRET_KEY": ""}, "MDT_SECRET_KEY is not set"),
        ({"MDT_FIELD_KEY": ""}, "MDT_FIELD_KEY is not set"),
        ({"MDT_SECRET_KEY": "short"}, "MDT_SECRET_KEY is weak"),
        ({"MDT_FIELD_KEY": "a" * 64}, "MDT_FIELD_KEY is weak"),
        ({"MDT_FIELD_KEY": SECRET}, "must differ"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"MDT_ENV": "prod"}, "MDT_ENV"),
        ({"MDT_LOGIN_POLICY": "none"}, "MDT_LOGIN_POLICY"),
        ({"MDT_PROXY_COUNT": "-1"}, "MDT_PROXY_COUNT"),
        ({"MDT_PROXY_COUNT": "many"}, "MDT_PROXY_COUNT"),
        ({"MDT_MEDIA": "zoom"}, "MDT_MEDIA"),
    ],
)
def test_a_fault_stops_the_start_and_is_named(production, fault, message):
    with pytest.raises(ConfigError, match=message):
        settings_from_env({**production, **fault})


def test_a_secret_may_come_from_a_file_that_not_everybody_reads(production, tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    by_file = {**production, "MDT_SECRET_KEY": "", "MDT_SECRET_KEY_FILE": str(file)}
    file.chmod(0o600)
    assert settings_from_env(by_file).secret_key == SECRET
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="can be read by everybody"):
        settings_from_env(by_file)
    file.unlink()
    with pytest.raises(ConfigError, match="cannot read"):
        settings_from_env(by_file)


def test_demo_makes_its_secrets_once_and_for_its_owner_alone(tmp_path):
    environment = {"MDT_INSTANCE": str(tmp_path)}
    first, second = settings_from_env(environment), settings_from_env(environment)
    assert first.secret_key == second.secret_key != first.field_key
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {0o600}


def test_production_does_not_open_demo_data(tmp_path):
    settings = settings_for(tmp_path / "instance", env="production")
    with create_app(settings).app_context():
        upgrade(MIGRATIONS)
        record_act(None, AuditAction.DEMO_LOAD, now=NOW)
        db.session.remove()
        db.engine.dispose()
    with pytest.raises(ConfigError, match="demo data"):
        create_app(settings)


def test_production_cookies_need_https_and_have_a_bound_name(tmp_path):
    settings = settings_for(tmp_path / "instance", env="production")
    app = create_app(settings)
    with app.app_context():
        upgrade(MIGRATIONS)
    answer = app.test_client().get("/sign-in", base_url="https://mdt.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-mdt=")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert not any(part.startswith("Domain") for part in parts)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "演示环境" not in answer.text
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
