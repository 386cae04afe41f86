"""One click on the icon (S7): resume, probe, and check the links. Clicks coalesce.

A wait that ONVIO asked for is never overridden: the gate in front of the transport refuses.
"""

from __future__ import annotations

import asyncio

from onvio_agent.actions.check_link import check_link, is_checkable
from onvio_agent.actions.desk import Desk
from onvio_agent.actions.intent import resume
from onvio_agent.actions.probe import probe
from onvio_agent.office import rules


async def reconnect(desk: Desk, login: str | None = None) -> None:
    """Try everything that a click can mend, for all users or for one; returns when tried."""
    if login is not None:
        login = rules.find_user(desk.hub.office, login).login
    await resume(desk)
    await desk.once(f"reconnect:{login or ''}", lambda: _reconnect(desk, login))


async def _reconnect(desk: Desk, login: str | None) -> None:
    await probe(desk, by_person=True)
    if not desk.hub.is_connected():
        return
    manager = desk.hub.office.manager
    if manager is not None and is_checkable(manager, by_person=True):
        await check_link(desk, manager.id, by_person=True)
    others = [
        user
        for user in desk.hub.office.users
        if not user.is_manager and is_checkable(user, by_person=True)
    ]
    if login is not None:  # one person's click does not queue behind an office's
        others = [user for user in others if user.login == login]
        await asyncio.gather(*(check_link(desk, user.id, by_person=True) for user in others))
        return
    await asyncio.gather(*(_check(desk, user.id) for user in others))


async def _check(desk: Desk, user_id: int) -> None:
    async with desk.places:
        await check_link(desk, user_id, by_person=True)
