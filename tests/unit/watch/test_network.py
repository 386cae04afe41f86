"""A sign of the network or a wake causes one look, and what that does follows from what it sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from onvio_agent.actions.intent import pause
from onvio_agent.simulator.faults import Fault
from onvio_agent.watch.network import AGAIN_S, SAME_WAKE_S, SETTLE_S, NetworkWatch, NoSleeps, Sleeps
from support.aio import on_loop
from support.desks import Bench, bench
from support.instants import HandTimer

HOME, OFFICE = ("192.168.0.7",), ("10.0.0.2",)


class HandSigns:
    """`Signs` that a test gives."""

    def __init__(self) -> None:
        self.seen: tuple[str, ...] = OFFICE
        self.give: Callable[[], None] = lambda: None

    def sources(self) -> tuple[str, ...]:
        return self.seen

    def follow(self, on_sign: Callable[[], None]) -> None:
        self.give = on_sign

    def close(self) -> None:
        """Nothing is open."""


def watched(at: Bench, sleeps: Sleeps | None = None) -> tuple[HandTimer, HandSigns]:
    timer, signs = HandTimer(), HandSigns()
    NetworkWatch(at.desk, timer, signs, at.wire, sleeps or NoSleeps()).start()
    return timer, signs


def probes(at: Bench) -> int:
    return at.wire.sent.count("/health")


@on_loop
async def test_many_signs_are_one_look_soon_after_the_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer, signs = watched(at)
        before = probes(at)
        for _ in range(50):
            signs.give()
        assert timer.entries["network"][0] == at.clock.mono() + SETTLE_S
        assert timer.count == 1
        await timer.fire("network")
        assert probes(at) == before + 1
        assert at.wire.renewed == 0


@on_loop
async def test_a_network_that_never_rests_is_looked_at_once_a_second(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer, signs = watched(at)
        signs.give()
        await timer.fire("network")
        signs.give()
        assert timer.entries["network"][0] == at.clock.mono() + AGAIN_S


@on_loop
async def test_another_way_out_makes_new_connections(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer, signs = watched(at)
        signs.seen = HOME
        signs.give()
        await timer.fire("network")
        assert at.wire.renewed == 1
        assert at.desk.hub.is_connected()


@on_loop
async def test_without_a_way_out_it_is_offline_at_once_and_nothing_is_sent(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        timer, signs = watched(at)
        before = probes(at)
        signs.seen = ()
        signs.give()
        await timer.fire("network")
        assert at.icon("gerente") == ("grey", "network.none")
        assert probes(at) == before
        signs.seen = OFFICE
        signs.give()
        await timer.fire("network")
        assert at.desk.hub.is_connected()


@on_loop
async def test_after_a_wake_old_connections_are_given_up_and_a_check_is_made(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        timer, _signs = watched(at)
        before = probes(at)
        timer.wake(3600.0)
        await timer.fire("network")
        assert (probes(at), at.wire.renewed) == (before + 1, 1)
        assert [entry["slept_s"] for entry in at.events("machine.woke")] == [3600]


@on_loop
async def test_a_clock_that_was_set_is_no_sleep_but_looked_at_like_one_where_it_went_ahead(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        timer, _signs = watched(at)
        before = probes(at)
        timer.step(-3600.0)
        assert "network" not in timer.entries
        timer.step(3600.0)
        await timer.fire("network")
        assert (probes(at), at.wire.renewed) == (before + 1, 1)
        assert [entry["step_s"] for entry in at.events("machine.clock_set")] == [-3600, 3600]
        assert not at.events("machine.woke")


@on_loop
async def test_nobody_looks_while_paused_or_while_onvio_has_asked_for_silence(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        timer, signs = watched(at)
        at.cloud.cloud.set_fault(Fault("limited", target="api", value=300))
        signs.give()
        await timer.fire("network")
        before = probes(at)
        signs.give()
        await timer.fire("network")
        assert probes(at) == before
        at.cloud.cloud.clear_faults()
        await pause(at.desk, None)
        signs.give()
        await timer.fire("network")
        assert probes(at) == before


class HandSleeps:
    """`Sleeps` that a test gives."""

    def follow(self, on_wake: Callable[[float], None]) -> None:
        self.wake = on_wake

    def close(self) -> None:
        """Nothing is open."""


@on_loop
async def test_a_wake_that_the_login_manager_and_the_clocks_tell_is_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        sleeps = HandSleeps()
        timer, _signs = watched(at, sleeps)
        sleeps.wake(3600.0)
        at.pass_time(4)
        timer.wake(3604.0)
        assert [event["slept_s"] for event in at.events("machine.woke")] == [3600]
        at.pass_time(SAME_WAKE_S)
        timer.wake(20.0)
        assert len(at.events("machine.woke")) == 2
