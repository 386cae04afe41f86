"""Streams of snapshots, driven as a server would drive them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.actions.intent import pause, resume
from onvio_agent.api import stream
from onvio_agent.api.stream import EventStream, Streams
from support.aio import on_loop
from support.desks import bench


class Reader:
    """The server's side of one connection. `gate` closed: nothing more goes out."""

    def __init__(self) -> None:
        self.chunks: list[str] = []
        self.is_lost = False
        self.aborted = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Event()
        self._tell: Callable[[], None] = lambda: None

    def when_lost(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def abort(self) -> None:
        self.aborted = True

    def lose(self) -> None:
        self.is_lost = True
        self._tell()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.gate.wait()
        if message["type"] == "http.response.body":
            self.chunks.append(message["body"].decode())
            self.arrived.set()

    async def read(self) -> str:
        """The next chunk."""
        async with asyncio.timeout(5):
            while not self.chunks:
                self.arrived.clear()
                await self.arrived.wait()
        return self.chunks.pop(0)


def serve(streams: Streams, reader: Reader) -> asyncio.Task[None]:
    return asyncio.create_task(EventStream(streams, reader)({}, no_request, reader.send))


async def no_request() -> MutableMapping[str, Any]:
    raise AssertionError("a stream reads nothing")


def snapshot(chunk: str) -> Any:
    event, data = chunk.strip().split("\n")
    assert event == "event: snapshot"
    return json.loads(data.removeprefix("data: "))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@on_loop
async def test_a_snapshot_comes_at_once_and_one_after_each_change(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        reader, streams = Reader(), Streams(at.desk.hub)
        serving = serve(streams, reader)
        assert snapshot(await reader.read())["intent"]["state"] == "run"
        await pause(at.desk, None)
        assert snapshot(await reader.read())["intent"]["state"] == "paused"
        streams.close()
        assert await reader.read() == ""
        await serving


@on_loop
async def test_a_slow_reader_gets_the_newest_state_and_none_twice(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        reader, streams = Reader(), Streams(at.desk.hub)
        serving = serve(streams, reader)
        first = snapshot(await reader.read())["agent"]["revision"]
        reader.gate.clear()
        for _ in range(25):
            await pause(at.desk, None)
            await settle()
            await resume(at.desk)
            await settle()
        newest = at.desk.hub.snapshot().agent.revision
        reader.gate.set()
        seen = [snapshot(await reader.read())["agent"]["revision"]]
        await settle()
        seen += [snapshot(chunk)["agent"]["revision"] for chunk in reader.chunks]
        assert first < seen[0]
        assert seen[-1] == newest
        assert seen == sorted(dict.fromkeys(seen))
        assert len(seen) <= 2  # the one that was held back, and the newest
        reader.lose()
        await serving


@on_loop
async def test_silence_is_filled_with_heartbeats_in_which_old_verdicts_expire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.01)
    async with bench(tmp_path) as at:
        reader = Reader()
        serving = serve(Streams(at.desk.hub), reader)
        assert snapshot(await reader.read())["connection"]["state"] == "online"
        assert await reader.read() == "event: heartbeat\ndata: {}\n\n"
        at.clock.advance(24 * 3600)
        chunk = await reader.read()
        while chunk.startswith("event: heartbeat"):
            chunk = await reader.read()
        assert snapshot(chunk)["icon"]["state"] == "grey"
        reader.lose()
        await serving


@on_loop
async def test_a_reader_that_takes_nothing_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "WRITE_LIMIT_S", 0.01)
    async with bench(tmp_path) as at:
        reader, streams = Reader(), Streams(at.desk.hub)
        serving = serve(streams, reader)
        await reader.read()
        reader.gate.clear()
        await pause(at.desk, None)
        await serving
        assert reader.aborted
        assert not streams.is_full


@on_loop
async def test_the_place_of_a_lost_reader_is_free_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        streams, readers = Streams(at.desk.hub), [Reader() for _ in range(stream.STREAMS_MAX)]
        serving = [serve(streams, reader) for reader in readers]
        await settle()
        assert streams.is_full
        readers[3].lose()
        await serving[3]
        assert not streams.is_full
        streams.close()
        await asyncio.gather(*serving)
