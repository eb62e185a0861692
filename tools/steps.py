"""Steps of the set-up: each is skipped when nothing changed, timed, and logged to its own file."""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / ".setup"
LAST_LINES = 12


class Failed(Exception):
    """A step did not succeed; the message says what to look at."""


@dataclass(frozen=True)
class Shell:
    """Runs commands in the project's folder and keeps what they print."""

    log: Path

    def run(self, *command: str | Path, env: Mapping[str, str] | None = None) -> None:
        """Run one command. Raises Failed with the end of its output."""
        with self.log.open("a", encoding="utf-8") as output:
            print("$", *command, file=output, flush=True)
            ended = subprocess.run(
                command, cwd=ROOT, env={**os.environ, "NO_COLOR": "1", **(env or {})}, check=False,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        if ended.returncode:
            told = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            lines = "\n".join(f"    {line}" for line in told[-LAST_LINES:])
            name = " ".join([Path(command[0]).name, *map(str, command[1:3])])
            raise Failed(f"  {name} ended with code {ended.returncode}:\n{lines}")


@dataclass(frozen=True)
class Step:
    """One line of the set-up.

    A step with `inputs` is up to date while those files (patterns below the project's folder) are
    as they were and each of `outputs` exists; `needed`, where given, decides instead. `note` tells
    what is done by a step that takes long.
    """

    key: str
    title: str
    action: Callable[[Shell], None]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    needed: Callable[[], bool] | None = None
    hint: str = ""
    note: str = ""

    def is_needed(self) -> bool:
        """Tell whether the step has to run."""
        if self.needed:
            return self.needed()
        if not all((ROOT / output).exists() for output in self.outputs):
            return True
        return not self._stamp.exists() or self._stamp.read_text() != self._digest()

    def run(self) -> None:
        """Run the action; the stamp is written only after it succeeded."""
        self._stamp.unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)
        self.action(Shell(self.log))
        self._stamp.write_text(self._digest())

    @property
    def log(self) -> Path:
        """The file with all that the step printed."""
        return STATE / f"{self.key}.log"

    @property
    def _stamp(self) -> Path:
        return STATE / f"{self.key}.stamp"

    def _digest(self) -> str:
        digest = hashlib.sha256()
        files = {path for pattern in self.inputs for path in ROOT.glob(pattern) if path.is_file()}
        for path in sorted(files):
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def run_steps(steps: Sequence[Step]) -> None:
    """Run the steps in order and tell of each. Ends the program where one fails."""
    with _alone():
        for number, step in enumerate(steps, 1):
            _tell(f"[{number}/{len(steps)}] {step.title} ... ")
            if not step.is_needed():
                print("up to date", flush=True)
                continue
            _tell(f"{step.note} ... " if step.note else "")
            began = time.monotonic()
            try:
                step.run()
            except Failed as failure:
                print(f"failed after {time.monotonic() - began:.1f} s\n{failure}")
                sys.exit("".join(f"  {line}\n" for line in _advice(step)).rstrip())
            print(f"{time.monotonic() - began:.1f} s", flush=True)


def _advice(step: Step) -> Iterator[str]:
    if step.hint:
        yield step.hint
    yield f"All of its output: {step.log.relative_to(ROOT)}"


def _tell(text: str) -> None:
    print(text, end="", flush=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Let only one set-up at a time work in this checkout; another one waits."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work in this checkout; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
