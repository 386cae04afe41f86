"""The simulator as a process: two HTTPS listeners, one control listener, a ready file, an end.

Why: the agent meets it as it meets ONVIO, over real sockets.
It must not listen beyond loopback by itself; the command decides what is allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.seed import Seed
from onvio_agent.simulator.serve_certificates import CA_FILE, make_contexts, write_private
from onvio_agent.simulator.serve_control import Control
from onvio_agent.simulator.serve_door import Door, bind
from onvio_agent.simulator.serve_state import StateFolder
from onvio_agent.simulator.serve_wire import plain_config
from onvio_agent.simulator.wire import Target

# Tries to find two free ports side by side.
_PAIR_TRIES = 50
# Where the system offers no handle on another process, it is looked at this often.
_PARENT_POLL_S = 1.0


class PortTaken(OSError):
    """Another program listens on the wanted port, or the address cannot be used here."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        super().__init__(cause.errno, cause.strerror)
        self.host = host
        self.port = port


class ServeSettings(msgspec.Struct, frozen=True):
    """How to serve. `port` 0: any free pair. `exit_with`: end when this process does.
    `fresh`: begin with the seed even where a state is kept.
    """

    seed: Seed
    seed_digest: str
    state_dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = True
    ready_path: Path | None = None
    exit_with: int | None = None
    fresh: bool = False


class Ready(msgspec.Struct, frozen=True):
    """What a client needs to know; the content of the ready file. `ca_file` null without TLS."""

    api_url: str
    auth_url: str
    ca_file: str | None
    control_url: str
    pid: int


async def serve(settings: ServeSettings, announce: Callable[[Ready, Seed], None]) -> None:
    """Serve until a signal comes. `announce` is called when all listeners accept.

    Raises PortTaken; OSError where the state folder or the ready file cannot be written.
    """
    if settings.ready_path is not None:
        settings.ready_path.unlink(missing_ok=True)
    folder = StateFolder(settings.state_dir, settings.seed_digest)
    state = None if settings.fresh else folder.load()
    api_socket, auth_socket = _bind_pair(settings.host, settings.port, folder.port)
    folder.port = api_socket.getsockname()[1]
    seed = state.seed if state else settings.seed
    cloud = Cloud(seed, rng=random.SystemRandom(), now=time.time, state=state)
    doors = _make_doors(settings, cloud, folder, api_socket, auth_socket)

    async def after_change() -> None:
        folder.save(cloud)
        for door in doors:
            door.apply_faults()

    control_path = secrets.token_urlsafe(16)
    control = await _serve_control(Control(cloud, after_change), control_path)
    ready = _ready(settings, api_socket, auth_socket, control, control_path)
    cloud.world.auth_url = ready.auth_url
    cloud.world.changed()
    await after_change()
    await _serve_until_told(settings, ready, lambda: announce(ready, seed))
    for door in doors:
        door.close()
    control.close()


def _bind_pair(host: str, port: int, former: int) -> tuple[socket.socket, socket.socket]:
    """Sockets for the interface (P) and the token server (P + 1).

    `port` 0: the `former` pair if that is free, else any.
    """
    if port:
        return _bind_both(host, port)
    tries_left = _PAIR_TRIES
    while True:
        try:
            return _bind_both(host, former)
        except (PortTaken, OverflowError):
            former, tries_left = 0, tries_left - 1
            if tries_left == 0:
                raise


def _bind_both(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    first = _bind(host, port)
    try:
        return first, _bind(host, first.getsockname()[1] + 1)
    except (PortTaken, OverflowError):
        first.close()
        raise


def _bind(host: str, port: int) -> socket.socket:
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return bind(infos[0][4])
    except OSError as error:
        raise PortTaken(host, port, error) from error


def _make_doors(
    settings: ServeSettings,
    cloud: Cloud,
    folder: StateFolder,
    api_socket: socket.socket,
    auth_socket: socket.socket,
) -> list[Door]:
    def door(target: Target, listener: socket.socket) -> Door:
        contexts = None
        if settings.tls:
            now = datetime.now(UTC)
            contexts = make_contexts(settings.state_dir, settings.host, now)
        return Door(cloud, target, listener, contexts, lambda: folder.save(cloud))

    return [door("api", api_socket), door("auth", auth_socket)]


async def _serve_control(control: Control, control_path: str) -> asyncio.Server:
    config, state = plain_config(control.app(control_path)), ServerState()

    def protocol() -> Any:
        return H11Protocol(config, state, {})

    return await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)


def _ready(
    settings: ServeSettings,
    api_socket: socket.socket,
    auth_socket: socket.socket,
    control: asyncio.Server,
    control_path: str,
) -> Ready:
    scheme = "https" if settings.tls else "http"
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    control_port = control.sockets[0].getsockname()[1]
    return Ready(
        api_url=f"{scheme}://{shown}:{api_socket.getsockname()[1]}",
        auth_url=f"{scheme}://{shown}:{auth_socket.getsockname()[1]}",
        ca_file=str(settings.state_dir.resolve() / CA_FILE) if settings.tls else None,
        control_url=f"http://127.0.0.1:{control_port}/{control_path}",
        pid=os.getpid(),
    )


async def _serve_until_told(
    settings: ServeSettings, ready: Ready, announce: Callable[[], None]
) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: asyncio.run ends on Ctrl+C itself
            loop.add_signal_handler(number, told.set)
    watcher = None
    if settings.exit_with is not None:
        watcher = loop.create_task(_tell_at_exit(settings.exit_with, told))
    if settings.ready_path is not None:
        write_private(settings.ready_path, msgspec.json.encode(ready) + b"\n")
    announce()
    await told.wait()
    if settings.ready_path is not None:
        settings.ready_path.unlink(missing_ok=True)
    if watcher is not None:
        watcher.cancel()


async def _tell_at_exit(pid: int, told: asyncio.Event) -> None:
    """Set `told` when the process has ended. On Windows it is never told."""
    if sys.platform == "win32":
        return
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(pid)
            asyncio.get_running_loop().add_reader(handle, told.set)
            return
    while _lives(pid):  # noqa: ASYNC110 - another process's end is no event of this loop
        await asyncio.sleep(_PARENT_POLL_S)
    told.set()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
