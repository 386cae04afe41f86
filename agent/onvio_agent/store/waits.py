"""How long a kept wait still lasts after a restart. Pure."""

from __future__ import annotations

from onvio_agent.clock import Now
from onvio_agent.store.base import Retry

_OWN_MAX_S = 3600.0


def left_s(retry: Retry, now: Now) -> float:
    """Seconds still to wait after a restart, never more than was asked for or than an hour.

    Counted on the clock that cannot be set: the wall clock may have been set ahead or back. Only
    where that clock has begun anew with the machine is the wall clock asked.
    """
    whole_s = max(0.0, (retry.not_before - retry.set_at).total_seconds())
    if retry.set_mono is not None and now.mono >= retry.set_mono:
        gone_s = now.mono - retry.set_mono
    else:
        gone_s = (now.wall - retry.set_at).total_seconds()
    return min(max(0.0, whole_s - gone_s), whole_s, _OWN_MAX_S)
