"""What a look into a folder leaves where it is, and why: counted, with one name of each kind.

Pure. Its codes are reasons of the catalogue, whose sentences name `count` and `example`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class LeftKind(msgspec.Struct, frozen=True):
    """How many were left for one reason; `example`: the path of the first of them."""

    count: int
    example: str


class Left:
    """See the module docstring. Filled by whoever looks, on whatever thread that is."""

    def __init__(self) -> None:
        self._kinds: dict[str, LeftKind] = {}

    @property
    def kinds(self) -> Mapping[str, LeftKind]:
        """By code, in the order of their first coming."""
        return self._kinds

    def add(self, code: str, path: str) -> None:
        """One more. `path` relative to the folder, as the system gives it."""
        known = self._kinds.get(code)
        self._kinds[code] = LeftKind(
            known.count + 1 if known else 1, known.example if known else path
        )
