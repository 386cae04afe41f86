"""Rung *proxy*: is it there, and does it let us through to ONVIO (CONNECT)?"""

from __future__ import annotations

import asyncio

from onvio_agent.checks.dns import lookup
from onvio_agent.checks.finding import Broken, seen_in
from onvio_agent.checks.net import Answer, Net, ProxyPlace, Stream, Way
from onvio_agent.errors import fill
from onvio_agent.i18n import _
from onvio_agent.onvio.causes import proxy_connect_reason, proxy_reason


async def check(net: Net, way: Way) -> str:
    """Which proxy lets us through; network.proxy_*, or why it could not go on itself."""
    if way.proxy is None:
        return _("none: directly")
    if way.proxy.scheme == "https":
        return _("a proxy over TLS: seen by the check of the interface")
    (await tunnel(net, way, way.proxy)).close()
    return way.proxy.place


async def look_for_page(net: Net, way: Way) -> None:
    """network.proxy_unexpected where a web server answers CONNECT with a page, as it does anything.

    Asked only once the way has failed: there are proxies that announce a body where there is none.
    """
    if way.proxy is None or way.proxy.scheme == "https":
        return
    stream, answer = await _ask(net, way, way.proxy)
    stream.close()
    headers = answer.headers
    if "content-type" in headers or headers.get("content-length", "0") != "0":
        told = fill(_("HTTP {status}, a page"), {"status": answer.status})
        raise Broken("network.proxy_unexpected", f"proxy {way.proxy.place}: {told}")


def silent(way: Way) -> str:
    """The reason code where CONNECT is not answered in time."""
    return "network.timeout" if way.proxy is None else "network.proxy_no_way"


async def connect(net: Net, proxy: ProxyPlace) -> Stream:
    """A connection to the proxy itself. Raises `Broken`."""
    addresses = await lookup(net, proxy.host, "network.proxy_unreachable")
    try:
        return await net.connect(addresses, proxy.port)
    except OSError as error:
        raise _away(proxy, error) from error


async def tunnel(net: Net, way: Way, proxy: ProxyPlace) -> Stream:
    """A connection to ONVIO's server through the proxy. Raises `Broken`."""
    stream, answer = await _ask(net, way, proxy)
    if 200 <= answer.status < 300:
        return stream
    stream.close()
    raise _judged(proxy, answer)


async def _ask(net: Net, way: Way, proxy: ProxyPlace) -> tuple[Stream, Answer]:
    target = f"{way.host}:{way.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: Basic {proxy.authorization}")
    stream = await connect(net, proxy)
    try:
        return stream, await stream.ask("\r\n".join(lines) + "\r\n")
    except OSError as error:
        stream.close()
        raise _away(proxy, error) from error
    except asyncio.CancelledError:  # out of time
        stream.close()
        raise


def _away(proxy: ProxyPlace, error: OSError) -> Broken:
    reason, _told = proxy_connect_reason(error)
    return Broken(reason, f"proxy {proxy.place}: {seen_in(error)}")


def _judged(proxy: ProxyPlace, answer: Answer) -> Broken:
    """What an answer other than 2xx means. squid says why it could not go on."""
    told = answer.headers.get("x-squid-error", "").partition(" ")[0]
    offered = answer.headers.get("proxy-authenticate", "")
    reason = proxy_reason(answer.status, offered, signed_in=bool(proxy.authorization))
    if told == "ERR_DNS_FAIL":
        reason = "network.dns"
    return Broken(reason, f"proxy {proxy.place}: HTTP {answer.status} {told}".rstrip())
