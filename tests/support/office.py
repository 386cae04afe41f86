"""A profile folder with a real agent on it, driven as its users drive it: by commands.

Why: end-to-end tests speak to the program through its command line, its exit codes and its files.
What a test only needs as its beginning is arranged through the client, which is quicker.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from onvio_agent.client import Agent
from onvio_agent.contract.status import Snapshot, encode
from onvio_agent.errors import AgentError, Failed, NotRunning
from onvio_config.paths import Paths, paths_from_env
from support import produced
from support.programs import AGENT
from support.sim import ANA, BRUNO, CARLA, CLIENT_ID, GERENTE, Simulator, password_of

PROGRAM = AGENT
MANAGER = "helena"
MANAGER_PASSWORD = "senha-do-gerente-neste-agente"
EMAILS = {MANAGER: GERENTE, "ana": ANA, "bruno": BRUNO, "carla": CARLA}
NAMES = {MANAGER: "Helena Prado", "ana": "Ana Moreira", "bruno": "Bruno Teixeira"}
_LIMIT_S = 60.0
_POLL_S = 0.02

DESKTOP_DIR = Path(__file__).parent / "desktop"
"""In front of the real programs: nothing that a test does opens a browser of this machine."""

QUICK = {
    "PROBE__INTERVAL_S": "0.4",
    "PROBE__DEADLINE_S": "1.5",
    "PROBE__VALID_MIN_S": "3",
    "LINKS__INTERVAL_S": "0.6",
    "LINKS__VALID_S": "4",
    "RETRY__FIRST_S": "0.1",
    "RETRY__MAX_S": "0.4",
    "RETRY__SPREAD_S": "0",
    "VAULT__KIND": "file",
    "UI__LANGUAGE": "en",
}
"""Settings under which a test sees in a second what takes minutes in an office."""


class Completed(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


class Profile:
    """One profile below `home_dir`. `settings`: more `SECTION__KEY` values."""

    def __init__(
        self, home_dir: Path, simulator: Simulator | None = None, **settings: object
    ) -> None:
        self.home_dir = home_dir
        self.environ = _bare_environ(home_dir)
        if simulator is not None:
            self.set(
                ONVIO__API_URL=simulator.api_url,
                ONVIO__AUTH_URL=simulator.auth_url,
                ONVIO__CLIENT_ID=CLIENT_ID,
                TLS__CA_FILE=simulator.ca_file,
            )
        self.set(**QUICK)
        self.set(**settings)
        self.process: subprocess.Popen[bytes] | None = None
        self.prefix: tuple[str, ...] = ()  # a program that runs the agent and every command
        home_dir.mkdir(parents=True, exist_ok=True)
        self.password_path = home_dir / "manager.password"
        self.password_path.write_text(MANAGER_PASSWORD + "\n")

    @property
    def paths(self) -> Paths:
        """The profile's folders."""
        return paths_from_env(self.environ)

    @property
    def acting(self) -> tuple[str, ...]:
        """The options that let a command act as the Gerente."""
        return ("--as", MANAGER, "--as-password-file", str(self.password_path))

    def set(self, **settings: object) -> None:
        """Set `SECTION__KEY` for everything that is started from now on."""
        self.environ |= {f"ONVIO_AGENT_{key}": str(value) for key, value in settings.items()}

    # -- commands

    def cli(self, *arguments: str, input: str = "", timeout_s: float = _LIMIT_S) -> Completed:  # noqa: A002 - subprocess's name
        """Run one command to its end."""
        done = subprocess.run(
            [*self.prefix, *PROGRAM, *arguments],
            env=self.environ,
            input=input.encode(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        produced.hear(done.stdout)
        produced.hear_refusal(done.stderr)
        return Completed(done.returncode, done.stdout.decode(), done.stderr.decode())

    def must(self, *arguments: str, input: str = "") -> Completed:  # noqa: A002 - subprocess's name
        """Run one command that has to succeed."""
        done = self.cli(*arguments, input=input)
        assert (done.code, done.err) == (0, ""), f"{arguments}: {done}"
        return done

    def link(self, login: str, email: str | None = None, *more: str, by: bool = True) -> Completed:
        """`link LOGIN` with the account's right password; `by`: as the Gerente."""
        return self._sign_in("link", login, email, more, by)

    def portal(
        self, login: str, email: str | None = None, *more: str, by: bool = True
    ) -> Completed:
        """`portal LOGIN` with the account's right password; `by`: as the Gerente."""
        return self._sign_in("portal", login, email, more, by)

    def _sign_in(
        self, name: str, login: str, email: str | None, more: tuple[str, ...], by: bool
    ) -> Completed:
        email = email or EMAILS[login]
        acting = self.acting if by else ()
        arguments = (name, login, "--email", email, "--password-stdin", *more, *acting)
        return self.cli(*arguments, input=password_of(email) + "\n")

    # -- the agent's process

    def start(self, *, online: bool = True) -> None:
        """Start an agent that ends with this test, however that ends; wait until it answers."""
        self.launch()
        self.await_answer()
        if online:
            self.wait(lambda snapshot: snapshot.connection.state == "online", "online")

    def launch(self) -> subprocess.Popen[bytes]:
        """The same without waiting for anything."""
        self.process = subprocess.Popen(
            [*self.prefix, *PROGRAM, "run", "--end-with-stdin"],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        return self.process

    def await_answer(self) -> None:
        """Wait until the agent that was launched answers."""
        process = self.process
        assert process is not None
        deadline = time.monotonic() + _LIMIT_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                _out, said = process.communicate()
                self.process = None
                raise AssertionError(f"the agent ended ({process.returncode}): {said.decode()}")
            try:
                Agent.connect(self.paths)
            except (NotRunning, Failed):  # it starts slowly where the machine is slow
                time.sleep(_POLL_S)
            else:
                return
        raise AssertionError("the agent does not answer")

    def stop(self, number: int = signal.SIGTERM) -> int | None:
        """End the agent that `start` started; its exit code, None where there is none."""
        process, self.process = self.process, None
        if process is None:
            return None
        process.send_signal(number)
        code = process.wait(_LIMIT_S)  # its stdin stays open: closing it would be a second signal
        _out, said = process.communicate()
        assert b"Traceback" not in said, said.decode()  # warnings are errors there too
        produced.hear(self.paths.log_path.read_bytes() if self.paths.log_path.exists() else b"")
        return code

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.stop(signal.SIGKILL)

    # -- arranging and looking

    @contextmanager
    def manager(self) -> Iterator[Agent]:
        """The agent, asked in the Gerente's name."""
        agent = Agent.connect(self.paths)
        agent.session = agent.sign_in(MANAGER, MANAGER_PASSWORD)
        try:
            yield agent
        except AgentError as error:
            produced.hear_refusal(f"{error.code}: ")
            raise
        agent.sign_out()

    def set_up(self, *, start: bool = True) -> None:
        """Create the Gerente, and start."""
        arguments = ("setup", "--login", MANAGER, "--name", NAMES[MANAGER], "--password-stdin")
        self.must(*arguments, input=MANAGER_PASSWORD + "\n")
        if start:
            self.start()

    def seat(self, *logins: str) -> None:
        """Set up, start, and connect the Gerente and these users."""
        self.set_up()
        self.connect_users(MANAGER, *logins)

    def connect_users(self, *logins: str) -> None:
        """Add, link and confirm these users, with the accounts of `EMAILS`."""
        with self.manager() as agent:
            known = [user.login for user in agent.status().users]
            for login in logins:
                if login not in known:
                    agent.add_user(login, NAMES.get(login, login.title()))
                agent.link(login, EMAILS[login], password_of(EMAILS[login]))
                agent.confirm_portal(login, EMAILS[login], password_of(EMAILS[login]))
        for login in logins:
            self.wait_icon(login, "green")

    def add(self, *logins: str) -> None:
        """Add users that are not linked."""
        with self.manager() as agent:
            for login in logins:
                agent.add_user(login, NAMES.get(login, login.title()))

    def status(self) -> Snapshot:
        """What the agent publishes now."""
        found = Agent.connect(self.paths).status()
        produced.hear(encode(found))
        return found

    def user(self, login: str) -> Any:
        """One user's row of the status, as plain data."""
        rows = msgspec.to_builtins(self.status().users)
        return next(row for row in rows if row["login"] == login)

    def wait(
        self, holds: Callable[[Snapshot], bool], what: str, timeout_s: float = _LIMIT_S
    ) -> Snapshot:
        """The first snapshot for which `holds` is true."""
        agent = Agent.connect(self.paths)
        deadline = time.monotonic() + timeout_s
        snapshot: Snapshot | None = None
        while True:
            with suppress(Failed):  # a slow machine: it answers again, or this is not seen in time
                snapshot = agent.status()
                if holds(snapshot):
                    produced.hear(encode(snapshot))
                    return snapshot
            assert time.monotonic() < deadline, f"not {what} in time: {snapshot}"
            time.sleep(_POLL_S)

    def wait_icon(
        self,
        login: str | None,
        state: str,
        timeout_s: float = _LIMIT_S,
        *,
        reason: str | None = None,
    ) -> Snapshot:
        """Wait until that user's icon (None: the top one) has this state, and reason if given."""

        def holds(snapshot: Snapshot) -> bool:
            icons = {user.login: user.icon for user in snapshot.users}
            icon = snapshot.icon if login is None else icons[login]
            return icon.state == state and reason in (None, icon.reason)

        return self.wait(holds, f"{login}: {state} {reason or ''}", timeout_s)

    def everything_written(self) -> bytes:
        """All bytes below the profile, but for the tests' own files."""
        files = sorted(path for path in self.home_dir.rglob("*") if path.is_file())
        return b"\n".join(path.read_bytes() for path in files if path != self.password_path)


def _bare_environ(home_dir: Path) -> dict[str, str]:
    """Nothing of the machine's settings, keyring or display reaches the program."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    kept["PATH"] = os.pathsep.join([str(DESKTOP_DIR), kept.get("PATH", "")])
    return kept | {
        "HOME": str(home_dir),
        "LANG": "C.UTF-8",
        "ONVIO_AGENT_HOME": str(home_dir),
        "ONVIO_AGENT_MACHINE_SETTINGS": "",
        "PYTHONWARNINGS": "error",
    }
