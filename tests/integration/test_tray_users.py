"""Two people on one machine, as on a terminal server: each has an icon, an agent and a profile."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arch.sources import ROOT
from onvio_agent.client import running_pid
from onvio_config.paths import Paths
from support.trays import Tray

NAMES = ("onviotest1", "onviotest2")
MODULES = os.pathsep.join(
    [*(str(ROOT / top) for top in ("agent", "tray", "config")), sysconfig.get_path("platlib")]
)
NOWHERE = "https://127.0.0.1:9"


def _python() -> str | None:
    """An interpreter that any user can run: this one, or the system's of the same version."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}"):
        command = ["runuser", "-u", "nobody", "--", python, "-c", "import onvio_tray"]
        environ = {**os.environ, "PYTHONPATH": MODULES}
        if subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 0:
            return python
    return None


def _why_not() -> str | None:
    if sys.platform != "linux" or os.getuid() != 0:
        return "only root can make users of the operating system"
    missing = [
        tool for tool in ("useradd", "userdel", "runuser", "pgrep") if not shutil.which(tool)
    ]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return None if _python() else "other users cannot run any Python of this version"


WHY_NOT = _why_not()
pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))


class Person:
    """A user of the operating system with nothing but a home."""

    def __init__(self, name: str) -> None:
        self.name = name
        subprocess.run(["userdel", "-f", "-r", name], capture_output=True, check=False)
        subprocess.run(["useradd", "-m", name], check=True, capture_output=True)
        self.home = Path("~" + name).expanduser()
        self.environ = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "PYTHONPATH": MODULES,
            "ONVIO_AGENT_MACHINE_SETTINGS": "",
            "ONVIO_AGENT_ONVIO__API_URL": NOWHERE,
            "ONVIO_AGENT_ONVIO__AUTH_URL": NOWHERE,
            "ONVIO_AGENT_VAULT__KIND": "file",
        }
        data_dir = self.home / ".local" / "share" / "onvio-agent"
        logs = self.home / ".local" / "state" / "onvio-agent" / "log"
        self.paths = Paths(self.home, data_dir, logs, data_dir / "run", None)

    def tray(self) -> Tray:
        return Tray(self.environ, python=("runuser", "-u", self.name, "--", str(_python())))

    def can_read(self, path: Path) -> bool:
        command = ["runuser", "-u", self.name, "--", "cat", str(path)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def processes(self) -> list[int]:
        found = subprocess.run(["pgrep", "-u", self.name], capture_output=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def leave(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        subprocess.run(["userdel", "-f", "-r", self.name], capture_output=True, check=False)


@pytest.fixture
def people() -> Iterator[tuple[Person, Person]]:
    """Two of them; both are gone afterwards."""
    first, second = (Person(name) for name in NAMES)
    yield first, second
    first.leave()
    second.leave()


def test_each_has_an_icon_and_an_agent_that_the_other_cannot_reach(
    people: tuple[Person, Person],
) -> None:
    trays = [person.tray() for person in people]
    pids = []
    for person, tray in zip(people, trays, strict=True):
        tray.wait_icon("grey", "não está em execução")
        tray.send("click")
        tray.wait_icon("grey", "recusa a conexão")
        pid = running_pid(person.paths)
        assert pid is not None
        assert os.stat(f"/proc/{pid}").st_uid == person.home.stat().st_uid
        pids.append(pid)
    assert pids[0] != pids[1]
    for person, other in (people, reversed(people)):
        assert person.can_read(person.paths.runtime_path)
        assert not person.can_read(other.paths.runtime_path)
        assert not person.can_read(other.paths.log_dir / "tray.log")
        assert stat.S_IMODE(other.paths.data_dir.stat().st_mode) == 0o700
    trays[0].send("menu quit")
    assert trays[0].process.wait(10) == 0
    os.kill(pids[0], signal.SIGKILL)
    assert running_pid(people[1].paths) == pids[1]
    trays[1].send("click")
    assert trays[1].wait_notice()["title"]
    for tray in trays:
        tray.end()
