"""Randomness, as a thing that is passed in.

`Streams` gives each concern its own generator, so that one more draw in one place changes nothing
elsewhere and a run can be repeated from its seed. `Entropy` is for secrets and identifiers; in
production it is the operating system's.
"""

from __future__ import annotations

import hashlib
import os
import random
from typing import Protocol


class Entropy(Protocol):
    """Unpredictable bytes."""

    def random_bytes(self, count: int) -> bytes:
        """`count` bytes that nobody can guess."""


class SystemEntropy:
    """The operating system's source."""

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)


class Streams:
    """Named generators derived from one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def named(self, name: str) -> random.Random:
        """A fresh generator for the concern `name`; the same seed and name give the same draws."""
        digest = hashlib.sha256(f"{self._seed}:{name}".encode()).digest()
        return random.Random(int.from_bytes(digest[:8]))  # noqa: S311 - jitter, not secrets


def new_token(entropy: Entropy) -> str:
    """An unguessable name: 64 hex digits."""
    return entropy.random_bytes(32).hex()
