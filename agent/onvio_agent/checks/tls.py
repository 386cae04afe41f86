"""Rung *tls*: is it ONVIO that answers, by what this machine trusts?"""

from __future__ import annotations

from onvio_agent.checks import tcp
from onvio_agent.checks.finding import Broken, seen_in
from onvio_agent.checks.net import Net, Way
from onvio_agent.i18n import _
from onvio_agent.onvio.causes import connect_reason


async def check(net: Net, way: Way) -> str:
    """Version and issuer; tls.untrusted, tls.expired, tls.wrong_name, tls.failed."""
    if way.scheme != "https":
        return _("plain http, to this machine only")
    if way.proxy is not None and way.proxy.scheme == "https":
        return _("a proxy over TLS: seen by the check of the interface")
    stream = await tcp.connect(net, way)
    try:
        return await stream.secure(way.host, verified=True)
    except OSError as error:
        raise Broken(connect_reason(error)[0], seen_in(error)) from error
    finally:
        stream.close()
