"""Rung *dns*: is the name found? With a proxy its own name; it alone then looks ONVIO's up."""

from __future__ import annotations

from collections.abc import Sequence

from onvio_agent.checks.finding import Broken, seen_in
from onvio_agent.checks.net import Net, Way, is_this_machine


async def check(net: Net, way: Way) -> str:
    """The addresses; where there are none `network.dns`, of a proxy network.proxy_unreachable."""
    found = await lookup(net, way.first_host, unfound(way))
    return f"{way.first_host}: {', '.join(found)}"


def unfound(way: Way) -> str:
    """The reason code where the name that this machine has to find is not found."""
    return "network.dns" if way.proxy is None else "network.proxy_unreachable"


async def lookup(net: Net, host: str, reason: str = "network.dns") -> Sequence[str]:
    """The addresses of `host`; `reason` where it is not found."""
    try:
        return await net.resolve(host)
    except (OSError, UnicodeError) as error:
        raise Broken(reason, f"{host}: {seen_in(error)}") from error


def is_lie(host: str, addresses: Sequence[str]) -> bool:
    """Whether these cannot be a server's: name servers that block answer so."""
    return not is_this_machine(host) and all(is_this_machine(each) for each in addresses)
