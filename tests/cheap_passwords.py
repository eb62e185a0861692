"""Passwords at a price for tests, which sign in hundreds of times.

A check of the program's own takes a fifth of a second; `full_price` gives it back to a test.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from mdt.services import passwords

_OWN = passwords._hasher
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

passwords._hasher = _CHEAP


@contextmanager
def full_price() -> Iterator[None]:
    """Hash as the program does without its tests."""
    passwords._hasher = _OWN
    try:
        yield
    finally:
        passwords._hasher = _CHEAP
