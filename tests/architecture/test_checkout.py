"""What a fresh checkout must hold, and must not."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r'[A-Za-z0-9._-]+==[A-Za-z0-9.]+(; python_full_version < "[\d.]+")?')


@pytest.mark.parametrize("target", ["run", "test", "test-fast", "check", "bench"])
def test_makefile_has_the_command(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}: ##", makefile, re.MULTILINE)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    loose = [
        line
        for line in lines
        if not line.startswith("#") and line != "-r requirements.txt" and not PIN.fullmatch(line)
    ]
    assert loose == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_pins_agree_with_the_short_list(name):
    """Each line of the .in list stands in the pinned list, with that version where it names one."""
    pinned = {
        _name(line): line.partition(";")[0].partition("==")[2].strip()
        for line in (ROOT / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    wanted = {
        _name(line): line.partition(";")[0].partition("==")[2].strip()
        for line in (ROOT / f"{name}.in").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-r"))
    }
    assert [
        package
        for package, version in wanted.items()
        if package not in pinned or (version and version != pinned[package])
    ] == []


def test_nothing_that_is_built_is_committed():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    built = re.compile(r"mdt/static/build/|\.(ttf|otf|mo|map|dcm|pyc)$|^(instance|node_modules)/")
    assert [path for path in listed if built.search(path)] == []


def _name(line: str) -> str:
    """Normalise a package's name (PEP 503), without extras and version."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[=<>;~! ]", line)[0]).lower()
