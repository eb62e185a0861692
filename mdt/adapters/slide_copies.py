"""Working copies of slides: the one place where a file of a patient lies open on the disk.

OpenSlide reads files and nothing else. So the sealed original is opened into a folder of this
installation that nobody else may enter, for as long as its tiles are being drawn, and no longer.
"""

import fcntl
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mdt.rules.attachments import FileRefused, Refusal

#: What a converter is given to be done with one slide.
CONVERTER_SECONDS = 3600.0
_PIECE = 1024 * 1024
_DONE = "whole"
_LOCK = "lock"
_NAME = re.compile(r"\d+")
_CONVERTED = (".svs", ".tiff", ".tif")


class SlideCopies:
    """The folder of working copies, one folder for each slide under its number."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def held(self, number: int) -> Iterator[Path | None]:
        """The folder of a slide, while no other process works on it; None where one does."""
        folder = self._root / str(number)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root.chmod(0o700)
        with (folder / _LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            yield folder

    @contextmanager
    def passing(self, name: str) -> Iterator[Path]:
        """A folder for a look at a file that is just arriving; it is gone afterwards."""
        folder = self._root / f"look-{name}"
        folder.mkdir(mode=0o700, parents=True)
        self._root.chmod(0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def drop(self, number: int) -> None:
        """Remove a slide's working copy; one that is gone already is fine."""
        shutil.rmtree(self._root / str(number), ignore_errors=True)

    def sweep(self, wanted: Collection[int], *, before: float) -> int:
        """Remove copies of other slides, and looks begun before then (seconds since 1970)."""
        gone = 0
        with suppress(FileNotFoundError):
            for folder in sorted(self._root.iterdir()):
                if self._is_over(folder, wanted, before):
                    shutil.rmtree(folder, ignore_errors=True)
                    gone += 1
        return gone

    @staticmethod
    def _is_over(folder: Path, wanted: Collection[int], before: float) -> bool:
        if _NAME.fullmatch(folder.name):
            return int(folder.name) not in wanted
        with suppress(FileNotFoundError):
            return folder.stat().st_mtime < before
        return False


def copy_in(folder: Path, fill: Callable[[Path], Path]) -> Path:
    """The file to be opened in a slide's folder, made by ``fill`` unless it is there already.

    What a killed process left half done is made anew.
    """
    done, content = folder / _DONE, folder / "content"
    if done.exists():
        return content / done.read_text(encoding="utf-8")
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir(mode=0o700)
    opened = fill(content)
    beside = folder / f"{_DONE}.new"
    beside.write_text(str(opened.relative_to(content)), encoding="utf-8")
    beside.replace(done)
    return opened


def write_copy(stream: BinaryIO, target: Path) -> Path:
    """Write a stream from its start into a new file that only this user reads."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(stream, file, _PIECE)
    return target


def convert(command: str, source: Path, seconds: float = CONVERTER_SECONDS) -> Path:
    """Have a vendor's file made into one that is read, by the operator's command.

    The command is run with two arguments more, the file and an empty folder, in which it is to
    leave one file ``*.svs``, ``*.tif`` or ``*.tiff``. It gets nothing of the server's environment.
    The vendor's file is gone afterwards. Raises `FileRefused`.
    """
    target = source.parent / "converted"
    target.mkdir(mode=0o700)
    arguments = [*shlex.split(command), str(source), str(target)]
    try:
        subprocess.run(  # noqa: S603 -- the operator's own command
            arguments,
            check=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=target,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(target)},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise FileRefused(Refusal.SLIDE_NOT_CONVERTED) from error
    finally:
        source.unlink()
    found = [path for path in sorted(target.iterdir()) if path.suffix.lower() in _CONVERTED]
    if len(found) != 1 or found[0].is_symlink():
        raise FileRefused(Refusal.SLIDE_NOT_CONVERTED)
    return found[0]
