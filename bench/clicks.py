"""How long a person waits: from a click on the icon to green, and for the answer of `status`."""

from __future__ import annotations

import statistics
import time
from typing import NamedTuple

from onvio_agent.client import Agent
from onvio_agent.contract.status import Snapshot


class Clicks(NamedTuple):
    """Medians in milliseconds, seen by a client of the control API."""

    green_ms: float
    status_ms: float


def measure(agent: Agent, times: int) -> Clicks:
    """`times` clicks on a paused agent (its icon is the arrow), and as many looks at its status."""
    return Clicks(
        statistics.median(_click_ms(agent) for _ in range(times)),
        statistics.median(_status_ms(agent) for _ in range(times)),
    )


def _click_ms(agent: Agent) -> float:
    paused = agent.set_intent("paused")
    assert paused.icon.state == "play"
    began = time.perf_counter()
    snapshot = agent.reconnect()
    took_s = time.perf_counter() - began
    assert _everybody_is_green(snapshot), snapshot
    return took_s * 1000


def _status_ms(agent: Agent) -> float:
    began = time.perf_counter()
    agent.status()
    return (time.perf_counter() - began) * 1000


def _everybody_is_green(snapshot: Snapshot) -> bool:
    return snapshot.icon.state == "green" and all(
        user.icon.state == "green" for user in snapshot.users
    )
