"""What `doctor` concludes where the running agent and this window differ."""

from __future__ import annotations

import pytest

from onvio_agent.checks.ladder import ORDER
from onvio_agent.checks.words import conclusion
from onvio_agent.cli.doctor import held_against
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.errors import Failed
from support.snapshots import snapshot_of

WHOLE = Diagnosis(ok=True, broken=None, rungs=tuple(Rung(name=name, ok=True) for name in ORDER))


@pytest.mark.parametrize(
    "reason", ["network.timeout", "network.proxy_unreachable", "tls.untrusted"]
)
def test_an_agent_that_does_not_get_through_where_this_window_does_is_told(reason: str) -> None:
    found = held_against(snapshot_of(reason=reason), WHOLE)
    assert (found.ok, found.broken) == (False, reason)
    assert [rung.name for rung in found.rungs if rung.ok is False] == ["link"]
    title, step = conclusion(found)
    assert title.startswith(f"{reason}: ")
    assert "onvio-agent stop" in step
    assert "onvio-agent start" in step


def test_what_differs_in_nothing_stays_as_it_was_found() -> None:
    for agent in (
        None,
        Failed("agent.not_answering", pid=1),
        snapshot_of(),
        snapshot_of(reason="paused"),
    ):
        assert held_against(agent, WHOLE) == WHOLE
    broken = Diagnosis(ok=False, broken="network.dns", rungs=WHOLE.rungs)
    assert held_against(snapshot_of(reason="network.timeout"), broken) == broken
