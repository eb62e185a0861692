"""How much memory a server takes: the process that answers, and the children that read files."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_EVERY = 0.02


@dataclass
class Memory:
    """Resident bytes, now and at most, of the server's processes and of the sandbox's children."""

    server: int = 0
    children: int = 0
    most_server: int = 0
    most_children: int = 0

    def look(self, root: int) -> None:
        """Read what is there now."""
        workers = _children(root)
        self.server = sum(map(_resident, (root, *workers)))
        # Counted by their parent: one that is being started looks like the server for a moment.
        self.children = sum(_resident(pid) for one in workers for pid in _children(one))
        self.most_server = max(self.most_server, self.server)
        self.most_children = max(self.most_children, self.children)


@contextmanager
def watched(root: int) -> Iterator[Memory]:
    """Look at the processes that hang on ``root`` until the block ends."""
    memory, ended = Memory(), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            memory.look(root)

    memory.look(root)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join()
        memory.look(root)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            found.extend(map(int, task.read_text().split()))
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    """Resident bytes; none of one that has ended."""
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0
