"""The control API's listener: slow clients, the end, a taken port, and a sleep without wake-ups."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from onvio_agent.actions.intent import pause
from onvio_agent.api import bodies, serve
from onvio_agent.api.serve import bind
from onvio_agent.errors import Failed
from support.aio import on_loop
from support.apis import TOKEN, next_event, read_answer, served
from support.desks import Hold, bench

_IDLE = """
import asyncio, random, time
from types import SimpleNamespace
from onvio_agent.api.app import Access, build_api
from onvio_agent.api.serve import ApiServer, bind
from onvio_agent.chance import SystemEntropy
from onvio_agent.clock import SystemClock
from onvio_agent.hub import Hub
from onvio_agent.verdict.facts import Limits
from onvio_agent.world import Process
from onvio_config.model import Settings

def switches():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("voluntary")).split()[1])

async def main():
    clock = SystemClock()
    process = Process(version="0", pid=1, boot_id="b", started_at=clock.wall())
    hub = Hub(process, clock, Limits(), random.Random(1), "", log=None)
    settings = Settings()
    desk = SimpleNamespace(hub=hub, log=None, clock=clock, entropy=SystemEntropy(), settings=settings)
    await ApiServer(build_api(desk, Access("t", "b"), lambda: None), bind(0)).start()
    await asyncio.sleep(0.2)
    before = switches()
    await asyncio.sleep(3)
    print(switches() - before)

asyncio.run(main())
"""


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Whether the other side ends the connection without another byte."""
    async with asyncio.timeout(5):
        try:
            return await reader.read() == b""
        except ConnectionError:
            return True


@on_loop
async def test_a_head_that_never_ends_ends_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "HEAD_LIMIT_S", 0.1)
    async with bench(tmp_path) as at, served(at.desk) as api:
        for sent in (b"", b"GET /v1/status HTTP/1.1\r\nhost: 127", b"GET / HTTP/1.1\r\nx: y\r\n"):
            began = time.monotonic()
            assert await api.raw(sent) == b""
            assert time.monotonic() - began < 5
        reader, writer = await api.connect()
        writer.write(f"GET /v1/hello HTTP/1.1\r\nhost: 127.0.0.1:{api.port}\r\n\r\n".encode())
        assert (await reader.read(4096)).startswith(b"HTTP/1.1 400")
        writer.write(b"GET /v1/st")  # the second on a kept connection
        assert await is_cut(reader)
        writer.close()
        assert [json.loads(line)["why"] for line in at.lines.lines if "refused" in line] == ["slow"]


@on_loop
async def test_bytes_that_drip_in_win_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "HEAD_LIMIT_S", 0.2)
    async with bench(tmp_path) as at, served(at.desk) as api:
        reader, writer = await api.connect()
        ended = asyncio.create_task(reader.read())
        began = time.monotonic()
        while not ended.done() and time.monotonic() - began < 5:
            writer.write(b"G")
            await asyncio.sleep(0.02)
        assert await ended == b""
        writer.close()


@on_loop
async def test_a_body_that_never_comes_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_LIMIT_S", 0.1)
    async with bench(tmp_path) as at, served(at.desk) as api:
        head = (
            f"POST /v1/reconnect HTTP/1.1\r\nhost: 127.0.0.1:{api.port}\r\n"
            f"authorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n"
        )
        answer = read_answer(await api.raw(f"{head}content-length: 10\r\n\r\n{{".encode()))
        assert (answer.status, answer.code) == (408, "request.invalid")


@on_loop
async def test_a_kept_connection_is_served_again_and_closed_when_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "KEEP_ALIVE_S", 1.0)
    async with bench(tmp_path) as at, served(at.desk) as api:
        one = f"GET /v1/users HTTP/1.1\r\nhost: 127.0.0.1:{api.port}\r\n"
        one += f"authorization: Bearer {TOKEN}\r\n\r\n"
        for more in ("", "GET /v1/us"):  # what came with the last one gets no more time
            assert (await api.raw((one * 3 + more).encode())).count(b"HTTP/1.1 200") == 3


@on_loop
async def test_more_connections_than_anybody_needs_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "CONNECTIONS_MAX", 3)
    async with bench(tmp_path) as at, served(at.desk) as api:
        kept = [await api.connect() for _ in range(3)]
        reader, writer = await api.connect()
        assert await is_cut(reader)
        for _reader, each in [*kept, (reader, writer)]:
            each.close()
        await asyncio.sleep(0.05)
        assert (await api.ask("GET", "/v1/status")).status == 200


@on_loop
async def test_a_stop_with_open_streams_ends_them_in_order_and_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        streams = [await api.open_stream() for _ in range(10)]
        _reader, idle = await api.connect()
        for reader, _writer in streams:
            assert (await next_event(reader))[0] == "snapshot"
        began = time.monotonic()
        await api.server.stop()
        assert time.monotonic() - began < 0.5
        for reader, writer in streams:
            assert await next_event(reader) == ("end", None)
            assert await reader.read() == b""
            writer.close()
        idle.close()
        with pytest.raises(ConnectionError):
            await api.connect()


@on_loop
async def test_a_stop_waits_for_an_answer_under_way_but_not_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "STOP_LIMIT_S", 0.3)
    async with bench(tmp_path) as at, served(at.desk) as api:
        at.wire.before = hold = Hold("/health")
        asking = asyncio.create_task(api.ask("POST", "/v1/reconnect"))
        await hold.reached.wait()
        stopping = asyncio.create_task(api.server.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
        hold.release()
        assert (await asking).status == 200
        await stopping
    async with bench(tmp_path) as at, served(at.desk) as api:
        at.wire.before = hold = Hold("/health")
        asking = asyncio.create_task(api.raw(b"x"))
        reader, writer = await api.connect()
        head = f"POST /v1/reconnect HTTP/1.1\r\nhost: 127.0.0.1:{api.port}\r\n"
        writer.write(f"{head}authorization: Bearer {TOKEN}\r\n\r\n".encode())
        await hold.reached.wait()
        began = time.monotonic()
        await api.server.stop()
        assert time.monotonic() - began < 1
        assert await is_cut(reader)
        writer.close()
        await asking
        hold.release()


@on_loop
async def test_a_stalled_reader_hinders_nobody(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        _stalled, writer = await api.open_stream()
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport can
        reader, other = await api.open_stream()
        assert (await next_event(reader))[0] == "snapshot"
        await pause(at.desk, None)
        name, snapshot = await next_event(reader)
        assert (name, snapshot["intent"]["state"]) == ("snapshot", "paused")
        writer.close()
        other.close()


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Failed, match=r"agent\.port_taken") as refused:
            bind(port)
        assert refused.value.fields == {"port": port}


@on_loop
async def test_a_port_that_is_taken_between_bind_and_start_is_named(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        with pytest.raises(Failed, match=r"agent\.port_taken"):
            async with served(at.desk, port=api.port):
                raise AssertionError


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_idle_server_never_wakes() -> None:
    done = subprocess.run([sys.executable, "-c", _IDLE], capture_output=True, check=True, text=True)
    assert int(done.stdout) <= 2  # the measurement's own sleep is one
