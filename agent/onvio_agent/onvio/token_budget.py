"""How many of the program's tokens may still be asked for. Pure.

One token a day is allowed, shared by everything that this office runs, and more than forty requests
block the integration. So requests are counted durably, on both clocks, and stop for good well below.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from onvio_agent.clock import Now

DAILY_MAX = 20
"""Half of what blocks: another machine of the office may ask too, by mistake."""

REMEMBERED = 60
"""Requests that are kept; more than two days' worth."""

_DAY_S = 86_400.0


def asked_today(requests: Iterable[Now], now: Now) -> int:
    """How many there were within the last 24 hours, by whichever clock says so.

    One that lies in the future counts too: the wall clock was set back. Set ahead, the other clock
    still remembers, until the machine is started anew.
    """
    return sum(_is_recent(request, now) for request in requests)


def _is_recent(request: Now, now: Now) -> bool:
    if request.wall > now.wall - timedelta(seconds=_DAY_S):
        return True
    return 0 <= now.mono - request.mono < _DAY_S
