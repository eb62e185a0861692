"""Argon2id, with a cap on how many run at once (64 MiB each)."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(2)
#: Checked where there is no such account, so that the answer takes the same time.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Hash with today's parameters."""
    with _slots:
        return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an unknown account."""
    with _slots:
        try:
            _hasher.verify(password_hash or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether it was made with older parameters."""
    return _hasher.check_needs_rehash(password_hash)
