"""Settings: read once from the environment, frozen; what is missing or weak stops the start."""

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEAKEST_SECRET = 32
FEWEST_CHARACTERS = 10


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
    #: Where clamd listens (host:port, or the path of its socket); none: files are not scanned.
    clamd: str | None = None
    #: Command that makes a vendor's slide (KFB, TMAP, SDPC) into one that is read; none: refused.
    slide_converter: str | None = None
    #: Most bytes of files of one hospital; 0: no limit.
    hospital_bytes: int = 1000 * 10**9
    login_policy: str = "asvs"
    demo_password: str = field(default="mdt-demo-2026", repr=False)
    access_days_after_signing: int = 30
    #: Queued work is done by whoever asks for it, with no worker: for tests in one process.
    jobs_at_once: bool = False
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
    if mode == "production":
        _refuse_in_production(env, secret_key, field_key)
    return Settings(
        env=mode,
        secret_key=secret_key,
        field_key=field_key,
        database_url=_database_url(env.get("MDT_DATABASE_URL"), instance),
        redis_url=env.get("MDT_REDIS_URL") or None,
        storage_url=env.get("MDT_STORAGE_URL") or str(instance / "storage"),
        instance=instance,
        proxy_count=_count(env, "MDT_PROXY_COUNT"),
        public_url=env.get("MDT_PUBLIC_URL", "").rstrip("/"),
        smtp_url=env.get("MDT_SMTP_URL") or None,
        clamd=env.get("MDT_CLAMD") or None,
        slide_converter=env.get("MDT_SLIDE_CONVERTER") or None,
        hospital_bytes=_count(env, "MDT_HOSPITAL_GB", 1000) * 10**9,
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


def _count(env: Mapping[str, str], name: str, default: int = 0) -> int:
    value = env.get(name) or str(default)
    if not (value.isascii() and value.isdigit()):
        raise ConfigError(f"{name} must be a whole number, not {value!r}")
    return int(value)


def _refuse_in_production(env: Mapping[str, str], secret_key: str, field_key: str) -> None:
    if secret_key == field_key:
        raise ConfigError("MDT_SECRET_KEY and MDT_FIELD_KEY must differ")
    if env.get("FLASK_DEBUG", "0").lower() not in {"", "0", "false", "no"}:
        raise ConfigError("FLASK_DEBUG is on; production does not run with it")


def _secret(env: Mapping[str, str], name: str, instance: Path, mode: str) -> str:
    """A secret from the environment, from the file that ``<name>_FILE`` names, or made in demo."""
    given = env.get(name) or _secret_of_file(env, f"{name}_FILE", mode)
    if mode != "production":
        return given or _kept_secret(instance / f"{name.lower()}.txt")
    if not given:
        raise ConfigError(
            f"{name} is not set (nor {name}_FILE); production does not make secrets by itself"
        )
    if len(given) < WEAKEST_SECRET or len(set(given)) < FEWEST_CHARACTERS:
        raise ConfigError(f"{name} is weak: give at least {WEAKEST_SECRET} random characters")
    return given


def _secret_of_file(env: Mapping[str, str], name: str, mode: str) -> str:
    if not env.get(name):
        return ""
    path = Path(env[name])
    try:
        readable_by_all = path.stat().st_mode & stat.S_IROTH
        text = path.read_text().strip()
    except OSError as error:
        raise ConfigError(f"{name}: cannot read {path} ({error.strerror})") from error
    if mode == "production" and readable_by_all:
        raise ConfigError(f"{name}: {path} can be read by everybody; chmod 600 it")
    return text


def _kept_secret(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
