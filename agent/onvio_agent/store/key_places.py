"""Where the vault's key may lie, as a protocol. Places are blocking: the vault calls them aside."""

from __future__ import annotations

from typing import Protocol


class PlaceClosed(Exception):
    """The place cannot be reached now: locked, not running, not installed, or it does not store."""


class KeyUnusable(Exception):
    """Something lies in the place that is no key of ours, or that others could have put there."""


class KeyPlace(Protocol):
    """One place for one key of 32 bytes."""

    kind: str

    def read(self) -> bytes | None:
        """The key, None where there is none; raises `PlaceClosed` or `KeyUnusable`."""

    def create(self, key: bytes) -> bytes:
        """Puts `key` there, sees that it can be read again, and returns it; an unusable thing in
        its way gives way. Where there is a key already, that one is returned instead."""

    def replace(self, key: bytes) -> None:
        """Puts `key` in place of whatever lies there, in one step; raises `PlaceClosed`."""

    def remove(self) -> None:
        """Nothing lies there any more; raises `PlaceClosed`."""
