"""Rung *proxy*: is it there, and does it let us through to ONVIO (CONNECT)?"""

from __future__ import annotations

from onvio_agent.checks.dns import lookup
from onvio_agent.checks.finding import Broken, seen_in
from onvio_agent.checks.net import Answer, Net, ProxyPlace, Stream, Way
from onvio_agent.i18n import _
from onvio_agent.onvio.causes import proxy_connect_reason, proxy_reason


async def check(net: Net, way: Way) -> str:
    """Which proxy lets us through; network.proxy_*, or why it could not go on itself."""
    if way.proxy is None:
        return _("none: directly")
    if way.proxy.scheme == "https":
        return _("a proxy over TLS: seen by the check of the interface")
    (await tunnel(net, way, way.proxy)).close()
    return f"{way.proxy.host}:{way.proxy.port}"


async def connect(net: Net, proxy: ProxyPlace) -> Stream:
    """A connection to the proxy itself. Raises `Broken`."""
    addresses = await lookup(net, proxy.host, "network.proxy_unreachable")
    try:
        return await net.connect(addresses, proxy.port)
    except OSError as error:
        raise _away(proxy, error) from error


async def tunnel(net: Net, way: Way, proxy: ProxyPlace) -> Stream:
    """A connection to ONVIO's server through the proxy. Raises `Broken`."""
    target = f"{way.host}:{way.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: Basic {proxy.authorization}")
    stream = await connect(net, proxy)
    try:
        answer = await stream.ask("\r\n".join(lines) + "\r\n")
    except OSError as error:
        stream.close()
        raise _away(proxy, error) from error
    if 200 <= answer.status < 300:
        return stream
    stream.close()
    raise Broken(*judge(answer, signed_in=bool(proxy.authorization)))


def _away(proxy: ProxyPlace, error: OSError) -> Broken:
    reason, _told = proxy_connect_reason(error)
    return Broken(reason, f"proxy {proxy.host}:{proxy.port}: {seen_in(error)}")


def judge(answer: Answer, *, signed_in: bool) -> tuple[str, str]:
    """(reason, detail) of a proxy's answer other than 2xx. squid says why it could not go on."""
    told = answer.headers.get("x-squid-error", "").partition(" ")[0]
    offered = answer.headers.get("proxy-authenticate", "")
    reason = proxy_reason(answer.status, offered, signed_in=signed_in)
    if told == "ERR_DNS_FAIL":
        reason = "network.dns"
    return reason, f"proxy: HTTP {answer.status} {told}".rstrip()
