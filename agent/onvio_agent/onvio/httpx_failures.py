"""What httpx's errors mean. Pure; it and `httpx_transport.py` alone know httpx.

The one question that matters is whether ONVIO may have acted: before sending every failure is
`NotSent`, after it `Uncertain`. No text of an error that may quote a request is passed on.
"""

from __future__ import annotations

import httpx

from onvio_agent.onvio.causes import connect_reason, proxy_connect_reason, proxy_reason
from onvio_agent.onvio.errors import CloudError, NotSent, Target, Uncertain

FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError)
"""What may come out of httpx: raw socket and TLS errors do, in the middle of an answer."""
_CUT = ("Server disconnected", "peer closed connection")
"""How httpcore's and h11's messages begin where the peer only went away."""


def translate(
    error: Exception, *, sent: bool, target: Target, at_proxy: bool = False
) -> CloudError:
    """The error of the tree that `error` means; `sent`: the request was written to the wire;
    `at_proxy`: the way through a proxy was being opened."""
    if sent:
        return _lost_answer(error, target)
    if isinstance(error, httpx.LocalProtocolError | UnicodeEncodeError):
        # its own text quotes the header's value
        detail = "a value cannot be sent in a header"
        return NotSent("onvio.unexpected_answer", detail=detail, target=target)
    if isinstance(error, httpx.InvalidURL):
        return NotSent("network.dns", detail="the address is not valid", target=target)
    if at_proxy and isinstance(error, httpx.RemoteProtocolError):
        return NotSent("network.proxy_unexpected", detail="proxy: not HTTP", target=target)
    reason, detail = proxy_connect_reason(error) if at_proxy else connect_reason(error)
    return NotSent(reason, detail=f"proxy: {detail}" if at_proxy else detail, target=target)


def _lost_answer(error: Exception, target: Target) -> Uncertain:
    if isinstance(error, httpx.RemoteProtocolError) and not str(error).startswith(_CUT):
        return Uncertain("onvio.unexpected_answer", detail="not HTTP", target=target)
    detail = f"{type(error).__name__} after sending"
    return Uncertain("network.interrupted", detail=detail, target=target)


def too_late(
    deadline_s: float, where: tuple[bool, bool], *, sent: bool, target: Target
) -> CloudError:
    """No answer within `deadline_s` seconds. `where`: a way through the proxy was being opened, and a
    new connection stood."""
    at_proxy, connected = where
    detail = f"no answer within {deadline_s:g} s"
    if at_proxy:
        reason = "network.proxy_no_way" if connected else "network.proxy_unreachable"
        return NotSent(reason, detail=f"proxy: {detail}", target=target)
    kind = Uncertain if sent else NotSent
    return kind("network.timeout", detail=detail, target=target)


def proxy_failure(status: int, offered: str, *, signed_in: bool, target: Target) -> NotSent:
    """What a proxy's answer to CONNECT other than 2xx means; see `causes.proxy_reason`."""
    reason = proxy_reason(status, offered, signed_in=signed_in)
    return NotSent(reason, detail=f"proxy: HTTP {status}", target=target)
