"""Rung *clock*: is this machine's date right? Compared with the date that the server tells.

For a diagnosis only: the certificate is not verified, since a wrong date is why it would not be.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from onvio_agent.checks import tcp
from onvio_agent.checks.finding import Broken, Untried
from onvio_agent.checks.net import Net, Way
from onvio_agent.i18n import _

APART_S = 300.0
"""Five minutes: more than any clock that is kept right is wrong, less than certificates mind."""


async def check(net: Net, way: Way, now: datetime) -> str:
    """How far apart they are; `clock.skewed` from five minutes on."""
    date = await _date(net, way)
    if date is None:
        raise Untried(_("the server tells no date"))
    ahead_s = (now - date).total_seconds()
    told = _("{n} s ahead of the server") if ahead_s >= 0 else _("{n} s behind the server")
    told = told.replace("{n}", f"{abs(ahead_s):.0f}")
    if abs(ahead_s) > APART_S:
        raise Broken("clock.skewed", told)
    return told


async def _date(net: Net, way: Way) -> datetime | None:
    if way.proxy is not None and way.proxy.scheme == "https":
        return None
    stream = await tcp.connect(net, way)
    try:
        if way.scheme == "https":
            await stream.secure(way.host, verified=False)
        answer = await stream.ask(f"HEAD / HTTP/1.1\r\nHost: {way.host}\r\n")
    except OSError:
        return None
    finally:
        stream.close()
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
