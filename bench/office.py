"""A prepared office: a simulator in its own process, and a profile whose users are all connected.

Everything goes through the program's own commands and client; the settings are those of an office.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.papers import COMPANY, OTHER_COMPANY
from onvio_agent.client import Agent
from onvio_agent.contract.status import Snapshot
from onvio_agent.errors import NotRunning
from onvio_config.paths import HOME_VARIABLE, MACHINE_VARIABLE, Paths, paths_from_env

PROGRAM = [str(Path(sys.executable).parent / "onvio-agent")]
CLIENT_ID = "onvio-agent-bench"
MANAGER = "gerente"
PASSWORD = "uma-senha-do-gerente"
SECRET = "segredo-do-programa"
KEYS = ("chave-1", "chave-2")
"""The office's keys of the two companies in `papers.py`."""
_LIMIT_S = 30.0
_POLL_S = 0.002
_KEPT = ("PATH", "TMPDIR", "MALLOC_ARENA_MAX")


class Office:
    """The folders, the processes' environment and the simulator's addresses."""

    def __init__(self, folder: Path, users: int) -> None:
        self.folder = folder
        self.logins = [MANAGER, *(f"pessoa{number}" for number in range(1, users))]
        home_dir = folder / "profile"
        self.environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self.environ |= {"HOME": str(folder), "LANG": "C.UTF-8"}
        self.environ |= {HOME_VARIABLE: str(home_dir), MACHINE_VARIABLE: ""}
        self.ready: dict[str, Any] = {}

    @property
    def paths(self) -> Paths:
        """The profile's folders."""
        return paths_from_env(self.environ)

    def email(self, login: str) -> str:
        """The account of that user."""
        return f"{login}@escritorio.example"

    # -- the agent's process

    def spawn(self, program: Sequence[str] = PROGRAM) -> subprocess.Popen[bytes]:
        """An agent that starts now, and ends at the latest with this process."""
        return subprocess.Popen(
            [*program, "run", "--end-with-stdin"],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )

    def answer_of(self, process: subprocess.Popen[bytes]) -> Agent:
        """The agent of `process`, as soon as its control API answers."""
        runtime_path = self.paths.runtime_path
        pid = f'"pid":{process.pid},'.encode()
        deadline = time.monotonic() + _LIMIT_S
        while time.monotonic() < deadline and process.poll() is None:
            if runtime_path.exists() and pid in runtime_path.read_bytes():
                with contextlib.suppress(NotRunning):
                    return Agent.connect(self.paths)
            time.sleep(_POLL_S)
        raise AssertionError("the agent did not start")

    @contextlib.contextmanager
    def running(self) -> Iterator[tuple[subprocess.Popen[bytes], Agent]]:
        """An agent with everybody green; it ends with the context."""
        process = self.spawn()
        try:
            agent = self.answer_of(process)
            wait_until(agent, lambda snapshot: _is_green(snapshot, len(self.logins)))
            yield process, agent
        finally:
            end(process)


@contextlib.contextmanager
def open_office(folder: Path, users: int) -> Iterator[Office]:
    """A simulator, and a profile with the Gerente and `users` - 1 others linked; no agent runs."""
    office = Office(folder, users)
    simulator = _start_simulator(office)
    try:
        _write_settings(office)
        _set_up(office)
        process = office.spawn()
        try:
            _seat_users(office, office.answer_of(process))
        finally:
            end(process)
        yield office
    finally:
        simulator.terminate()
        simulator.wait()


def wait_until(agent: Agent, holds: Callable[[Snapshot], bool]) -> Snapshot:
    """The first snapshot for which `holds` is true."""
    deadline = time.monotonic() + _LIMIT_S
    while not holds(snapshot := agent.status()):
        assert time.monotonic() < deadline, f"not in time: {snapshot}"
        time.sleep(0.01)
    return snapshot


def end(process: subprocess.Popen[bytes]) -> None:
    """End an agent in order."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(_LIMIT_S)
    assert process.stdin is not None
    process.stdin.close()


def _is_green(snapshot: Snapshot, users: int) -> bool:
    return sum(user.icon.state == "green" for user in snapshot.users) == users


def _start_simulator(office: Office) -> subprocess.Popen[bytes]:
    seed_path, ready_path = office.folder / "seed.json", office.folder / "simulator.json"
    accounts = [
        {
            "email": office.email(login),
            "password": f"senha-{login}",
            "name": login.title(),
            "role": "administrator" if login == MANAGER else "staff",
        }
        for login in office.logins
    ]
    clients = [
        {"name": cnpj, "cnpj": cnpj, "office_key": key}
        for cnpj, key in zip((COMPANY, OTHER_COMPANY), KEYS, strict=True)
    ]
    seed = {"accounts": accounts, "clients": clients}
    seed_path.write_text(json.dumps(seed | {"client_id": CLIENT_ID, "client_secret": SECRET}))
    options = ["--seed", str(seed_path), "--ready-file", str(ready_path)]
    options += ["--exit-with", str(os.getpid())]
    process = subprocess.Popen(
        [*PROGRAM, "simulator", *options],
        env=office.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + _LIMIT_S
    while not ready_path.exists():
        assert process.poll() is None and time.monotonic() < deadline, "no simulator"  # noqa: PT018 - one condition
        time.sleep(_POLL_S)
    office.ready = json.loads(ready_path.read_text())
    return process


def _write_settings(office: Office) -> None:
    office.paths.ensure()
    secret_path = office.folder / "secret"
    secret_path.write_text(SECRET)
    office.paths.settings_path.write_text(
        f'[onvio]\napi_url = "{office.ready["api_url"]}"\nauth_url = "{office.ready["auth_url"]}"\n'
        f'client_id = "{CLIENT_ID}"\n'
        f"[tls]\nca_file = '{office.ready['ca_file']}'\n"
        '[vault]\nkind = "file"\n'
        f"[sync]\nclient_id = '{CLIENT_ID}'\nclient_secret_file = '{secret_path}'\n"
    )


def _set_up(office: Office) -> None:
    arguments = ["setup", "--login", MANAGER, "--name", "Gerente", "--password-stdin"]
    subprocess.run(
        [*PROGRAM, *arguments],
        env=office.environ,
        input=f"{PASSWORD}\n".encode(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _seat_users(office: Office, agent: Agent) -> None:
    wait_until(agent, lambda snapshot: snapshot.connection.state == "online")
    agent.session = agent.sign_in(MANAGER, PASSWORD)
    for login in office.logins:
        if login != MANAGER:
            agent.add_user(login, login.title())
        agent.link(login, office.email(login), f"senha-{login}")
        agent.confirm_portal(login, office.email(login), f"senha-{login}")
