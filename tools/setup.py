"""Makes a fresh checkout ready for a goal: `python -m tools.setup run|test|fast`.

`run` also starts the server. Standard library only: it runs before any package is there.
"""

import os
import socket
import subprocess
import sys

from tools import standing, toolchain
from tools.steps import ROOT, Shell, Step, run_steps

TEST_PACKAGES = ("chromium", "dcmtk", "fonts-noto-cjk", "poppler-utils")
NO_REGISTRY = "Can this machine reach the {} registry? See its network, its proxy, {}'s settings."


def build_front_end(shell: Shell) -> None:
    """Bundle scripts and styles, and lay the fonts beside the maker of the PDFs."""
    toolchain.npm(shell, "run", "build")
    toolchain.npm(shell, "run", "fonts")


def compile_program(shell: Shell) -> None:
    """Compile the modules: many short processes read them, and those in the sandbox write none."""
    shell.run(toolchain.BIN / "python", "-m", "compileall", "-q", "mdt", "wsgi.py")


def compile_translations(shell: Shell) -> None:
    """Compile the message catalogues, where there are any."""
    if (ROOT / "mdt" / "translations").is_dir():
        command = ("compile", "-d", "mdt/translations", "--use-fuzzy")
        shell.run(toolchain.BIN / "pybabel", *command)


def flask(shell: Shell, *arguments: str) -> None:
    """Run one of the app's commands."""
    shell.run(toolchain.BIN / "flask", "--app", "wsgi", *arguments)


def install_debian_packages(shell: Shell) -> None:
    """Install what the tests use of Debian."""
    shell.run("sh", "tools/debian_packages.sh", *TEST_PACKAGES)


def lack_debian_packages() -> bool:
    """Tell whether something is missing that could be installed here."""
    command = ["sh", "tools/debian_packages.sh", "--missing", *TEST_PACKAGES]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


ENVIRONMENT = Step(
    "environment",
    "Virtual environment",
    toolchain.make_environment,
    needed=lambda: not toolchain.python_works(),
)
PACKAGES = Step(
    "packages",
    "Python packages",
    lambda shell: toolchain.pip_install(shell, "-r", "requirements.txt"),
    inputs=("requirements.txt",),
    hint=NO_REGISTRY.format("Python package", "pip"),
)
DEV_PACKAGES = Step(
    "dev-packages",
    "Packages for tests and checks",
    lambda shell: toolchain.pip_install(shell, "-r", "requirements-dev.txt"),
    inputs=("requirements.txt", "requirements-dev.txt"),
    hint=PACKAGES.hint,
)
NODE = Step(
    "node",
    "Node.js",
    toolchain.install_node,
    needed=lambda: toolchain.node_folder() is None,
    hint=PACKAGES.hint,
)
NODE_PACKAGES = Step(
    "node-packages",
    "Front-end packages",
    # No package of the lock file needs its install script, so none gets to run.
    lambda shell: toolchain.npm(shell, "ci", "--ignore-scripts"),
    inputs=("package.json", "package-lock.json", ".npmrc"),
    outputs=("node_modules",),
    hint=NO_REGISTRY.format("npm", "npm"),
)
FRONT_END = Step(
    "front-end",
    "Front end and fonts",
    build_front_end,
    inputs=("frontend/**/*", "package-lock.json", "vite.config.*"),
    outputs=("mdt/static/build/manifest.json", "mdt/adapters/fonts/NotoSansSC-Regular.ttf"),
)
TRANSLATIONS = Step(
    "translations", "Translations", compile_translations, inputs=("mdt/translations/**/*.po",)
)
PROGRAM = Step("program", "Program", compile_program, inputs=("mdt/**/*.py", "wsgi.py"))
DATABASE = Step(
    "database",
    "Database",
    lambda shell: flask(shell, "db", "upgrade"),
    needed=lambda: not standing.database_is_current(),
)
DEMO = Step(
    "demo",
    "Demo data",
    lambda shell: flask(shell, "demo", "load"),
    needed=lambda: not standing.demo_is_loaded(),
    note="once, a minute or two: images, cases, opinions, a register",
)
DEBIAN = Step("debian", "Browser and fonts", install_debian_packages, needed=lack_debian_packages)

BUILD = [NODE, NODE_PACKAGES, FRONT_END, TRANSLATIONS, PROGRAM]
GOALS = {
    "run": [ENVIRONMENT, PACKAGES, *BUILD, DATABASE],
    "fast": [ENVIRONMENT, DEV_PACKAGES, *BUILD],
    "test": [ENVIRONMENT, DEV_PACKAGES, *BUILD, DEBIAN],
}


def main(goal: str) -> None:
    """Run the steps of a goal, and then the server where that is the goal."""
    os.chdir(ROOT)
    if goal != "run":
        run_steps(GOALS[goal])
        return
    demo = os.environ.get("MDT_ENV", "demo") == "demo"
    host, port = os.environ.get("MDT_HOST", "127.0.0.1"), os.environ.get("MDT_PORT", "8000")
    refuse_taken_port(host, int(port))
    run_steps([*GOALS["run"], DEMO] if demo else GOALS["run"])
    serve(f"http://{host}:{port}", demo=demo)


def refuse_taken_port(host: str, port: int) -> None:
    """End before the work begins where another program has the address."""
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        sys.exit(f"Cannot listen on {host}:{port} ({why}). Set MDT_HOST or MDT_PORT.")


def serve(address: str, *, demo: bool) -> None:
    """Start the worker and become the server, which says so with `MDT_WELCOME` once it answers.

    Both are of one process group, and the worker ends with the server however that one ends.
    """
    accounts = "\n\n{accounts}" if demo else ""
    welcome = f"\nmdt is ready: {address}{accounts}\n\nCtrl-C ends it."
    environment = {**os.environ, "MDT_WELCOME": welcome}
    program = str(toolchain.BIN / "gunicorn")
    command = [program, "--config", "deploy/gunicorn.conf.py", "wsgi:app"]
    print("Starting the server ...", flush=True)
    # The server keeps the number of this process.
    worker = (toolchain.BIN / "flask", "--app", "wsgi", "worker", "--beside", str(os.getpid()))
    subprocess.Popen(worker, stdin=subprocess.DEVNULL)
    os.execve(program, command, environment)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
