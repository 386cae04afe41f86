"""What a failed request really means: a second look at what only more questions can tell.

One table of questions for each reason; the first that finds something names the cause. The agent's
own check of the connection and `doctor` both ask here, so that they never differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from onvio_agent.checks import clock, dns, portal, proxy, route
from onvio_agent.checks.finding import Broken, Untried
from onvio_agent.checks.net import Net, Way
from onvio_agent.errors import fill
from onvio_agent.i18n import _

ASK_S = 1.0
"""Seconds for one question: a network that works answers in a tenth, and a person waits for it."""


class Cause(NamedTuple):
    """`rung`: who found it."""

    rung: str
    reason: str
    detail: str


Ask = Callable[[Net, Way, Callable[[], datetime]], Awaitable[object]]


async def explain(reason: str, net: Net, way: Way, wall: Callable[[], datetime]) -> Cause | None:
    """The cause behind `reason`, or None where that is all there is to say. A few seconds at most."""
    for question in _QUESTIONS.get(reason, ()):
        try:
            async with asyncio.timeout(ASK_S):
                await _ASK[question](net, way, wall)
        except Broken as broken:
            if broken.reason != reason:
                return Cause(_RUNGS.get(question, question), broken.reason, broken.detail)
        except TimeoutError:
            found = _SILENT[question](way) if question in _SILENT else reason
            if found != reason:
                whom = way.proxy.place if way.proxy and question != "dns" else way.first_host
                told = fill(_("{host}: no answer"), {"host": whom})
                return Cause(_RUNGS.get(question, question), found, told)
        except (Untried, OSError):
            continue
    return None


async def _route(net: Net, way: Way, _wall: Callable[[], datetime]) -> None:
    await route.check(net, way)


async def _dns(net: Net, way: Way, _wall: Callable[[], datetime]) -> None:
    addresses = await dns.lookup(net, way.first_host, dns.unfound(way))
    if dns.is_lie(way.first_host, addresses):
        raise Broken(dns.unfound(way), f"{way.first_host}: {addresses[0]}")


async def _reach(net: Net, way: Way, _wall: Callable[[], datetime]) -> None:
    if way.proxy is not None:
        (await proxy.connect(net, way.proxy)).close()


async def _proxy(net: Net, way: Way, _wall: Callable[[], datetime]) -> None:
    await proxy.check(net, way)


async def _page(net: Net, way: Way, _wall: Callable[[], datetime]) -> None:
    await proxy.look_for_page(net, way)


async def _portal(net: Net, way: Way, _wall: Callable[[], datetime]) -> None:
    await portal.check(net, way)


async def _clock(net: Net, way: Way, wall: Callable[[], datetime]) -> None:
    await clock.check(net, way, wall())


_ASK: dict[str, Ask] = {
    "route": _route,
    "dns": _dns,
    "reach": _reach,
    "proxy": _proxy,
    "page": _page,
    "portal": _portal,
    "clock": _clock,
}
_RUNGS = {"reach": "proxy", "page": "proxy"}
"""Whose question it is, where it is not called so itself."""
_SILENT = {"dns": dns.unfound, "reach": dns.unfound, "proxy": proxy.silent}
"""Questions whose answer cannot be long in coming: silence is one too, and what it means."""
_QUESTIONS = {
    "network.dns": ("route",),
    "network.proxy_unreachable": ("route",),
    "network.proxy_unexpected": ("route",),
    "network.proxy_no_way": ("route", "reach", "proxy"),
    "network.timeout": ("route", "dns", "reach", "proxy", "page", "portal"),
    "network.refused": ("dns", "portal"),
    "network.interrupted": ("route", "dns", "reach", "page", "portal"),
    "tls.expired": ("clock", "dns", "portal"),
    "tls.untrusted": ("dns", "portal"),
    "tls.wrong_name": ("dns", "portal"),
    "tls.failed": ("dns", "page", "portal"),
}
"""Only what can be behind that reason, the cheapest first. HTML over good TLS is ONVIO's affair."""
