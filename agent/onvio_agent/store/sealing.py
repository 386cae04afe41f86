"""How a secret is sealed: AES-256-GCM, bound to the row it lies in and to the key's id. Pure.

    byte 0       version, 1
    bytes 1-4    the key's id
    bytes 5-16   nonce
    the rest     ciphertext and tag; associated data = row name, newline, key id

So a sealed value moved to another row, cut, or sealed with another key does not open.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = b"\x01"
_ID_BYTES = 4
_HEAD_BYTES = 1 + _ID_BYTES + NONCE_BYTES
_TAG_BYTES = 16


class NotOpened(Exception):
    """Damaged, of another row, or sealed with another key."""


class Key:
    """A loaded key. Its bytes never show in a repr; `id` names it without giving it away, `raw` is
    for its place alone."""

    def __init__(self, raw: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # on use: 15 ms

        self.id = key_id(raw)
        self.raw = raw
        self._cipher: AESGCM = AESGCM(raw)

    def seal(self, plaintext: bytes, row: str, nonce: bytes) -> bytes:
        """`plaintext` for that row; `nonce`: 12 random bytes, never used twice."""
        ciphertext = self._cipher.encrypt(nonce, plaintext, _bound_to(row, self.id))
        return _VERSION + bytes.fromhex(self.id) + nonce + ciphertext

    def open(self, sealed: bytes, row: str) -> bytes:
        """The plaintext, or `NotOpened`."""
        from cryptography.exceptions import InvalidTag

        if len(sealed) < _HEAD_BYTES + _TAG_BYTES or sealed[:1] != _VERSION:
            raise NotOpened
        if sealed[1 : 1 + _ID_BYTES] != bytes.fromhex(self.id):
            raise NotOpened
        nonce, ciphertext = sealed[1 + _ID_BYTES : _HEAD_BYTES], sealed[_HEAD_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _bound_to(row, self.id))
        except InvalidTag as error:
            raise NotOpened from error


def key_id(raw: bytes) -> str:
    """The first 8 hex digits of the key's SHA-256."""
    return hashlib.sha256(raw).hexdigest()[: 2 * _ID_BYTES]


def _bound_to(row: str, of_key: str) -> bytes:
    return f"{row}\n{of_key}".encode()
