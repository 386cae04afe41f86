"""How long to wait before the next try: exponential with full jitter.

The draw is passed in, so the function is pure; see "Exponential Backoff And Jitter" (AWS, 2015).
"""

from __future__ import annotations

_FLOOR_S = 0.2  # a draw near zero must not become a busy loop
_MAX_DOUBLINGS = 30


def delay_s(failures: int, draw: float, *, first_s: float, max_s: float) -> float:
    """Seconds to wait after `failures` (>= 1) failures in a row, for a `draw` in [0, 1)."""
    ceiling = min(max_s, first_s * 2.0 ** min(failures, _MAX_DOUBLINGS))
    return max(min(_FLOOR_S, ceiling), draw * ceiling)


def is_asked_for(reason: str | None) -> bool:
    """Whether a wait for that reason is ONVIO's own wish, and not for a cause on our side.

    Such waits outlive a restart and a return of the connection; the others end with their cause.
    """
    return reason is not None and (reason.startswith("onvio.") or reason == "auth.blocked")


def spread_s(draw: float, width_s: float) -> float:
    """Seconds by which an agent puts off its return after ONVIO's own outage, for a `draw` in [0, 1)."""
    return draw * width_s
