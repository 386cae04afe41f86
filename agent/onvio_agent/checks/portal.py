"""Rung *portal*: does this network want a sign-in page first? Asked only where HTTPS is broken.

A plain http:// request to ONVIO's name then tells: a redirect elsewhere, or a page, is not ONVIO's.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from onvio_agent.checks import dns
from onvio_agent.checks.finding import Broken
from onvio_agent.checks.net import Answer, Net, Way
from onvio_agent.errors import fill
from onvio_agent.i18n import _

_PORT = 80
_REDIRECTS = (301, 302, 303, 307, 308)
_MUST_SIGN_IN = 511  # RFC 6585: Network Authentication Required


async def check(net: Net, way: Way) -> str:
    """`network.captive_portal` where another answers in ONVIO's place; unknown is no."""
    if way.proxy is not None or way.is_local:
        return _("not asked: no sign-in page can be on this way")
    addresses = await dns.lookup(net, way.host)
    try:
        stream = await net.connect(addresses, _PORT)
        try:
            answer = await stream.ask(f"GET / HTTP/1.1\r\nHost: {way.host}\r\n")
        finally:
            stream.close()
    except OSError:
        return _("no answer to plain http")
    found = judge(way.host, answer)
    if found is not None:
        raise Broken("network.captive_portal", found)
    return _("nobody answers in ONVIO's place")


def judge(host: str, answer: Answer) -> str | None:
    """What betrays a sign-in page, or None. A redirect to HTTPS of the same name is ONVIO's own."""
    if answer.status in _REDIRECTS:
        place = urlsplit(urljoin(f"http://{host}/", answer.headers.get("location", "")))
        if (place.scheme, place.hostname) == ("https", host):
            return None
        return fill(_("redirects to {host}"), {"host": place.hostname})
    kind = answer.headers.get("content-type", "")
    if answer.status == _MUST_SIGN_IN or (
        200 <= answer.status < 300 and kind.lower().startswith("text/html")
    ):
        return fill(_("HTTP {status}, a page"), {"status": answer.status})
    return None
