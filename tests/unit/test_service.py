"""What systemd hears, on a socket of the test."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onvio_agent.service import Service, service_of


class Later:
    """Keeps what is to be called, and after how many seconds."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, delay_s: float, call: Callable[[], None]) -> None:
        self.due.append((delay_s, call))


@pytest.fixture(params=["file", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "file" else f"@onvio-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(name.replace("@", "\0", 1))
        heard.settimeout(5)
        yield heard, name


def test_ready_alive_and_stopping_are_told(ear: tuple[socket.socket, str]) -> None:
    heard, address = ear
    later = Later()
    service = service_of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "90000000"})
    service.ready(later)
    assert [heard.recv(100) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]
    ((delay_s, beat),) = later.due
    assert delay_s == 30
    beat()
    assert heard.recv(100) == b"WATCHDOG=1"
    assert len(later.due) == 2
    service.stopping()
    assert heard.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize(
    "more",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_PID": "1"}],
)
def test_without_a_watchdog_of_ours_nothing_beats(
    ear: tuple[socket.socket, str], more: dict[str, str]
) -> None:
    heard, address = ear
    later = Later()
    usec = {"WATCHDOG_USEC": "1000"} if "WATCHDOG_PID" in more else {}
    service_of({"NOTIFY_SOCKET": address} | usec | more).ready(later)
    assert heard.recv(100) == b"READY=1"
    assert later.due == []


def test_without_systemd_or_when_it_has_gone_nobody_is_told(tmp_path: Path) -> None:
    later = Later()
    for service in (Service(), service_of({}), service_of({"NOTIFY_SOCKET": "relative"})):
        service.ready(later)
        service.stopping()
    service_of({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready(later)
    assert later.due == []
