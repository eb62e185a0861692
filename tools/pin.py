"""Resolves requirements*.in into the pinned requirements*.txt: `make pin`, after editing an .in.

pip resolves for the Python that runs this, the oldest that mdt supports. A line of an .in list
with a condition that does not hold here is copied as it stands.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.steps import ROOT

OLDEST = (3, 11)
HEAD = "# Pinned from {}.in for Python 3.11 to 3.13; `make pin` writes this file.\n"


def main() -> None:
    """Write both lists."""
    if sys.version_info[:2] != OLDEST:
        sys.exit("Pin with Python 3.11, so that the versions fit every Python that mdt runs on")
    runtime = resolve("requirements.in")
    write("requirements", runtime)
    everything = resolve("requirements-dev.in", "-c", "requirements.txt")
    write("requirements-dev", everything - runtime, first="-r requirements.txt\n")


def resolve(name: str, *options: str) -> set[str]:
    """Let pip choose; returns lines like name==version."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        dry = ["--dry-run", "--ignore-installed", "--quiet", "--report", report]
        command = [sys.executable, "-m", "pip", "install", *dry, "-r", name, *options]
        subprocess.run(command, cwd=ROOT, check=True)
        chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    conditional = {line for line in lines if ";" in line and not line.startswith("#")}
    return conditional | {
        f"{package['metadata']['name'].lower().replace('_', '-')}=={package['metadata']['version']}"
        for package in chosen
    }


def write(name: str, pins: set[str], first: str = "") -> None:
    """Write one pinned list."""
    text = (
        HEAD.format(name)
        + first
        + "".join(f"{pin}\n" for pin in sorted(pins, key=lambda pin: pin.partition("==")[0]))
    )
    (ROOT / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
