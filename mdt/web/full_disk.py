"""Whether an error says that there is no room left, whoever ran out of it."""

import errno
import sqlite3

_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT})
_POSTGRESQL_DISK_FULL = "53100"


def is_full_disk(error: BaseException) -> bool:
    """Whether a disk or its quota is full: for a file, for SQLite, or for PostgreSQL."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if _says_so(cause) or _says_so(getattr(cause, "orig", None)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _says_so(error: object) -> bool:
    return (
        (isinstance(error, OSError) and error.errno in _ERRNO)
        or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL
    )
