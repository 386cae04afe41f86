"""Pause and resume: what a person wants, kept across restarts."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from onvio_agent.actions.desk import Desk
from onvio_agent.clock import Clock
from onvio_agent.contract.status import Intent, IntentState
from onvio_agent.errors import StoreFailed, WrongUsage
from onvio_agent.store.base import Store

MAX_PAUSE_S = 7 * 24 * 3600
"""A longer pause is a forgotten one; an open-ended pause is asked for as such."""


async def pause(desk: Desk, for_s: float | None) -> None:
    """No traffic until `for_s` seconds from now, or until somebody resumes."""
    if for_s is not None and not 0 < for_s <= MAX_PAUSE_S:
        raise WrongUsage("request.invalid", detail=f"for_s: 0 < s <= {MAX_PAUSE_S}")
    async with desk.intent_turn:
        await _pause(desk, for_s)


async def _pause(desk: Desk, for_s: float | None) -> None:
    asked_at = desk.clock.wall()
    until = None if for_s is None else asked_at + timedelta(seconds=for_s)
    await _set(desk, Intent(state=IntentState.PAUSED, until=until))
    if until is not None and desk.clock.wall() < asked_at:  # the clock was set back meanwhile
        await _pause(desk, for_s)


async def resume(desk: Desk) -> None:
    """Run again; checks follow at once. A pause that is still being saved is waited for: what was
    asked for last holds."""
    async with desk.intent_turn:
        if desk.hub.intent.state is not IntentState.RUN:
            await _set(desk, Intent(state=IntentState.RUN))


async def kept_intent(store: Store, clock: Clock) -> Intent:
    """What a person wanted before the start. A pause whose clock was set back since it was asked
    for lasts its own length from now at most."""
    intent, set_at = await store.intent(), await store.intent_set_at()
    now = clock.wall()
    if intent.until is None or set_at is None or set_at <= now:
        return intent
    shorter = msgspec.structs.replace(intent, until=now + (intent.until - set_at))
    try:
        await store.set_intent(shorter, at=now)
    except StoreFailed:  # a full disk: what is shown is what is saved, as ever
        return intent
    return shorter


async def _set(desk: Desk, intent: Intent) -> None:
    await desk.store.set_intent(intent, at=desk.clock.wall())
    desk.hub.set_intent(intent)
