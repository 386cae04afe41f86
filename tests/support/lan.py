"""Two machines on one cable, made of network namespaces: an office, and all that lies beyond it.

Why: links that go down, name servers that lie and packets that vanish are made for real here, and
nothing of it touches the machine that runs the tests. Needs root and Linux.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HOST = "onvio.test"
OFFICE = "10.77.0.2"
ONVIO, NAMES, PROXY, PORTAL = "10.77.0.1", "10.77.0.53", "10.77.0.3", "10.77.0.80"
_NOBODY = "02:00:00:00:00:99"
_CLONE_NEWNET = 0x40000000
_count = itertools.count()

needs_namespaces = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip") is None,
    reason="network namespaces need Linux, root and iproute2",
)


class Space:
    """One namespace. Files in `etc_dir` stand in the place of those in /etc for its programs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.prefix = ("ip", "netns", "exec", name)
        self.etc_dir = Path("/etc/netns") / name
        self.etc_dir.mkdir(parents=True)
        _run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments: str) -> None:
        """One `ip` command in here."""
        _run("ip", "-n", self.name, *arguments)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread, what it starts and what it connects to are in here."""
        with Path("/proc/thread-self/ns/net").open() as before:
            with Path("/run/netns", self.name).open() as inside:
                _enter(inside.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    def close(self) -> None:
        """It is gone, with all its addresses."""
        _run("ip", "netns", "del", self.name)
        shutil.rmtree(self.etc_dir)


class Lan:
    """The office at OFFICE, and ONVIO, a name server, a proxy and a portal beyond the cable."""

    def __init__(self) -> None:
        stem = f"lan{os.getpid()}-{next(_count)}"
        self.office, self.beyond = Space(f"{stem}o"), Space(f"{stem}b")
        self.office.ip("link", "add", "cable", "type", "veth", "peer", "name", "far")
        self.office.ip("link", "set", "far", "netns", self.beyond.name)
        for address in (ONVIO, NAMES, PROXY, PORTAL):
            self.beyond.ip("addr", "add", f"{address}/24", "dev", "far")
        self.beyond.ip("link", "set", "far", "up")
        self.office.ip("addr", "add", f"{OFFICE}/24", "dev", "cable")
        self.plug()
        (self.office.etc_dir / "resolv.conf").write_text(f"nameserver {NAMES}\n")
        (self.office.etc_dir / "hosts").write_text("127.0.0.1 localhost\n")
        (self.beyond.etc_dir / "hosts").write_text(f"127.0.0.1 localhost\n{ONVIO} {HOST}\n")

    def plug(self) -> None:
        """The cable is in, and the way out known."""
        self.office.ip("link", "set", "cable", "up")
        self.office.ip("route", "replace", "default", "via", ONVIO)

    def unplug(self) -> None:
        """The interface is down: address and routes are of no use."""
        self.office.ip("link", "set", "cable", "down")

    def swallow(self, address: str) -> None:
        """What the office sends to `address` arrives nowhere, and nobody says so."""
        self.office.ip("neigh", "replace", address, "lladdr", _NOBODY, "dev", "cable")

    def deliver(self, address: str) -> None:
        """Packets to `address` arrive again."""
        self.office.ip("neigh", "del", address, "dev", "cable")

    def close(self) -> None:
        """Both are gone."""
        self.office.close()
        self.beyond.close()


@contextmanager
def plugged() -> Iterator[Lan]:
    """A LAN, with this thread in the office."""
    lan = Lan()
    try:
        with lan.office.entered():
            yield lan
    finally:
        lan.close()


def in_background(space: Space, name: str, work: object) -> threading.Thread:
    """Run the callable `work` in a thread that is in `space`."""
    assert callable(work)

    def run() -> None:
        with space.entered():
            work()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _enter(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
