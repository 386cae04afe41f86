"""The client against a real server, against strangers, and against an agent that is not well."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from onvio_agent.actions.intent import pause
from onvio_agent.api import stream
from onvio_agent.client import Agent, StreamEnded, running_pid
from onvio_agent.errors import AgentError, Failed, NotRunning, Refused, WrongUsage
from onvio_agent.runtime import Runtime, write_runtime
from support.aio import on_loop
from support.apis import BOOT_ID, MANAGER_PASSWORD, TOKEN, FakedProfile, Served, served
from support.desks import Bench, bench
from support.sim import ANA, GERENTE, password_of

T = TypeVar("T")


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[FakedProfile]:
    faked = FakedProfile(tmp_path / "home")
    yield faked
    faked.lock.release()


@asynccontextmanager
async def reachable(profile: FakedProfile, folder: Path) -> AsyncIterator[tuple[Bench, Served]]:
    """A served desk that the profile leads to."""
    async with bench(folder) as at, served(at.desk) as api:
        profile.hold(os.getpid(), api.port)
        yield at, api


async def aside(work: Callable[[], T]) -> T:
    """The client blocks: it is called beside the loop that serves it."""
    return await asyncio.to_thread(work)


@on_loop
async def test_every_call_of_the_client_reaches_its_route(
    profile: FakedProfile, tmp_path: Path
) -> None:
    async with reachable(profile, tmp_path) as (_at, api):
        await api.sign_in()

        def calls() -> None:
            agent = Agent.connect(profile.paths)
            assert (agent.pid, agent.boot_id) == (os.getpid(), BOOT_ID)
            assert agent.status().agent.boot_id == "boot"
            agent.session = agent.sign_in("gerente", MANAGER_PASSWORD)
            assert agent.add_user("zé/1", "José").login == "zé/1"
            linked = agent.link("gerente", GERENTE, password_of(GERENTE))
            assert linked.link.state == "unconfirmed"
            assert (
                agent.confirm_portal("gerente", GERENTE, password_of(GERENTE)).icon.state == "green"
            )
            agent.link("ana", ANA, password_of(ANA))
            assert agent.user("ana")["link_generation"] == 1
            assert agent.inactivate("ana", confirmed=True).situation == "inactive"
            assert agent.activate("ana").situation == "active"
            assert [user.login for user in agent.users()] == ["gerente", "ana", "bruno", "zé/1"]
            assert agent.set_intent("paused", 60).intent.state == "paused"
            assert agent.reconnect("ana").intent.state == "run"
            with pytest.raises(Refused, match=r"user\.not_ready"):
                agent.promote("bruno")
            agent.sign_out()
            assert agent.session is None
            with pytest.raises(Refused, match=r"manager\.required"):
                agent.add_user("x", "X")
            with pytest.raises(WrongUsage, match=r"request\.invalid"):
                agent.set_intent("paused", -1)
            with pytest.raises(Refused) as unknown:
                agent.user("nobody")
            assert unknown.value.fields == {"login": "nobody"}
            agent.stop()

        await aside(calls)
        assert api.stop_requested.is_set()


@on_loop
async def test_the_stream_gives_snapshots_and_heartbeats_and_ends_with_the_agent(
    profile: FakedProfile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    async with reachable(profile, tmp_path) as (at, api):
        agent = await aside(lambda: Agent.connect(profile.paths))
        seen = agent.stream()
        first = await aside(lambda: next(seen))
        assert first is not None
        assert first.intent.state == "run"
        assert await aside(lambda: next(seen)) is None
        await pause(at.desk, None)
        while (heard := await aside(lambda: next(seen))) is None:
            pass
        assert heard.intent.state == "paused"
        await api.server.stop()
        assert [each for each in await aside(lambda: list(seen)) if each is not None] == []


@on_loop
async def test_silence_ends_the_stream(profile: FakedProfile, tmp_path: Path) -> None:
    async with reachable(profile, tmp_path):
        agent = await aside(lambda: Agent.connect(profile.paths))
        seen = agent.stream(silence_s=0.1)
        assert await aside(lambda: next(seen)) is not None
        with pytest.raises(StreamEnded, match=r"agent\.not_answering"):
            await aside(lambda: next(seen))


@on_loop
async def test_a_stream_that_breaks_off_is_no_orderly_end(
    profile: FakedProfile, tmp_path: Path
) -> None:
    async with reachable(profile, tmp_path) as (_at, api):
        agent = await aside(lambda: Agent.connect(profile.paths))
        seen = agent.stream()
        assert await aside(lambda: next(seen)) is not None
        for connection in list(api.server._connections.values()):
            connection.abort()
        with pytest.raises(StreamEnded):
            await aside(lambda: next(seen))


def test_no_agent_is_said_at_once_even_where_an_old_file_lies(profile: FakedProfile) -> None:
    began = time.monotonic()
    with pytest.raises(NotRunning):
        Agent.connect(profile.paths)
    with listening() as (port, received):
        write_runtime(profile.paths.runtime_path, runtime(port, pid=os.getpid()))
        with pytest.raises(NotRunning):
            Agent.connect(profile.paths)
        assert received == []
    assert running_pid(profile.paths) is None
    assert time.monotonic() - began < 2


def test_the_file_of_a_dead_agent_is_not_followed_while_the_next_one_starts(
    profile: FakedProfile,
) -> None:
    with listening() as (port, received):
        profile.hold(os.getpid(), port)
        write_runtime(profile.paths.runtime_path, runtime(port, pid=os.getpid() + 1))
        with pytest.raises(Failed, match=r"agent\.not_answering"):
            Agent.connect(profile.paths, timeout_s=0.3)
        assert received == []


STRANGERS = [
    b"",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n"
    b'{"api_version":1,"version":"0","boot_id":"boot","pid":1,"proof":"00"}                     ',
    b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + b"x" * 100_000,
    b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
]


@pytest.mark.parametrize("answer", STRANGERS, ids=range(len(STRANGERS)))
def test_a_stranger_at_the_port_learns_nothing(profile: FakedProfile, answer: bytes) -> None:
    with listening(answer) as (port, received):
        profile.hold(os.getpid(), port)
        with pytest.raises(Failed) as refused:
            Agent.connect(profile.paths, timeout_s=0.5)
        expected = "agent.stranger" if answer else "agent.not_answering"
        assert refused.value.code == expected
        heard = b"".join(received)
        assert heard.startswith(b"GET /v1/hello?nonce=")
        assert TOKEN.encode() not in heard
        assert b"uthorization" not in heard


def test_a_stranger_who_came_after_the_first_look_learns_nothing_either(
    profile: FakedProfile, tmp_path: Path
) -> None:
    with listening(STRANGERS[4]) as (port, received):
        profile.hold(os.getpid(), port)
        agent = Agent(profile.paths, runtime(port), "0")
        agent.session = "sessao-secreta"
        for call in (agent.status, lambda: agent.sign_in("gerente", "senha-secreta"), agent.stop):
            with pytest.raises(Failed, match=r"agent\.stranger"):
                call()
        with pytest.raises(Failed, match=r"agent\.stranger"):
            next(agent.stream())
        heard = b"".join(received)
        for secret in (TOKEN, "sessao-secreta", "senha-secreta"):
            assert secret.encode() not in heard


def test_one_who_drips_is_not_listened_to_for_ever(profile: FakedProfile) -> None:
    with listening(b"HTTP/1.1 200 OK\r\n" + b"x" * 100, drip_s=0.05) as (port, _received):
        profile.hold(os.getpid(), port)
        began = time.monotonic()
        with pytest.raises(Failed):
            Agent.connect(profile.paths, timeout_s=0.4)
        assert time.monotonic() - began < 2


@on_loop
async def test_one_who_knows_another_boots_token_is_a_stranger(
    profile: FakedProfile, tmp_path: Path
) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        profile.hold(os.getpid(), api.port, token="aa" * 32)
        with pytest.raises(Failed, match=r"agent\.stranger"):
            await aside(lambda: Agent.connect(profile.paths))


def test_an_agent_that_does_not_answer_is_named_by_its_pid(profile: FakedProfile) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        profile.hold(os.getpid(), deaf.getsockname()[1])
        with pytest.raises(Failed, match=r"agent\.not_answering") as refused:
            Agent.connect(profile.paths, timeout_s=0.3)
        assert refused.value.fields == {"pid": os.getpid()}


def test_an_agent_that_has_said_nothing_yet_is_waited_for(profile: FakedProfile) -> None:
    profile.lock.acquire()
    with pytest.raises(Failed, match=r"agent\.not_answering"):
        Agent.connect(profile.paths, timeout_s=0.2)


@on_loop
async def test_an_agent_that_is_just_starting_is_found_when_it_is_there(
    profile: FakedProfile, tmp_path: Path
) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        profile.lock.acquire()
        finding = asyncio.create_task(aside(lambda: Agent.connect(profile.paths)))
        await asyncio.sleep(0.2)
        assert not finding.done()
        write_runtime(profile.paths.runtime_path, runtime(api.port))
        assert (await finding).boot_id == BOOT_ID


@on_loop
async def test_another_version_of_the_interface_is_refused(
    profile: FakedProfile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with reachable(profile, tmp_path):
        monkeypatch.setattr("onvio_agent.client.API_VERSION", 2)
        with pytest.raises(Failed, match=r"agent\.version_mismatch"):
            await aside(lambda: Agent.connect(profile.paths))


def test_a_file_that_others_can_read_is_not_believed(profile: FakedProfile) -> None:
    with listening() as (port, received):
        profile.hold(os.getpid(), port)
        profile.paths.runtime_path.chmod(0o640)
        with pytest.raises(Failed, match=r"agent\.exposed"):
            Agent.connect(profile.paths)
        assert received == []


@on_loop
async def test_an_agent_that_has_ended_meanwhile_is_not_running(
    profile: FakedProfile, tmp_path: Path
) -> None:
    async with reachable(profile, tmp_path) as (_at, api):
        agent = await aside(lambda: Agent.connect(profile.paths))
        await api.server.stop()
        with pytest.raises(Failed, match=r"agent\.not_answering"):
            await aside(agent.status)
        profile.lock.release()
        for call in (agent.status, agent.users, agent.stop):
            with pytest.raises(NotRunning):
                await aside(call)


def test_clients_that_look_all_the_time_keep_no_agent_from_starting(
    profile: FakedProfile,
) -> None:
    profile.lock.acquire()
    profile.lock.release()
    look = (
        "import sys\nfrom pathlib import Path\nfrom onvio_agent.lock import is_held\n"
        "print('looking', flush=True)\nwhile True: is_held(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", look, str(profile.paths.lock_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as looking:
        assert looking.stdout is not None
        looking.stdout.readline()
        for _ in range(20):
            profile.lock.acquire(timeout_s=1)
            profile.lock.release()
        looking.kill()


def test_errors_of_an_agent_that_speaks_nonsense_are_errors_still() -> None:
    from onvio_agent.client_errors import told_error

    for data in (b"", b"{}", b"<html>", b'{"error":{"code":"never.heard","exit_code":4}}'):
        error: AgentError = told_error(data)
        assert error.code == "internal.error"


def runtime(port: int, pid: int | None = None) -> Runtime:
    return Runtime(
        pid=os.getpid() if pid is None else pid,
        port=port,
        api_version=1,
        boot_id=BOOT_ID,
        token=TOKEN,
    )


@contextmanager
def listening(answer: bytes = b"", drip_s: float = 0.0) -> Iterator[tuple[int, list[bytes]]]:
    """A stranger on a port: answers each connection's first bytes, keeps all that it hears."""
    received: list[bytes] = []
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        thread = threading.Thread(target=_answer_all, args=(door, answer, drip_s, received))
        thread.start()
        yield door.getsockname()[1], received
        door.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _answer_all(door: socket.socket, answer: bytes, drip_s: float, received: list[bytes]) -> None:
    while True:
        try:
            peer, _address = door.accept()
        except OSError:
            return
        with peer:
            peer.settimeout(5)
            try:
                received.append(peer.recv(65536))
                for part in (
                    [answer] if not drip_s else [answer[i : i + 1] for i in range(len(answer))]
                ):
                    peer.sendall(part)
                    time.sleep(drip_s)
                if answer:
                    peer.shutdown(socket.SHUT_WR)
                    while more := peer.recv(65536):
                        received.append(more)
            except OSError:
                continue
