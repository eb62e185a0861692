"""Seal, open, blind index. One place where identities and files become unreadable and back.

A sealed value is ``version | key id | nonce | AES-256-GCM ciphertext``; the associated data ties it
to its table and row, so that a cell moved to another row does not open (security.md row 65).
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class SealBroken(Exception):
    """The bytes were changed, moved to another row, or sealed with a key we do not hold."""


class Keyring:
    """Keys derived from one field key: one for sealing, one for blind indexes.

    ``older`` are former field keys, by which old values still open.
    """

    def __init__(self, field_key: str, older: tuple[str, ...] = ()) -> None:
        self._sealing = {_key_id(key): AESGCM(_derive(key, b"seal")) for key in (*older, field_key)}
        self._current = _key_id(field_key)
        self._index_key = _derive(field_key, b"index")

    @property
    def key_id(self) -> str:
        """Number of the key that seals (hex); it says nothing of the key itself."""
        return self._current.hex()

    def seal(self, data: bytes, *, aad: bytes) -> bytes:
        """Encrypt ``data``; only the same ``aad`` opens it again."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = self._sealing[self._current].encrypt(nonce, data, aad)
        return _VERSION + self._current + nonce + cipher

    def open(self, sealed: bytes, *, aad: bytes) -> bytes:
        """Decrypt, or raise `SealBroken`."""
        head, body = sealed[: 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES :]
        key = self._sealing.get(head[1:])
        if head[:1] != _VERSION or key is None:
            raise SealBroken
        try:
            return key.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], aad)
        except InvalidTag as error:
            raise SealBroken from error

    def blind_index(self, purpose: str, value: str) -> str:
        """A keyed hash (hex) by which an exact value is found and not read."""
        text = f"{purpose}\0{value}".encode()
        return hmac.digest(self._index_key, text, "sha256").hex()


def _key_id(key: str) -> bytes:
    return hashlib.sha256(b"id" + key.encode()).digest()[:_KEY_ID_BYTES]


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"mdt", info=purpose).derive(key.encode())
