"""The companies whose documents are delivered: activation, pause, removal, and their opened keys.

A key is looked up before it is swapped, and swapped once: enabling again ends the key before it.
"""

from __future__ import annotations

import asyncio
from os.path import realpath
from pathlib import Path

from onvio_agent.errors import AgentError, Failed, Refused
from onvio_agent.office.model import text_key
from onvio_agent.onvio.errors import CloudError, TokenRefused
from onvio_agent.onvio.integration_api import Activation, KeyRefused, is_header_value
from onvio_agent.plain_text import clean
from onvio_agent.store.sync_base import SyncClient, client_row
from onvio_agent.sync.identifiers import is_cnpj, plain_cnpj
from onvio_agent.sync.keeper import NoToken, TokenKeeper
from onvio_agent.sync.parts import Parts

_NAME_MAX = 120


class Clients:
    """All of them, as last committed."""

    def __init__(self, parts: Parts, keeper: TokenKeeper) -> None:
        self._parts = parts
        self._keeper = keeper
        self._turn = asyncio.Lock()
        self._by_id: dict[int, SyncClient] = {}
        self._keys: dict[int, str] = {}

    async def load(self) -> None:
        """Take in what the store holds."""
        self._by_id = {client.id: client for client in await self._parts.store.clients()}

    def everyone(self) -> list[SyncClient]:
        """In the order of their adding."""
        return list(self._by_id.values())

    def get(self, client_id: int) -> SyncClient | None:
        """The client of that id."""
        return self._by_id.get(client_id)

    def named(self, name: str) -> SyncClient:
        """The client of that name. `Refused('sync.client_unknown')`."""
        for client in self._by_id.values():
            if text_key(client.name) == text_key(name):
                return client
        raise Refused("sync.client_unknown", name=name)

    async def key_of(self, client: SyncClient) -> str:
        """Its integration key. Raises `VaultFailed`."""
        key = self._keys.get(client.id)
        if key is None:
            opened = await self._parts.vault.open(client.sealed, row=client_row(client.id))
            key = self._keys[client.id] = opened.decode()
        return key

    async def add(self, name: str, cnpj: str, office_key: str, folder: str) -> SyncClient:
        """Activate a company, or one whose key was refused anew. Raises `Refused`, `Failed`."""
        name, cnpj = clean(name)[:_NAME_MAX].strip(), plain_cnpj(cnpj)
        if not name:
            raise Refused("sync.client_unnamed")
        if not is_cnpj(cnpj):
            raise Refused("sync.cnpj", cnpj=cnpj)
        if not is_header_value(office_key):
            raise Refused("sync.key_refused")
        async with self._turn:
            former = self._former(name, cnpj)
            await self._check_folder(folder, former)
            client_id = former.id if former else await self._parts.store.next_client_id()
            row = client_row(client_id)
            await self._parts.vault.seal(b"", row=row, may_renew=True)  # before the key is swapped
            told, key = await self._activate(cnpj, office_key)
            store = self._parts.store
            async with self._parts.vault.hold():
                client = SyncClient(
                    id=client_id,
                    name=name,
                    cnpj=cnpj,
                    folder=folder,
                    told=told.raw,
                    sealed=await self._parts.vault.seal(key.encode(), row=row),
                    paused=False,
                    trouble=None,
                    added_at=self._parts.clock.wall(),
                )
                saved = await (store.renew_client(client) if former else store.add_client(client))
            if not saved:
                raise Refused("sync.client_exists", name=name)
            self._keys.pop(client_id, None)
            await self.load()
        self._parts.log.info("sync.client_added", client=name, cnpj=cnpj)
        return client

    async def set_paused(self, name: str, paused: bool) -> SyncClient:
        """Send nothing for it for now, or send again."""
        client = self.named(name)
        await self._parts.store.set_client(client.id, paused=paused, trouble=client.trouble)
        await self.load()
        self._parts.log.info("sync.client_paused", client=client.name, paused=paused)
        return self._by_id[client.id]

    async def remove(self, name: str) -> None:
        """Forget it and its records; `Refused('sync.client_busy')` while documents are under way."""
        client = self.named(name)
        if not await self._parts.store.remove_client(client.id):
            raise Refused("sync.client_busy", name=client.name)
        self._keys.pop(client.id, None)
        await self.load()
        self._parts.log.info("sync.client_removed", client=client.name)

    async def set_trouble(self, client: SyncClient, trouble: str) -> None:
        """Nothing goes for it until a person acts."""
        await self._parts.store.set_client(client.id, trouble=trouble)
        await self.load()
        self._parts.log.error("sync.client_stopped", client=client.name, reason=trouble)

    def _former(self, name: str, cnpj: str) -> SyncClient | None:
        """The one that is to be activated anew; refuses any other that is like it."""
        for client in self._by_id.values():
            if client.cnpj == cnpj or text_key(client.name) == text_key(name):
                if client.cnpj == cnpj and client.trouble is not None:
                    return client
                raise Refused("sync.client_exists", name=client.name)
        return None

    async def _check_folder(self, folder: str, former: SyncClient | None) -> None:
        if await self._parts.exec.run(lambda: self._parts.folders.is_own(folder)):
            raise Refused("sync.folder_own", folder=folder)
        others = [each for each in self._by_id.values() if former is None or each.id != former.id]

        def look() -> list[Path] | None:
            if not Path(folder).is_absolute() or not Path(folder).is_dir():
                return None
            return [Path(realpath(each)) for each in (folder, *(each.folder for each in others))]

        found = await self._parts.exec.run(look)
        if found is None:
            raise Refused("sync.folder", folder=folder)
        place, *taken = found  # through links: else two companies would take each other's documents
        for client, other in zip(others, taken, strict=True):
            if place == other or place in other.parents or other in place.parents:
                raise Refused("sync.folder_taken", folder=folder, name=client.name)

    async def _activate(self, cnpj: str, office_key: str) -> tuple[Activation, str]:
        try:
            token = await self._keeper.token()
            told = await self._parts.api.info(token, office_key)
            if not told.client_identity:
                raise Refused("sync.key_unproven")
            if plain_cnpj(told.client_identity) != cnpj:
                raise Refused("sync.key_of_other", cnpj=plain_cnpj(told.client_identity))
            return told, await self._parts.api.enable(token, office_key)
        except NoToken as error:
            raise _as_failure(error.reason) from error
        except TokenRefused as error:
            await self._keeper.refused(token)
            raise Failed("sync.token_refused") from error
        except KeyRefused as error:
            raise Refused("sync.key_refused") from error
        except CloudError as error:
            raise _as_failure(error.reason) from error


def _as_failure(reason: str) -> AgentError:
    if reason in ("sync.not_set_up", "sync.secret_unreadable", "sync.client_refused"):
        return Refused(reason)
    return Failed(reason)
