"""Settings: read once from the environment, frozen; what is missing or weak stops the start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEAKEST_SECRET = 32


class ConfigError(RuntimeError):
    """A setting that stops the start; the message says which and what is expected."""


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides. Paths are absolute; keys are secret text.

    ``public_url`` is how people outside reach the system (printed on opinions); empty: as the
    browser that asks for the print reached it.
    """

    env: str = "demo"
    secret_key: str = field(default="", repr=False)
    field_key: str = field(default="", repr=False)
    database_url: str = ""
    redis_url: str | None = None
    storage_url: str = ""
    instance: Path = ROOT / "instance"
    proxy_count: int = 0
    public_url: str = ""
    smtp_url: str | None = None
    media: str = "none"
    login_policy: str = "asvs"
    demo_password: str = field(default="mdt-demo-2026", repr=False)
    access_days_after_signing: int = 30
    testing: bool = False

    @property
    def demo(self) -> bool:
        """Whether invented data and unthrottled sign-in are allowed."""
        return self.env == "demo"


def settings_from_env(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of contract.md.

    In demo, secrets that are not given are made once and kept in ``instance/``, so that every
    command of the checkout reads the same ones.
    """
    env = os.environ if environ is None else environ
    mode = env.get("MDT_ENV", "demo")
    if mode not in {"demo", "production"}:
        raise ConfigError(f"MDT_ENV must be demo or production, not {mode!r}")
    instance = Path(env.get("MDT_INSTANCE", ROOT / "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    secret_key, field_key = (
        _secret(env, name, instance, mode) for name in ("MDT_SECRET_KEY", "MDT_FIELD_KEY")
    )
    return Settings(
        env=mode,
        secret_key=secret_key,
        field_key=field_key,
        database_url=_database_url(env.get("MDT_DATABASE_URL"), instance),
        redis_url=env.get("MDT_REDIS_URL") or None,
        storage_url=env.get("MDT_STORAGE_URL") or str(instance / "storage"),
        instance=instance,
        proxy_count=int(env.get("MDT_PROXY_COUNT", "0")),
        public_url=env.get("MDT_PUBLIC_URL", "").rstrip("/"),
        smtp_url=env.get("MDT_SMTP_URL") or None,
        media=_one_of(env, "MDT_MEDIA", ("none", "mesh", "janus")),
        login_policy=_one_of(env, "MDT_LOGIN_POLICY", ("asvs", "gbt22239")),
        demo_password=env.get("MDT_DEMO_PASSWORD", "mdt-demo-2026"),
    )


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = env.get(name, choices[0])
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _database_url(given: str | None, instance: Path) -> str:
    if not given:
        return f"sqlite:///{instance / 'mdt.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given.removeprefix(prefix)
    return given


def _secret(env: Mapping[str, str], name: str, instance: Path, mode: str) -> str:
    given = env.get(name)
    if given:
        if mode == "production" and len(given) < WEAKEST_SECRET:
            raise ConfigError(f"{name} is too short: give at least {WEAKEST_SECRET} characters")
        return given
    if mode == "production":
        raise ConfigError(f"{name} is not set; production does not make secrets by itself")
    return _kept_secret(instance / f"{name.lower()}.txt")


def _kept_secret(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
