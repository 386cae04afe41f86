"""Rung *vault*: can the key be had that opens the users' sessions? It is read, never made."""

from __future__ import annotations

from onvio_agent.checks.finding import Broken
from onvio_agent.i18n import _
from onvio_agent.store.vault import Vault


async def check(vault: Vault) -> str:
    """Kind and state; vault.locked, vault.lost."""
    status = await vault.status()
    if status.state == "locked":
        raise Broken("vault.locked", str(status.kind))
    if status.state == "lost":
        raise Broken("vault.lost", str(status.kind))
    return _("no key yet") if status.kind is None else f"{status.kind}, {status.key_id}"
