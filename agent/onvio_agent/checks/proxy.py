"""Rung *proxy*: is it there, and does it let us through to ONVIO (CONNECT)?"""

from __future__ import annotations

from onvio_agent.checks.dns import lookup
from onvio_agent.checks.finding import Broken
from onvio_agent.checks.net import Answer, Net, ProxyPlace, Stream, Way
from onvio_agent.i18n import _
from onvio_agent.onvio.causes import connect_reason, proxy_reason


async def check(net: Net, way: Way) -> str:
    """Which proxy lets us through; network.proxy_auth, network.proxy_denied, or why it is away."""
    if way.proxy is None:
        return _("none: directly")
    if way.proxy.scheme == "https":
        return _("a proxy over TLS: seen by the check of the interface")
    (await tunnel(net, way, way.proxy)).close()
    return f"{way.proxy.host}:{way.proxy.port}"


async def tunnel(net: Net, way: Way, proxy: ProxyPlace) -> Stream:
    """A connection to ONVIO's server through the proxy. Raises `Broken`."""
    addresses = await lookup(net, proxy.host)
    target = f"{way.host}:{way.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: Basic {proxy.authorization}")
    stream: Stream | None = None
    try:
        stream = await net.connect(addresses, proxy.port)
        answer = await stream.ask("\r\n".join(lines) + "\r\n")
    except OSError as error:
        if stream is not None:
            stream.close()
        reason, told = connect_reason(error)
        raise Broken(reason, f"proxy {proxy.host}:{proxy.port}: {told}") from error
    if 200 <= answer.status < 300:
        return stream
    stream.close()
    raise Broken(*judge(answer))


def judge(answer: Answer) -> tuple[str, str]:
    """(reason, detail) of a proxy's answer other than 2xx. squid says why it could not go on."""
    told = answer.headers.get("x-squid-error", "").partition(" ")[0]
    reason = "network.dns" if told == "ERR_DNS_FAIL" else proxy_reason(answer.status)
    return reason, f"proxy: HTTP {answer.status} {told}".rstrip()
