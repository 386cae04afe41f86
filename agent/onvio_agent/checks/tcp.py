"""Rung *tcp*: does ONVIO's server take a connection? With a proxy, the proxy has shown that."""

from __future__ import annotations

from onvio_agent.checks import dns, proxy
from onvio_agent.checks.finding import Broken, seen_in
from onvio_agent.checks.net import Net, Stream, Way
from onvio_agent.i18n import _
from onvio_agent.onvio.causes import connect_reason


async def check(net: Net, way: Way) -> str:
    """Where the connection led; network.refused, network.timeout, network.none."""
    if way.proxy is not None:
        return _("through the proxy")
    (await connect(net, way)).close()
    return f"{way.host}:{way.port}"


async def connect(net: Net, way: Way) -> Stream:
    """A connection to the server, through the proxy where there is one. Raises `Broken`."""
    if way.proxy is not None:
        return await proxy.tunnel(net, way, way.proxy)
    addresses = await dns.lookup(net, way.host)
    try:
        return await net.connect(addresses, way.port)
    except OSError as error:
        raise Broken(connect_reason(error)[0], seen_in(error)) from error
