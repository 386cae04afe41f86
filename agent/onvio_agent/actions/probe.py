"""One check of the connection: a small request to ONVIO, unauthenticated, ending in one fact."""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.contract.status import ConnectionState
from onvio_agent.onvio.errors import CloudError
from onvio_agent.timer import ASLEEP_S
from onvio_agent.verdict.facts import ProbeFailed, ProbeStarted, ProbeSucceeded

_CERTAIN = ("network.none",)
"""Reasons that the operating system itself gives: a second try would say the same."""
_SLOW = "network.timeout"


async def probe(desk: Desk, *, by_person: bool = False, here: bool = False) -> None:
    """Probe now; a probe under way is waited for. `here`: see `Desk.once`."""
    await desk.once("probe", lambda: _probe(desk, by_person), here=here)


async def _probe(desk: Desk, by_person: bool) -> None:
    if by_person or desk.hub.world.connection.checked_at is None:
        desk.hub.hear(ProbeStarted())
    sent_at = desk.clock.mono()
    try:
        took_s = await desk.user_api.probe()
    except CloudError as error:
        if desk.clock.mono() - sent_at > desk.settings.probe.deadline_s + ASLEEP_S:
            return  # the machine slept meanwhile: nothing was learnt, and the next check is due
        reason = await _explained(desk, error.reason)
        desk.hub.hear(ProbeFailed(sent_at, reason, error.retry_after_s, certain=reason in _CERTAIN))
    except Exception as error:  # a bug: told, and tried again like any other trouble
        desk.crashed("probe", error)
        desk.hub.hear(ProbeFailed(sent_at, "internal.error"))
    else:
        desk.mended("probe")
        desk.hub.hear(ProbeSucceeded(sent_at, latency_ms=round(took_s * 1000, 1)))


async def _explained(desk: Desk, reason: str) -> str:
    """The reason behind `reason`. A blip that is not shown is not looked into: that takes time."""
    connection = desk.hub.connection
    shown = connection.failures + 1 >= desk.limits.failures_before_offline
    if reason == _SLOW and connection.state is ConnectionState.ONLINE and not shown:
        return reason
    try:
        explained = await desk.explain(reason)
    except Exception as error:  # a bug must not keep the failure from being known
        desk.crashed("explain", error)
        return reason
    desk.mended("explain")
    return explained
