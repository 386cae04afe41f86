"""How long an answer asks us to wait. Pure; reads foreign headers as hostile.

A server's dates are compared with its own `Date` header, never with this machine's clock, which
may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

DEFAULT_S = 30.0
"""A 429 that names no time: half a minute, the slowest pace of our own retries."""
MAX_S = 3600.0
"""No answer may silence the agent for longer than an hour, by mistake or by malice."""
_MIN_S = 1.0
_EPOCH_FROM = 1e9  # a smaller x-ratelimit-reset is a number of seconds, not an epoch
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")


def pause_s(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds to wait after an answer, between 1 and 3600; None where it asks for none.

    429 always asks; 503 only with `Retry-After`. Order: `Retry-After` (seconds or HTTP date),
    `x-ratelimit-reset` (epoch seconds), else 30 s.
    """
    if status not in (429, 503):
        return None
    wait = _retry_after(headers)
    if wait is None and status == 429:
        wait = _reset(headers)
        wait = DEFAULT_S if wait is None else wait
    return None if wait is None else min(max(wait, _MIN_S), MAX_S)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(value):
        return float(value)
    until, sent = _epoch(value), _epoch(headers.get("date", ""))
    return None if until is None or sent is None else until - sent


def _reset(headers: Mapping[str, str]) -> float | None:
    value = headers.get("x-ratelimit-reset", "").strip()
    if not _NUMBER.fullmatch(value):
        return None
    reset = float(value)
    if reset < _EPOCH_FROM:
        return reset
    sent = _epoch(headers.get("date", ""))
    return None if sent is None else reset - sent


def _epoch(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
