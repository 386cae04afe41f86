"""Keeps the agent silent for as long as ONVIO asked for it.

A gate stands in front of a transport. An answer that says "not before …" (429, or 503 with a
`Retry-After`) closes it for that server; until then every request is refused here with `Busy`,
without being sent: retrying under a limit extends it. Nothing overrides this, a person's click
neither. Holds outlive a restart: the caller is told each one, keeps it, and gives it back.
It must not wait, retry or store anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from onvio_agent.clock import Clock
from onvio_agent.onvio.answers import is_json
from onvio_agent.onvio.errors import Busy, Target
from onvio_agent.onvio.pauses import MAX_S, pause_s
from onvio_agent.onvio.transport import Request, Response, Transport

OnHold = Callable[[Target, datetime], None]


class _OAuthError(msgspec.Struct):
    error: str = ""


class Gate:
    """A `Transport`. `on_hold(target, not_before)` is called with a wall time at each new hold."""

    def __init__(self, transport: Transport, *, clock: Clock, on_hold: OnHold) -> None:
        self._transport = transport
        self._clock = clock
        self._on_hold = on_hold
        self._busy_until: dict[Target, float] = {}

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """As the transport's; `Busy` with the seconds that are left while the server is held."""
        until = self._busy_until.get(request.target)
        if until is not None:
            left_s = until - self._clock.mono()
            if left_s > 0:
                raise Busy(
                    "onvio.limited",
                    detail="held until the time that ONVIO named",
                    target=request.target,
                    retry_after_s=left_s,
                )
            del self._busy_until[request.target]
        response = await self._transport.send(request, deadline_s=deadline_s)
        if response.status in (429, 503):
            self.observe(request.target, response)
        return response

    def observe(self, target: Target, response: Response) -> None:
        """Hold `target` if `response` asks for it; a hold is never shortened."""
        wait_s = pause_s(response.status, response.headers)
        if wait_s is None or _blocks_one_account(response):
            return
        now = self._clock.now()
        until = now.mono + wait_s
        if until > self._busy_until.get(target, now.mono):
            self._busy_until[target] = until
            self._on_hold(target, now.wall + timedelta(seconds=wait_s))

    def holds(self) -> dict[Target, float]:
        """The instant (monotonic, seconds) before which each held server must not be asked."""
        now = self._clock.mono()
        return {target: until for target, until in self._busy_until.items() if until > now}

    def restore(self, holds: Mapping[Target, datetime]) -> None:
        """Take up the holds of an earlier run (wall times).

        The wall clock may have been set meanwhile: a hold lasts an hour at most from now.
        """
        now = self._clock.now()
        for target, not_before in holds.items():
            left_s = min((not_before - now.wall).total_seconds(), MAX_S)
            if left_s > 0:
                self._busy_until[target] = now.mono + left_s


class Onlooker:
    """A `Transport` that keeps the silences of a gate and asks for none: for those whose own limits
    concern nobody else."""

    def __init__(self, gate: Gate, transport: Transport, *, clock: Clock) -> None:
        self._gate = gate
        self._transport = transport
        self._clock = clock

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """As the transport's; `Busy` while the gate is closed."""
        until = self._gate.holds().get(request.target)
        if until is not None:
            raise Busy(
                "onvio.limited",
                detail="held until the time that ONVIO named",
                target=request.target,
                retry_after_s=max(until - self._clock.mono(), 0.0),
            )
        return await self._transport.send(request, deadline_s=deadline_s)


def _blocks_one_account(response: Response) -> bool:
    """429 `too_many_attempts` is a block of one account, not a limit on this agent."""
    if response.status != 429 or not is_json(response):
        return False
    try:
        return msgspec.json.decode(response.body, type=_OAuthError).error == "too_many_attempts"
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False
