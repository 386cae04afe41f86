"""Rung *route*: does this machine know a way out at all? Asks the kernel, sends nothing."""

from __future__ import annotations

from ipaddress import ip_address

from onvio_agent.checks.finding import Broken
from onvio_agent.checks.net import Net, Way, is_this_machine
from onvio_agent.i18n import _
from onvio_agent.routes import ANYWHERE


async def check(net: Net, way: Way) -> str:
    """Our own address on the way out; `network.none` where there is no way."""
    found = sources(net, way.first_host)
    if not found:
        raise Broken("network.none", _("no route"))
    return ", ".join(found)


def sources(net: Net, host: str) -> list[str]:
    """Our own addresses, of both families, from which `host` could be reached."""
    found = []
    for address in _targets(host):
        try:
            found.append(net.source(address))
        except OSError:
            continue
    return found


def _targets(host: str) -> tuple[str, ...]:
    if is_this_machine(host):
        return ("127.0.0.1",)
    try:
        return (str(ip_address(host)),)
    except ValueError:
        return ANYWHERE
