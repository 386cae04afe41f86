"""The ladder itself: rung after rung, and the first that breaks names the reason.

Decides the order and what a broken rung means for those above it; what a rung asks it does not know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from onvio_agent.checks.explain import Cause
from onvio_agent.checks.finding import Broken, Untried
from onvio_agent.clock import Clock
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.errors import fill
from onvio_agent.i18n import _

WAY = ("route", "dns", "proxy", "tcp", "tls", "http", "portal", "clock", "token")
"""The way to ONVIO: each stands on the one before."""
BESIDE = ("link", "vault", "store", "disk")
"""Looked at whatever is wrong with the way."""
ORDER = (*WAY, *BESIDE)

_HARMLESS = "clock"
"""A wrong date is told, but where certificates are taken nevertheless, the way goes on."""
_LATE = {
    "dns": "network.dns",
    "vault": "vault.locked",
    "store": "store.unwritable",
    "disk": "store.unwritable",
}

Check = Callable[[], Awaitable[str]]
"""Returns its detail, or raises `Broken` or `Untried`."""


class Climb(NamedTuple):
    """How to climb: `deadline_s` for each rung; `explain` tells what is behind a reason; `tell` hears
    of each rung that was tried; `late`: reasons of rungs that do not end in time, other than usual."""

    clock: Clock
    deadline_s: float
    explain: Callable[[str], Awaitable[Cause | None]]
    tell: Callable[[Rung], None] = lambda _rung: None
    late: Mapping[str, str] = MappingProxyType({})


async def climb(checks: Mapping[str, Check], how: Climb) -> Diagnosis:
    """Try the checks, one for each of `ORDER`."""
    rungs: list[Rung] = []
    broken = ""
    for name in ORDER:
        if broken and name in WAY:
            rungs.append(Rung(name=name, ok=None, detail=_("not tried: a check before it failed")))
            continue
        rung = await _try(name, checks[name], how)
        rungs.append(rung)
        how.tell(rung)
        if rung.ok is False and name in WAY and name != _HARMLESS:
            broken = name
    cause = await how.explain(_reason_of(rungs, broken)) if broken else None
    return conclude(rungs, broken, cause)


def conclude(rungs: Sequence[Rung], broken: str, cause: Cause | None) -> Diagnosis:
    """The diagnosis: what is behind the `broken` rung is told there and at the rung that knows it."""
    if cause is not None:
        rungs = [_blamed(rung, broken, cause) for rung in rungs]
    first = next((rung for rung in rungs if rung.ok is False), None)
    return Diagnosis(
        ok=first is None, broken=None if first is None else first.reason, rungs=tuple(rungs)
    )


def _blamed(rung: Rung, broken: str, cause: Cause) -> Rung:
    if rung.name == cause.rung:
        return replace(rung, ok=False, reason=cause.reason, detail=cause.detail)
    return replace(rung, reason=cause.reason) if rung.name == broken else rung


def _reason_of(rungs: Sequence[Rung], name: str) -> str:
    return next((rung.reason or "" for rung in rungs if rung.name == name), "")


async def _try(name: str, check: Check, how: Climb) -> Rung:
    began = how.clock.mono()
    ok: bool | None = True
    reason: str | None = None
    try:
        async with asyncio.timeout(how.deadline_s):
            detail = await check()
    except Broken as error:
        ok, reason, detail = False, error.reason, error.detail
    except Untried as error:
        ok, detail = None, error.detail
    except TimeoutError:
        ok, reason = False, how.late.get(name) or _LATE.get(name, "network.timeout")
        detail = fill(_("no answer within {n} s"), {"n": f"{how.deadline_s:g}"})
    took_ms = None if ok is None else round((how.clock.mono() - began) * 1000, 1)
    return Rung(name=name, ok=ok, reason=reason, took_ms=took_ms, detail=detail)
