"""The tests of the front end's own modules, run by Node.js."""

import os
import subprocess
from pathlib import Path

import pytest

from tools.toolchain import node_folder

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "frontend").rglob("*.test.js"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_module(module):
    folder = node_folder()
    assert folder, "make test-fast finds or installs Node.js"
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    answer = subprocess.run(
        [folder / "node", "--test", module],
        cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
