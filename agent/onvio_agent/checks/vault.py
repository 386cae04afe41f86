"""Rung *vault*: can the key be had that opens the users' sessions, now and at the next start? Never
made here; a running agent has its own word, since it may have the key while its place has not."""

from __future__ import annotations

from onvio_agent.checks.finding import Broken
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.i18n import _


def check(status: VaultStatus) -> str:
    """Kind and key id; vault.locked, vault.lost, vault.replaced."""
    if status.state in ("locked", "lost", "replaced"):
        raise Broken(f"vault.{status.state}", str(status.kind))
    return _("no key yet") if status.kind is None else f"{status.kind}, {status.key_id}"
