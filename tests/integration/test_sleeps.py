"""The login manager's signal on a real bus: a real agent looks again as soon as the machine has woken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from onvio_agent.sleeps import Logind
from support.aio import on_loop
from support.buses import Bus, eventually, private_bus
from support.campaign import Tell, running_office
from support.witness import PROBE_PATH, acted_at

UNHURRIED = {"PROBE__INTERVAL_S": 30, "PROBE__VALID_MIN_S": 90, "LINKS__INTERVAL_S": 300,
             "LINKS__VALID_S": 900}  # fmt: skip


@pytest.fixture
def bus() -> Iterator[Bus]:
    with private_bus() as running:
        yield running


async def told(address: str, *sleeps: bool, member: str = "PrepareForSleep") -> None:
    """A login manager says so."""
    manager = await MessageBus(bus_address=address).connect()
    for will_sleep in sleeps:
        await manager.send(
            Message(
                message_type=MessageType.SIGNAL,
                path="/org/freedesktop/login1",
                interface="org.freedesktop.login1.Manager",
                member=member,
                signature="b",
                body=[will_sleep],
            )
        )
    await manager.call(  # the bus has passed on what came before
        Message(destination="org.freedesktop.DBus", path="/", member="ListNames",
                interface="org.freedesktop.DBus")
    )  # fmt: skip
    manager.disconnect()


def test_a_real_agent_looks_again_as_soon_as_it_is_told(
    tmp_path: Path, bus: Bus, tell: Tell
) -> None:
    environ = {"DBUS_SYSTEM_BUS_ADDRESS": bus.address}
    with running_office(tmp_path, **UNHURRIED) as (simulator, profile):
        profile.stop()
        profile.environ |= environ
        profile.start()
        profile.wait_icon(None, "green")

        def looks(since: float) -> int:
            journal = simulator.journal()
            return len([e for e in journal if e["path"] == PROBE_PATH and acted_at(e) > since])

        time.sleep(1.5)  # whatever follows a start is over
        quiet_from = time.time()
        asyncio.run(told(bus.address, True))
        time.sleep(0.5)
        assert looks(quiet_from) == 0
        woke_at = time.time()
        asyncio.run(told(bus.address, False))
        eventually(lambda: looks(woke_at), "a look")
        tell("wake told by logind", seconds_until_a_check=time.time() - woke_at)
        assert "machine.woke" in profile.paths.log_path.read_text()
        profile.wait_icon(None, "green")


async def heard(address: str, talk: Callable[[], Coroutine[Any, Any, None]]) -> list[float]:
    """The sleeps that are told of while `talk` goes on."""
    found: list[float] = []
    now = iter((100.0, 160.0, 200.0, 290.0))
    logind = Logind(address, lambda: next(now))
    logind.follow(found.append)
    try:
        await asyncio.sleep(0.1)
        await talk()
        await asyncio.sleep(0.1)
    finally:
        logind.close()
    return found


@on_loop
async def test_a_sleep_lasts_from_one_signal_to_the_other(bus: Bus) -> None:
    async def talk() -> None:
        await told(bus.address, False)  # the machine was asleep before anybody listened
        await told(bus.address, True, False, True, False)
        await told(bus.address, True, member="PrepareForShutdown")

    assert await heard(bus.address, talk) == [60.0, 90.0]


@on_loop
async def test_a_bus_that_goes_away_is_heard_no_more_and_does_no_harm(bus: Bus) -> None:
    async def talk() -> None:
        bus.stop()

    assert await heard(bus.address, talk) == []


@pytest.mark.parametrize("address", ["", "tcp:host=localhost", "unix:path=/nowhere", "nonsense"])
@on_loop
async def test_where_there_is_no_bus_nothing_is_told(address: str) -> None:
    async def talk() -> None:
        """Nobody says anything."""

    assert await heard(address, talk) == []


@pytest.mark.parametrize(
    "said",
    [b"REJECTED EXTERNAL\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n....", b"l" + b"\xff" * 40],
    ids=["refused", "other", "absurd"],
)
@on_loop
async def test_a_stranger_in_the_buss_place_is_given_up(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "bus"
    ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        ended.set_result(await reader.read(-1))  # until the other side has closed
        writer.close()

    async def talk() -> None:
        async with asyncio.timeout(5):
            await ended

    server = await asyncio.start_unix_server(serve, path)
    assert await heard(f"unix:path={path}", talk) == []
    server.close()
