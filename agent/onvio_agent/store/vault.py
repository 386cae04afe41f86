"""The vault: seals what must not lie open in the store, with one key that lies elsewhere.

Where the key lies (`keyring` or `file`) is chosen at the first seal and recorded in the store with the
key's id. From then on a key that is absent means wait (vault.locked) and another key in its place means
sign in again (vault.lost). Never makes a second key in silence; never writes a key into the store.

A key that is in use is also the one that every later start must find. So its place is looked at when a
person signs in or asks, and before a session is renewed and at the end where it is a file: what is
missing or no key is put back; another key is told (vault.replaced) and left alone, and the one in use
is kept beside it, where the next start finds it.

A new key comes by `rotate` alone. It is put beside the old one, then everything is sealed anew and the
record changed in one transaction, then it takes the old one's place: wherever that is cut, one of the
two places holds the recorded key.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

from onvio_agent.contract.vault import KeyState, VaultStatus
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.store.base import Exec, Store, VaultKey
from onvio_agent.store.holds import Holds
from onvio_agent.store.key_file import KeyFile
from onvio_agent.store.key_homes import KeyHomes
from onvio_agent.store.key_places import KeyPlace, PlaceClosed
from onvio_agent.store.key_ring import KeyRing
from onvio_agent.store.sealing import KEY_BYTES, NONCE_BYTES, Key, NotOpened, key_id

KEYRING_TIMEOUT_S = 10.0
"""A keyring that wants a person answers late or never; nobody may wait for it longer."""


def tell_nobody(_news: VaultStatus) -> None:
    """For whoever only looks."""


class Vault:
    """One vault for one store. `account` tells apart the profiles that share a keyring; `tell` hears of
    a key that was `restored`, and once that it is `replaced`."""

    def __init__(
        self,
        store: Store,
        exec_: Exec,
        *,
        kind: str,
        key_path: Path,
        random_bytes: Callable[[int], bytes],
        service: str = "onvio-agent",
        account: str | None = None,
        keyring_timeout_s: float = KEYRING_TIMEOUT_S,
        tell: Callable[[VaultStatus], None] = tell_nobody,
    ) -> None:
        self._store = store
        self._exec = exec_
        self._wanted_kind = kind
        self._random_bytes = random_bytes
        self._tell = tell
        self._told: KeyState = "open"
        name = account or _account_of(key_path)
        self._places: dict[str, KeyPlace] = {
            "keyring": KeyRing(service, name),
            "file": KeyFile(key_path),
        }
        self._next_places: dict[str, KeyPlace] = {
            "keyring": KeyRing(service, f"{name}-next"),
            "file": KeyFile(key_path.with_name(f"{key_path.name}.next")),
        }
        aside: dict[str, KeyPlace] = {
            "keyring": KeyRing(service, f"{name}-in-use"),
            "file": KeyFile(in_use_path(key_path)),
        }
        self._homes = KeyHomes(
            exec_, self._places, self._next_places, aside, key_path, keyring_timeout_s
        )
        self._holds = Holds()
        self._key: Key | None = None
        self._former: list[
            Key
        ] = []  # of this run: what was read before a rotation is opened after it
        self._turn = asyncio.Lock()

    async def seal(self, plaintext: bytes, *, row: str, may_renew: bool = False) -> bytes:
        """`plaintext` so that only `open` with the same row gives it back.

        `may_renew`: a person is signing in, so a key that is lost may be given up for a new one, and
        one that no later start would find is refused (vault.replaced).
        Raises `VaultFailed` (vault.locked, vault.lost too) or `StoreFailed`.
        """
        if may_renew and self._key is not None and (await self.status()).state == "replaced":
            raise VaultFailed("vault.replaced")
        key = self._key or await self._load(may_choose=True, may_renew=may_renew)
        return key.seal(plaintext, row, self._random_bytes(NONCE_BYTES))

    async def open(self, sealed: bytes, *, row: str) -> bytes:
        """What was sealed for that row. vault.lost also where the sealed value itself is damaged."""
        key = self._key or await self._load()
        for each in (key, *self._former):
            with contextlib.suppress(NotOpened):
                return each.open(sealed, row)
        raise VaultFailed("vault.lost")

    def hold(self) -> AbstractAsyncContextManager[None]:
        """The key stays as it is for this block: seal and store in one."""
        return self._holds.hold()

    async def rotate(self) -> VaultStatus:
        """A new key, with which everything that is stored is sealed from now on.

        Raises `VaultFailed` where the present key cannot be had, `StoreFailed`; nothing is changed then.
        """
        async with self._holds.alone():
            if (await self.status()).state == "replaced":
                raise VaultFailed("vault.replaced")
            await self._change()
        return await self.status()

    async def _change(self) -> None:
        async with self._turn:
            recorded = await self._store.vault_key()
            if recorded is None:
                self._key = await self._choose()
            else:
                self._key = await self._rotate(recorded, await self._recorded(recorded))

    async def renew(self) -> None:
        """A person gives up the recorded key, lost or absent, for the one that lies in its place
        or, where there is none, for a new one. What the old one sealed stays closed.

        Raises `VaultFailed` (vault.locked) where no key can be kept, `StoreFailed`.
        """
        async with self._holds.alone(), self._turn:
            recorded = await self._store.vault_key()
            self._key = await (self._choose() if recorded is None else self._renew(recorded))

    async def status(self) -> VaultStatus:
        """Kind, key id and whether the key can be had, now and by the next start. Chooses nothing;
        puts the key in use back where nothing, or nothing usable, lies in its place.

        Raises `StoreFailed` where its file can be neither read nor written.
        """
        async with self._turn:
            recorded = await self._store.vault_key()
            if recorded is None:
                return VaultStatus(kind=None, key_id=None, state="unset")
            state: KeyState = "open"
            try:
                if self._key is None or self._key.id != recorded.key_id:
                    self._key = None
                    self._key = await self._recorded(recorded)
                else:
                    state = await self._homes.kept(recorded, self._key)
            except VaultFailed as error:
                state = "locked" if error.code == "vault.locked" else "lost"
        found = VaultStatus(kind=recorded.kind, key_id=recorded.key_id, state=state)
        if state == "restored" or (state == "replaced" and self._told != state):
            self._tell(found)
        self._told = state
        return found

    async def keep(self) -> None:
        """Have the next start find the key in use, where that makes nobody wait: a keyring may be
        slow. For what must be stored in any case, hence without errors."""
        if self._key is None:
            return
        with contextlib.suppress(StoreFailed):
            recorded = await self._store.vault_key()
            if recorded is not None and recorded.kind == "file":
                await self.status()

    def forget(self) -> None:
        """Drops the loaded key; the next use asks for it again."""
        self._key = None

    async def _load(self, *, may_choose: bool = False, may_renew: bool = False) -> Key:
        async with self._turn:
            if self._key is None:
                self._key = await self._find(may_choose=may_choose, may_renew=may_renew)
            return self._key

    async def _find(self, *, may_choose: bool, may_renew: bool) -> Key:
        recorded = await self._store.vault_key()
        if recorded is None:
            if may_choose:
                return await self._choose()
            raise VaultFailed("vault.lost")
        try:
            return await self._recorded(recorded)
        except VaultFailed as error:
            if may_renew and error.code == "vault.lost":
                return await self._renew(recorded)
            raise

    async def _recorded(self, recorded: VaultKey) -> Key:
        place = self._places[recorded.kind]
        try:
            raw = await self._homes.read(place)
            if raw is None or key_id(raw) != recorded.key_id:
                raw = await self._homes.found_beside(recorded) or raw
        except PlaceClosed as error:
            raise VaultFailed("vault.locked") from error
        if raw is None:
            raise VaultFailed("vault.locked")
        if key_id(raw) != recorded.key_id:
            raise VaultFailed("vault.lost")
        return await self._exec.run(partial(Key, raw))

    async def _rotate(self, recorded: VaultKey, old: Key) -> Key:
        place, beside = self._places[recorded.kind], self._next_places[recorded.kind]
        try:
            if key_id(await self._homes.read(place) or b"") != recorded.key_id:
                raise PlaceClosed("the present key is not in its place yet")
            await self._homes.ask(
                beside, beside.remove
            )  # of a rotation that was cut before its commit
            raw = await self._homes.made(beside, self._random_bytes(KEY_BYTES))
        except PlaceClosed as error:
            raise VaultFailed("vault.locked") from error
        new = await self._exec.run(partial(Key, raw))

        def again(sealed: bytes, row: str) -> bytes:
            try:
                return new.seal(old.open(sealed, row), row, self._random_bytes(NONCE_BYTES))
            except NotOpened:
                return sealed  # it was closed before, and stays so

        mine = VaultKey(kind=recorded.kind, key_id=new.id)
        if not await self._store.reseal(recorded, mine, again):
            raise VaultFailed("vault.locked")
        self._former.append(old)
        await self._homes.settle(recorded.kind, raw)
        return new

    async def _choose(self) -> Key:
        """The first key: of the keyring where it stores, else of the file."""
        kinds = ("keyring", "file") if self._wanted_kind == "auto" else (self._wanted_kind,)
        for kind in kinds:
            try:
                raw = await self._homes.made(self._places[kind], self._random_bytes(KEY_BYTES))
            except PlaceClosed:
                continue
            mine = VaultKey(kind=kind, key_id=key_id(raw))
            recorded = await self._store.set_vault_key(mine)
            if recorded != mine:  # another process was first
                return await self._recorded(recorded)
            return await self._exec.run(partial(Key, raw))
        raise VaultFailed("vault.locked")

    async def _renew(self, old: VaultKey) -> Key:
        kind = old.kind if self._wanted_kind == "auto" else self._wanted_kind
        try:
            raw = await self._homes.made(self._places[kind], self._random_bytes(KEY_BYTES))
        except PlaceClosed as error:
            raise VaultFailed("vault.locked") from error
        new = VaultKey(kind=kind, key_id=key_id(raw))
        return await self._recorded(await self._store.replace_vault_key(old, new))


def in_use_path(key_path: Path) -> Path:
    """Where the key in use is kept while another one lies at `key_path`."""
    return key_path.with_name(f"{key_path.name}.in-use")


def _account_of(key_path: Path) -> str:
    """A name that tells this profile folder from the others of the same person."""
    folder = str(key_path.parent.absolute())
    return "profile-" + hashlib.sha256(folder.encode()).hexdigest()[:12]
