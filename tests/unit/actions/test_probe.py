"""A probe ends in one fact, whatever happens; probes at the same time are one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from onvio_agent.actions.probe import probe
from onvio_agent.onvio.errors import NotSent
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.faults import Fault
from support.aio import on_loop
from support.desks import Bench, Hold, bench


def shown(at: Bench) -> tuple[str, str | None]:
    connection = at.desk.hub.snapshot().connection
    return str(connection.state), connection.reason


@on_loop
async def test_before_the_first_one_the_agent_starts_and_during_it_checks(tmp_path: Path) -> None:
    async with bench(tmp_path, online=False) as at:
        assert shown(at) == ("starting", "agent.starting")
        at.wire.before = hold = Hold("/health")
        probing = asyncio.create_task(probe(at.desk))
        await hold.reached.wait()
        assert shown(at)[0] == "checking"
        hold.release()
        await probing
        assert shown(at) == ("online", None)


@on_loop
async def test_its_validity_counts_from_the_sending_and_the_latency_is_told(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        sent_at = at.clock.mono()
        at.wire.after = hold = Hold("/health")
        probing = asyncio.create_task(probe(at.desk))
        await hold.reached.wait()
        at.clock.advance(3.5)
        hold.release()
        await probing
        connection = at.desk.hub.world.connection
        assert connection.valid_until == sent_at + 90.0
        assert connection.latency_ms == 3500.0


@on_loop
async def test_probes_at_the_same_time_are_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        sent = at.wire.sent.count("/health")
        await asyncio.gather(*(probe(at.desk, by_person=True) for _ in range(9)))
        assert at.wire.sent.count("/health") == sent + 1


@pytest.mark.parametrize(
    ("error", "tries"),
    [(NotSent("network.none"), 1), (NotSent("network.timeout"), 2), (RuntimeError("a bug"), 2)],
)
@on_loop
async def test_two_failures_or_one_word_of_the_system_take_it_offline(
    tmp_path: Path, error: Exception, tries: int
) -> None:
    async with bench(tmp_path) as at:

        async def fail(_request: Request) -> None:
            raise error

        at.wire.before = fail
        for _ in range(tries):
            assert at.desk.hub.is_connected()
            await probe(at.desk)
        reason = getattr(error, "reason", "internal.error")
        assert shown(at) == ("offline", reason)


@on_loop
async def test_a_named_wait_is_told_to_the_verdict(tmp_path: Path) -> None:
    async with bench(tmp_path, online=False) as at:
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=120))
        await probe(at.desk)
        retry_at = at.desk.hub.world.connection.retry_at
        assert retry_at is not None
        assert retry_at >= at.clock.mono() + 120.0
        assert shown(at) == ("waiting", "onvio.limited")


def explained_by(at: Bench, causes: dict[str, str]) -> list[str]:
    """Have the ladder know these causes; the reasons that it is asked for."""
    asked: list[str] = []

    async def explain(reason: str) -> str:
        asked.append(reason)
        return causes.get(reason, reason)

    at.desk.explain = explain
    return asked


def failing(reason: str) -> Callable[[Request], Awaitable[None]]:
    """For `Wire.before`."""

    async def before(request: Request) -> None:
        raise NotSent(reason, target=request.target)

    return before


@on_loop
async def test_what_is_behind_a_failure_is_shown_in_its_place(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        explained_by(at, {"tls.untrusted": "network.captive_portal"})
        at.wire.before = failing("tls.untrusted")
        for _ in range(2):
            await probe(at.desk)
        assert shown(at) == ("offline", "network.captive_portal")


@on_loop
async def test_a_missing_route_behind_it_needs_no_second_failure(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        explained_by(at, {"network.dns": "network.none"})
        at.wire.before = failing("network.dns")
        await probe(at.desk)
        assert shown(at) == ("offline", "network.none")


@on_loop
async def test_a_single_timeout_is_not_looked_into(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        asked = explained_by(at, {})
        at.wire.before = failing("network.timeout")
        await probe(at.desk)
        assert asked == []
        await probe(at.desk)
        assert asked == ["network.timeout"]


@on_loop
async def test_a_crash_while_looking_keeps_the_failure_known(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:

        async def crash(_reason: str) -> str:
            raise RuntimeError("a bug")

        at.desk.explain = crash
        at.wire.before = failing("network.refused")
        for _ in range(2):
            await probe(at.desk)
        assert shown(at) == ("offline", "network.refused")
        assert len(at.events("task.crashed")) == 1
