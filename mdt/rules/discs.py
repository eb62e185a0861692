"""What lies on a burned CD: images, reports, and the viewer that the writer put beside them.

Known by its DICOMDIR (PS3.10). `frontend/lib/disc.js` does the same for a chosen folder, so that a
viewer of 200 MB is not sent over a thin line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_DIRECTORY = "dicomdir"
#: What a viewer and its help consist of.
PROGRAM_EXTENSIONS = frozenset(
    (
        "app", "bat", "cab", "cfg", "chm", "class", "cmd", "com", "config", "css", "cur",
        "db", "dll", "dtd", "dylib", "exe", "gif", "hlp", "htm", "html", "ico", "inf", "ini",
        "jar", "js", "lng", "lnk", "log", "manifest", "msi", "ocx", "plist", "pl",
        "properties", "reg", "sh", "so", "swf", "sys", "ttf", "txt", "url", "vbs", "wav",
        "xml", "xsl", "xslt",
    )
)  # fmt: skip
#: Manuals and buttons where they lie in the viewer's folder, papers anywhere else.
PAPER_EXTENSIONS = frozenset({"bmp", "jpeg", "jpg", "pdf", "png", "tif", "tiff"})


@dataclass(frozen=True)
class DiscPlan:
    """Which files to read, in this order (directories last), and which are the viewer's.

    ``disc`` says of each wanted name whether it lies on a disc.
    """

    wanted: tuple[str, ...]
    left_out: tuple[str, ...]
    disc: frozenset[str]


def plan_files(names: Sequence[str]) -> DiscPlan:
    """Sort the files of a folder or an archive; without a DICOMDIR all are wanted."""
    roots = sorted((_folder(name) for name in names if is_directory(name)), key=len, reverse=True)
    placed = [(name, next((one for one in roots if name.startswith(one)), None)) for name in names]
    viewers = {
        (root, _top(name, root))
        for name, root in placed
        if root is not None and _top(name, root) and _extension(name) in PROGRAM_EXTENSIONS
    }
    left = {
        name
        for name, root in placed
        if root is not None and _is_viewers(name, (root, _top(name, root)) in viewers)
    }
    wanted = sorted((name for name in names if name not in left), key=is_directory)
    return DiscPlan(
        tuple(wanted),
        tuple(name for name in names if name in left),
        frozenset(name for name, root in placed if root is not None and name not in left),
    )


def is_directory(name: str) -> bool:
    """Whether this is the directory of a disc, by its name."""
    return name.rsplit("/", 1)[-1].lower() == _DIRECTORY


def _is_viewers(name: str, beside_program: bool) -> bool:
    extension = _extension(name)
    return extension in PROGRAM_EXTENSIONS or (beside_program and extension in PAPER_EXTENSIONS)


def _folder(name: str) -> str:
    return name[: name.rfind("/") + 1]


def _top(name: str, root: str) -> str:
    """The folder just below the disc's own in which a file lies, or nothing."""
    first, slash, _ = name[len(root) :].partition("/")
    return first if slash else ""


def _extension(name: str) -> str:
    _, dot, extension = name.rsplit("/", 1)[-1].rpartition(".")
    return extension.lower() if dot else ""
