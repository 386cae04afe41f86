"""The vault's key, changed by the Gerente: what is sealed is sealed anew, nobody signs in again."""

from __future__ import annotations

from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.contract.vault import VaultStatus


async def rotate_key(desk: Desk, actor: Actor) -> VaultStatus:
    """The vault with its new key. Raises `VaultFailed` where the present one cannot be had."""
    desk.manager_only(actor)
    status = await desk.vault.rotate()
    desk.log.info("vault.rotated", kind=status.kind, key_id=status.key_id)
    return status
