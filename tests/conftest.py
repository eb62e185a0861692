"""Services, browser, markers and settings of the whole suite; the app's fixtures stand apart."""

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import settings

from tests import services, warm_start

# What is loaded stays (see `wsgi.py`): the rubbish is looked for again when the tests are known.
gc.disable()

pytest_plugins = ["tests.fixtures_app"]

#: What a whole run keeps there at once, several times over.
ROOMY = 8 * 2**30
MEMORY = Path("/dev/shm")  # noqa: S108 -- pytest makes a folder of its own there


def _memory_is_roomy() -> bool:
    said = Path("/proc/meminfo")
    if not (MEMORY.is_dir() and said.exists()):
        return False
    available = next(line for line in said.read_text().splitlines() if "MemAvailable" in line)
    return min(shutil.disk_usage(MEMORY).free, int(available.split()[1]) * 1024) >= ROOMY


# No file of a test need survive a power cut; on a disk each commit and each blob waits for it.
if _memory_is_roomy():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# The same examples on every run, and no time limit for each: a slow machine is no failure.
settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

#: Half of the time of all that needs no browser: the whole demo, every door as everybody, servers
#: and children that are killed. `make test-fast` leaves them to `make test`.
SLOW = (
    "integration/demo",
    "integration/plans/test_sign_plan_parallel.py",
    "integration/reports/test_coverage_reference.py",
    "integration/security/test_access_matrix.py",
    "integration/security/test_pages.py",
    "realtime/test_attacks.py",
    "realtime/test_killed_server.py",
    "realtime/test_two_processes.py",
    "unit/adapters/test_demo_images.py",
    "unit/adapters/test_sandbox.py",
)
KINDS = ("unit", "integration", "realtime", "e2e")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, so that no mark can be forgotten."""
    tests = Path(__file__).parent
    for item in items:
        path = item.path.relative_to(tests)
        if path.parts[0] in KINDS:
            item.add_marker(path.parts[0])
        if path.as_posix().startswith(SLOW):
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """Look for rubbish in what the tests make, and not in the program and the tests themselves."""
    gc.freeze()
    gc.enable()


def pytest_sessionfinish() -> None:
    """End what has started the servers of the tests."""
    warm_start.stop()


@contextmanager
def skip_where_lacking() -> Iterator[None]:
    """Skip for a service that this machine lacks, or fail where every service is required."""
    try:
        yield
    except services.Lacking as lacking:
        if os.environ.get("MDT_TEST_REQUIRE") == "all":
            pytest.fail(str(lacking), pytrace=False)
        pytest.skip(str(lacking))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server, started for this run."""
    with skip_where_lacking(), services.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a Redis server, started for this run, as MDT_REDIS_URL takes it."""
    with skip_where_lacking(), services.redis() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of an S3 service, started for this run."""
    with skip_where_lacking(), services.s3() as url:
        yield url


@pytest.fixture
def s3_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """MDT_STORAGE_URL of an empty bucket for one test, with the variables that lead there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    bucket = f"mdt-{uuid.uuid4().hex[:12]}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/county"


@pytest.fixture(scope="session")
def dcmtk() -> Any:
    """``dcmtk("storescu")`` gives a program of Debian's dcmtk."""

    def find(name: str) -> str:
        with skip_where_lacking():
            return services.dcmtk(name)

    return find


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch Debian's Chromium: no sandbox for root, no calls home, a made-up camera."""
    with skip_where_lacking():
        return {
            **browser_type_launch_args,
            "executable_path": services.chromium(),
            "args": list(services.CHROMIUM_OPTIONS),
        }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Every context is a Chinese hospital's browser."""
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
