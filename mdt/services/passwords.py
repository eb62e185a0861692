"""Argon2id, with a cap on how many run at once (64 MiB each)."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """Hash with today's parameters."""
    with _slots:
        return _hasher.hash(password)


@cache
def _hash_of_nobody() -> str:
    """What is checked where there is no such account, so that the answer takes the same time.

    Made at the first sign-in: most processes that start never see one.
    """
    return hash_password("nobody has this password")


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an unknown account."""
    nobody = _hash_of_nobody()
    with _slots:
        try:
            _hasher.verify(password_hash or nobody, password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether it was made with older parameters."""
    return _hasher.check_needs_rehash(password_hash)
