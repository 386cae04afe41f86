"""The vault's key, changed by the Gerente: what is sealed is sealed anew, nobody signs in again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import Refused
from onvio_agent.log import Log


def told_to(log: Log, kept_at: Path) -> Callable[[VaultStatus], None]:
    """What the vault finds where its key should lie, for the log. `kept_at`: where a key whose place
    is a file is kept while another one lies there."""

    def tell(news: VaultStatus) -> None:
        if news.state == "restored":
            log.warning("vault.key_restored", kind=news.kind, key_id=news.key_id)
        else:
            path = str(kept_at) if news.kind == "file" else None
            log.error("vault.key_replaced", kind=news.kind, key_id=news.key_id, path=path)

    return tell


async def rotate_key(desk: Desk, actor: Actor) -> VaultStatus:
    """The vault with its new key. Raises `VaultFailed` where the present one cannot be had."""
    desk.manager_only(actor)
    status = await desk.vault.rotate()
    desk.log.info("vault.rotated", kind=status.kind, key_id=status.key_id)
    return status


async def give_up_key(desk: Desk, actor: Actor) -> VaultStatus:
    """The vault with another key, where the former cannot be had: everybody signs in again.

    Raises `Refused` (vault.in_use) where it can; `VaultFailed` where no key can be kept.
    """
    desk.manager_only(actor)
    if (await desk.vault.status()).state not in ("locked", "lost"):
        raise Refused("vault.in_use")
    await desk.vault.renew()
    status = await desk.vault.status()
    desk.log.warning("vault.key_given_up", kind=status.kind, key_id=status.key_id)
    return status
