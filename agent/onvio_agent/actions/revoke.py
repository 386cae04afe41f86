"""Tell ONVIO to forget the tokens that nobody uses any more, until it says that it has.

The queue is durable and its tokens are sealed; the e-mail was free long before.
"""

from __future__ import annotations

import msgspec

from onvio_agent.actions.desk import Desk
from onvio_agent.contract.revocations import Revocations
from onvio_agent.errors import StoreFailed, VaultFailed
from onvio_agent.onvio.errors import CloudError
from onvio_agent.onvio.token_set import TokenSet
from onvio_agent.store.base import Revocation, revocation_row

_BATCH = 20


async def discard(desk: Desk, user_id: int, tokens: TokenSet) -> None:
    """Have tokens revoked that nobody will use: later, or at once where they cannot be kept."""
    token = tokens.refresh_token
    if token is None:
        return
    try:
        async with desk.vault.hold():
            sealed = await desk.vault.seal(token.encode(), row=revocation_row(user_id))
            await desk.store.queue_revocation(user_id, sealed, at=desk.clock.wall())
    except (StoreFailed, VaultFailed):
        await _revoke_once(desk, user_id, token)
    else:
        desk.kick_revocations()


async def waiting(desk: Desk) -> Revocations:
    """How many ONVIO must still be told of, and how many it has confirmed since the agent's start."""
    return Revocations(waiting=await desk.store.revocations_waiting(), confirmed=desk.confirmed)


async def _revoke_once(desk: Desk, user_id: int, token: str) -> None:
    try:
        await desk.oauth.revoke(token)
    except CloudError:
        desk.log.warning("revocation.lost", user_id=user_id)
    else:
        _confirmed(desk, user_id)


async def revoke_queued(desk: Desk) -> bool:
    """Revoke what waits; True when nothing is left. One run at a time, elsewhere waited for."""
    await desk.once("revoke", lambda: _drain(desk))
    return not await desk.store.revocations(1)


async def _drain(desk: Desk) -> None:
    try:
        while batch := await desk.store.revocations(_BATCH):
            for item in batch:
                if not await _revoke(desk, item):
                    return
    except StoreFailed as error:  # what is not noted as done is revoked again, which is no harm
        desk.log.debug("revocation.postponed", reason=error.code)


async def _revoke(desk: Desk, item: Revocation) -> bool:
    try:
        token = _refresh_token(item, await desk.vault.open(item.sealed, row=item.row))
        if token:
            await desk.oauth.revoke(token)
    except VaultFailed as error:
        if error.code != "vault.lost":
            return False
        desk.log.warning("revocation.lost", user_id=item.user_id)
    except (msgspec.DecodeError, UnicodeDecodeError):  # opened, yet nothing that we wrote
        desk.log.warning("revocation.lost", user_id=item.user_id)
    except CloudError as error:
        await desk.store.revocation_failed(item.id)
        desk.log.debug("revocation.postponed", reason=error.reason)
        return False
    else:
        _confirmed(desk, item.user_id)
    await desk.store.revocation_done(item.id)
    return True


def _confirmed(desk: Desk, user_id: int) -> None:
    desk.confirmed += 1
    desk.log.info("revocation.done", user_id=user_id)


def _refresh_token(item: Revocation, opened: bytes) -> str | None:
    """Queued alone, or moved here with the link's whole set."""
    if item.row == revocation_row(item.user_id):
        return opened.decode()
    return msgspec.json.decode(opened, type=TokenSet).refresh_token
