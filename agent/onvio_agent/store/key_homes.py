"""The places of the vault's key: its own, the one beside it that a rotation fills first, and one aside
for the key in use while another lies in its own.

Asked aside of the loop, each in its time; what the system says there becomes `PlaceClosed` or
`StoreFailed`. Which key counts is the vault's to say.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from onvio_agent.errors import StoreFailed
from onvio_agent.store import failures
from onvio_agent.store.base import Exec, VaultKey
from onvio_agent.store.key_places import KeyPlace, KeyUnusable, PlaceClosed
from onvio_agent.store.sealing import Key, key_id

T = TypeVar("T")


class KeyHomes:
    """`places`, `beside` and `aside` by kind. `key_path` names the file in errors."""

    def __init__(
        self,
        exec_: Exec,
        places: dict[str, KeyPlace],
        beside: dict[str, KeyPlace],
        aside: dict[str, KeyPlace],
        key_path: Path,
        keyring_timeout_s: float,
    ) -> None:
        self._exec = exec_
        self._places = places
        self._beside = beside
        self._aside = aside
        self._key_path = key_path
        self._timeout_s = keyring_timeout_s

    async def kept(
        self, recorded: VaultKey, key: Key
    ) -> Literal["open", "restored", "unseen", "replaced"]:
        """How the key in use lies in its place, where it is put back if need be; while another one
        lies there, it is kept aside."""
        place, aside = self._places[recorded.kind], self._aside[recorded.kind]
        try:
            found = await self.read(place)
            was_there = found == key.raw or bool(await self.settled(recorded))
            if not was_there and not found:
                found = await self.ask(place, lambda: place.create(key.raw))
        except PlaceClosed:
            return "unseen"
        in_place = was_there or found == key.raw
        with contextlib.suppress(PlaceClosed, StoreFailed):
            if in_place:
                await self.ask(aside, aside.remove)
            elif await self.read(aside) != key.raw:
                await self.ask(aside, lambda: aside.replace(key.raw))
        if not in_place:
            return "replaced"
        return "open" if was_there else "restored"

    async def read(self, place: KeyPlace) -> bytes | None:
        """What lies there; something that is no key counts as another key."""
        try:
            return await self.ask(place, place.read)
        except KeyUnusable:
            return b""

    async def settled(self, recorded: VaultKey) -> bytes | None:
        """The key of a rotation that was cut after its commit, brought to its place."""
        raw = await self.read(self._beside[recorded.kind])
        if raw is None or key_id(raw) != recorded.key_id:
            return None
        await self.settle(recorded.kind, raw)
        return raw

    async def found_beside(self, recorded: VaultKey) -> bytes | None:
        """The recorded key, where its own place does not hold it: left by a rotation, or kept aside."""
        raw = await self.settled(recorded)
        if raw is None:
            raw = await self.read(self._aside[recorded.kind])
        return raw if raw is not None and key_id(raw) == recorded.key_id else None

    async def settle(self, kind: str, raw: bytes) -> None:
        """Both places hold what they should; where that fails now, it is done at the next load."""
        place, beside = self._places[kind], self._beside[kind]
        with contextlib.suppress(PlaceClosed, StoreFailed):
            await self.ask(place, lambda: place.replace(raw))
            await self.ask(beside, beside.remove)

    async def made(self, place: KeyPlace, fresh: bytes) -> bytes:
        """The key that lies there, `fresh` where there was none."""
        return await self.ask(place, lambda: place.create(fresh))

    async def ask(self, place: KeyPlace, call: Callable[[], T]) -> T:
        """What `call` of that place gives. Raises `PlaceClosed`, `StoreFailed`."""
        try:
            if place.kind == "file":
                return await self._exec.run(call)
            return await self._exec.run_blocking(call, self._timeout_s)
        except TimeoutError as error:
            raise PlaceClosed("no answer in time") from error
        except OSError as error:
            raise failures.from_os(error, self._key_path) from error
