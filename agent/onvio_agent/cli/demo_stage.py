"""The throw-away office of `demo`: simulator, agent and icon as processes of their own, and the people.

Everything lies in one temporary folder and ends with this process, however that ends: the simulator
watches our pid, agent and icon a pipe of ours. What happens goes through the real client only.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from onvio_agent.cli.process import (
    end_child,
    own_program,
    pause_briefly,
    private_file,
    spawn_child,
    tray_program,
)
from onvio_agent.client import Agent
from onvio_agent.errors import Failed, NotRunning
from onvio_agent.i18n import current_language
from onvio_agent.simulator.seed import Seed, SeedAccount, demo_seed
from onvio_config.paths import HOME_VARIABLE, MACHINE_VARIABLE, Paths, paths_from_env

GERENTE = "helena"
WAIT_S = 20.0
"""Longest wait for a process: the first start on a machine compiles and scans everything."""

_PREFIX = "ONVIO_AGENT_"
_SETTINGS = """\
[onvio]
api_url = "{api_url}"
auth_url = "{auth_url}"
client_id = "{client_id}"

[tls]
ca_file = '{ca_file}'

[vault]
kind = "file"  # a demonstration leaves nothing in the system's keyring

[ui]
language = "{language}"

# Short, so that a demonstration shows changes within seconds.
[probe]
interval_s = 2
deadline_s = 1.5
valid_min_s = 6

[links]
interval_s = 4
valid_s = 30
"""


class Stage:
    """The folders, the accounts with their passwords, and the simulator's addresses."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.home_dir = folder / "profile"
        self.environ = {k: v for k, v in environ.items() if not k.startswith(_PREFIX)}
        self.environ |= {HOME_VARIABLE: str(self.home_dir), MACHINE_VARIABLE: ""}
        self.seed: Seed = demo_seed(lambda _email: secrets.token_urlsafe(9))
        self.ready: dict[str, Any] = {}

    @property
    def paths(self) -> Paths:
        """The profile's folders."""
        return paths_from_env(self.environ)

    @property
    def password_path(self) -> Path:
        """The file with the Gerente's password in this agent."""
        return self.folder / f"{GERENTE}.password"

    def account(self, login: str) -> SeedAccount:
        """The ONVIO account of that login; the Gerente's is the administrator's."""
        start = "gerente@" if login == GERENTE else f"{login}@"
        return next(each for each in self.seed.accounts if each.email.startswith(start))

    def account_password_path(self, login: str) -> Path:
        """The file with the password of that login's ONVIO account."""
        return self.folder / f"{login}.onvio-password"


@contextlib.contextmanager
def open_stage(stage: Stage, *, tray: bool) -> Iterator[Agent]:
    """The agent with its seeded office, and its icon where there is a display and `tray` asks for it.

    All processes end with the context.
    """
    password = secrets.token_urlsafe(12)
    _write(stage.password_path, password)
    with contextlib.ExitStack() as ending:
        simulator = _start_simulator(stage)
        ending.callback(end_child, simulator)
        setup = _start_setup(stage)
        _finish_setup(setup, password)
        _wait_for_simulator(stage, simulator)
        _write_settings(stage)
        child = _start_agent(stage)
        ending.callback(end_child, child)
        agent = _wait_for_agent(stage, child)
        _seat_people(agent, stage, password)
        if tray and _has_display(stage.environ):
            command = [*tray_program(), "--end-with-stdin"]
            icon = spawn_child(command, stage.environ, stage.folder / "tray.out", piped=True)
            ending.callback(end_child, icon)
        yield agent


def _has_display(environ: Mapping[str, str]) -> bool:
    """Windows and macOS always have one; elsewhere the session names it."""
    named = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return sys.platform in ("win32", "darwin") or bool(named)


def _start_simulator(stage: Stage) -> subprocess.Popen[bytes]:
    _write(stage.folder / "seed.json", msgspec.json.encode(stage.seed).decode())
    files = ["--seed", str(stage.folder / "seed.json")]
    files += ["--ready-file", str(stage.folder / "simulator.json")]
    arguments = ["simulator", *files, "--exit-with", str(os.getpid())]
    command = [*own_program(), *arguments]
    return spawn_child(command, stage.environ, stage.folder / "simulator.out", piped=False)


def _wait_for_simulator(stage: Stage, simulator: subprocess.Popen[bytes]) -> None:
    path = stage.folder / "simulator.json"
    deadline = time.monotonic() + WAIT_S
    while not path.exists():
        if simulator.poll() is not None or time.monotonic() > deadline:
            raise Failed("agent.start_failed", detail=_last_line(stage.folder / "simulator.out"))
        pause_briefly()
    stage.ready = msgspec.json.decode(path.read_bytes())


def _write_settings(stage: Stage) -> None:
    """In the profile's own file, so that a second terminal needs only the profile's name."""
    text = _SETTINGS.format(
        api_url=stage.ready["api_url"],
        auth_url=stage.ready["auth_url"],
        ca_file=stage.ready["ca_file"],
        client_id=stage.seed.client_id,
        language=current_language(),
    )
    stage.paths.ensure()
    stage.paths.settings_path.write_text(text, encoding="utf-8")


def _start_setup(stage: Stage) -> subprocess.Popen[bytes]:
    arguments = ["setup", "--login", GERENTE, "--name", stage.account(GERENTE).name]
    return subprocess.Popen(  # noqa: S603 - our own program, no shell
        [*own_program(), *arguments, "--password-stdin"],
        env=stage.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _finish_setup(setup: subprocess.Popen[bytes], password: str) -> None:
    _out, said = setup.communicate(password.encode() + b"\n", timeout=WAIT_S)
    if setup.returncode != 0:
        raise Failed("agent.start_failed", detail=said.decode("utf-8", "replace").strip()[:300])


def _start_agent(stage: Stage) -> subprocess.Popen[bytes]:
    said_path = stage.folder / "agent.out"
    command = [*own_program(), "run", "--end-with-stdin"]
    return spawn_child(command, stage.environ, said_path, piped=True)


def _wait_for_agent(stage: Stage, child: subprocess.Popen[bytes]) -> Agent:
    deadline = time.monotonic() + WAIT_S
    while child.poll() is None and time.monotonic() < deadline:
        try:
            return Agent.connect(stage.paths)
        except NotRunning:
            pause_briefly()
    raise Failed("agent.start_failed", detail=_last_line(stage.folder / "agent.out"))


def _seat_people(agent: Agent, stage: Stage, password: str) -> None:
    """Gerente, Ana and Bruno connected; Carla not linked; Davi was linked and is inactive."""
    agent.session = agent.sign_in(GERENTE, password)
    agent.reconnect()
    for login in (GERENTE, "ana", "bruno", "carla", "davi"):
        account = stage.account(login)
        if login != GERENTE:
            agent.add_user(login, account.name)
        _write(stage.account_password_path(login), account.password)
        if login != "carla":
            agent.link(login, account.email, account.password)
            agent.confirm_portal(login, account.email, account.password)
    agent.inactivate("davi", confirmed=True)


def _write(path: Path, text: str) -> None:
    with private_file(path) as file:
        file.write(text.encode() + b"\n")


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "?"
