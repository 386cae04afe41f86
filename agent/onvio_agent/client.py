"""The only client of the control API: commands and tray speak to the agent through this.

Small to load: http.client and msgspec, nothing of the agent's own machinery. It never sends a secret
before the other side has proven, on the same connection, that it knows this boot's token: a stranger
who sits at a dead agent's port learns nothing. An adapter: it may use sockets, time and randomness.
"""

from __future__ import annotations

import http.client
import secrets
import time
from collections.abc import Iterator
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import msgspec

from onvio_agent.client_data import DataCalls
from onvio_agent.client_errors import gone, told_error
from onvio_agent.client_sync import SyncCalls
from onvio_agent.client_wire import Hello, StreamEnded, Wire, WrongProof, events
from onvio_agent.contract.sign_in import OpenDialogue, SignedIn
from onvio_agent.contract.status import API_VERSION, Snapshot, UserStatus, decode_snapshot
from onvio_agent.contract.user_import import ImportReport
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import Failed, NotRunning
from onvio_agent.lock import holder_pid, is_held
from onvio_agent.runtime import Runtime, read_runtime
from onvio_config.paths import Paths

__all__ = ["Agent", "StreamEnded", "running_pid"]

CONNECT_LIMIT_S = 5.0
"""The agent takes the lock first and answers within a second; a slow disk gets five."""

CALL_LIMIT_S = 10.0
"""What needs no ONVIO is answered in milliseconds."""

ACTION_LIMIT_S = 90.0
"""What asks ONVIO may wait for several of its calls, each with a deadline of its own."""

SILENCE_S = 40.0
"""The agent's stream beats every 15 s: whoever missed two beats is not there."""

T = TypeVar("T")
_HELLO_LIMIT_S = 2.0
_POLL_S = 0.02


def running_pid(paths: Paths) -> int | None:
    """The process of the agent that runs on this profile; None where none does."""
    return holder_pid(paths.lock_path)


class Agent:
    """A running agent. Each call is a connection of its own, proven anew.

    `session` is the Gerente's session that calls are made in. Calls raise what the agent answered
    (`WrongUsage`, `Refused`, `Failed`), `NotRunning` when it has ended, or `Failed` with
    agent.not_answering or agent.stranger.
    """

    def __init__(self, paths: Paths, runtime: Runtime, version: str) -> None:
        self._paths = paths
        self._runtime = runtime
        self.version = version
        self.session: str | None = None
        self.sync = SyncCalls(self._call)
        self.data = DataCalls(self._call)

    @classmethod
    def connect(cls, paths: Paths, timeout_s: float = CONNECT_LIMIT_S) -> Agent:
        """The agent of this profile, seen to hold the lock and to know its token.

        Raises `NotRunning`, or `Failed`: agent.not_answering, agent.stranger,
        agent.version_mismatch, request.denied.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            pid = running_pid(paths)
            if pid is None:
                raise NotRunning("agent.not_running")
            runtime = read_runtime(paths.runtime_path)
            # The file of an agent that is gone may still lie there while the next one starts.
            agent = _try(paths, runtime, deadline) if runtime and runtime.pid == pid else None
            if agent is not None:
                return agent
            if time.monotonic() >= deadline:
                raise Failed("agent.not_answering", pid=pid)
            time.sleep(_POLL_S)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._runtime.pid

    @property
    def boot_id(self) -> str:
        """The name of this run of the agent."""
        return self._runtime.boot_id

    # -- the agent

    def status(self) -> Snapshot:
        """How everything is at this instant."""
        return decode_snapshot(self._call("GET", "/v1/status"))

    def stream(self, silence_s: float = SILENCE_S) -> Iterator[Snapshot | None]:
        """A snapshot at once and after each change; None is a heartbeat. Ends when the agent ends.

        Raises `StreamEnded` after `silence_s` without either.
        """
        with self._wire(CALL_LIMIT_S) as wire:
            response = self._send(wire, "GET", "/v1/stream", None)
            yield from events(wire, response, silence_s, self._runtime.pid)

    def reconnect(self, login: str | None = None) -> Snapshot:
        """Try everything that a click can mend, for all users or for one."""
        answer = self._call("POST", "/v1/reconnect", {"login": login}, ACTION_LIMIT_S)
        return decode_snapshot(answer)

    def set_intent(self, state: str, for_s: float | None = None) -> Snapshot:
        """`run`, or `paused` for some seconds (None: until `run`)."""
        return decode_snapshot(self._call("PUT", "/v1/intent", {"state": state, "for_s": for_s}))

    def set_workstation(self, login: str) -> Snapshot:
        """Whose workstation it is, until the agent ends; empty: nobody's in particular."""
        return decode_snapshot(self._call("PUT", "/v1/workstation", {"login": login}))

    def panel_link(self) -> str:
        """A link that opens the panel in a browser: once, and within half a minute."""
        return str(msgspec.json.decode(self._call("POST", "/v1/panel"), type=dict[str, Any])["url"])

    def stop(self) -> None:
        """Ask for its end; it ends within seconds."""
        self._call("POST", "/v1/stop")

    # -- users

    def users(self) -> list[UserStatus]:
        """Everybody, in the order in which they were added."""
        return msgspec.json.decode(self._call("GET", "/v1/users"), type=list[UserStatus])

    def user(self, login: str) -> dict[str, Any]:
        """All that is known of one user; see docs/control-api.md."""
        return msgspec.json.decode(self._call("GET", _user(login)), type=dict[str, Any])

    def add_user(self, login: str, name: str) -> UserStatus:
        """A new user, active and not linked."""
        return self._act("POST", "/v1/users", {"login": login, "name": name})

    def import_users(
        self, file: bytes, *, dry_run: bool = False, skip_bad: bool = False
    ) -> ImportReport:
        """The office's list of users; see docs/user-list.md."""
        body = {"file": file, "dry_run": dry_run, "skip_bad": skip_bad}
        answer = self._call("POST", "/v1/users/import", body, ACTION_LIMIT_S)
        return msgspec.json.decode(answer, type=ImportReport)

    def link(
        self, login: str, email: str, password: str, **options: bool
    ) -> UserStatus | OpenDialogue:
        """*Utiliza ONVIO*: link that user to an ONVIO account; or what ONVIO asks for besides.

        `options`: `administrator_confirmed`, `office_confirmed`, `just_reset`.
        """
        body = {"email": email, "password": password, **options}
        return self._dialogue(_user(login, "/link"), body, UserStatus)

    def confirm_portal(
        self, login: str, email: str, password: str, *, just_reset: bool = False
    ) -> UserStatus | OpenDialogue:
        """*Utiliza Portal do Cliente*: confirm with the same account; likewise."""
        body = {"email": email, "password": password, "just_reset": just_reset}
        return self._dialogue(_user(login, "/portal"), body, UserStatus)

    def sign_in_by_browser(self, login: str, what: str, **body: object) -> OpenDialogue:
        """*Entrar pelo navegador* for a `link` or a `portal`: where a browser has to go."""
        answer = self._call("POST", _user(login, f"/{what}/browser"), body, ACTION_LIMIT_S)
        return msgspec.json.decode(answer, type=OpenDialogue)

    def dialogue(self, dialogue_id: str) -> OpenDialogue | SignedIn:
        """How a sign-in stands; raises what it was refused for."""
        return self._dialogue(f"/v1/dialogues/{dialogue_id}", None, SignedIn)

    def give_code(self, dialogue_id: str, code: str) -> SignedIn:
        """Complete a sign-in; after `Refused('auth.wrong_code')` another code may be given."""
        path, body = f"/v1/dialogues/{dialogue_id}/code", {"code": code}
        return msgspec.json.decode(self._call("POST", path, body, ACTION_LIMIT_S), type=SignedIn)

    def cancel_dialogue(self, dialogue_id: str) -> None:
        """Give a sign-in up."""
        self._call("DELETE", f"/v1/dialogues/{dialogue_id}")

    def inactivate(
        self, login: str, *, confirmed: bool, successor: str | None = None
    ) -> UserStatus:
        """*Inativo*; the Gerente only with a successor."""
        body = {"confirmed": confirmed, "successor": successor}
        return self._act("POST", _user(login, "/inactivate"), body)

    def activate(self, login: str) -> UserStatus:
        """*Ativo* again."""
        return self._act("POST", _user(login, "/activate"), {})

    def promote(self, login: str, *, administrator_confirmed: bool = False) -> UserStatus:
        """Hand the Gerente's role over."""
        body = {"administrator_confirmed": administrator_confirmed}
        return self._act("POST", _user(login, "/promote"), body)

    def vault(self, change: Literal["", "rotate", "renew"] = "") -> VaultStatus:
        """Where its key lies and whether it can be had; once it was changed, or given up (`renew`)."""
        method, path = ("POST", f"/v1/vault/{change}") if change else ("GET", "/v1/vault")
        return msgspec.json.decode(self._call(method, path, None, ACTION_LIMIT_S), type=VaultStatus)

    # -- the Gerente's session

    def sign_in(self, login: str, password: str) -> str:
        """A new session's token. Put it into `session` to act as the Gerente."""
        answer = self._call("POST", "/v1/sessions", {"login": login, "password": password})
        return str(msgspec.json.decode(answer, type=dict[str, Any])["session"])

    def sign_out(self) -> None:
        """End the session in `session`, and forget it."""
        self._call("DELETE", "/v1/sessions")
        self.session = None

    def _act(self, method: str, path: str, body: object) -> UserStatus:
        return msgspec.json.decode(self._call(method, path, body, ACTION_LIMIT_S), type=UserStatus)

    def _dialogue(self, path: str, body: object, done: type[T]) -> T | OpenDialogue:
        status, answer = self._ask("PUT" if body else "GET", path, body, ACTION_LIMIT_S)
        if status == http.client.ACCEPTED:
            return msgspec.json.decode(answer, type=OpenDialogue)
        return msgspec.json.decode(answer, type=done)

    def _call(
        self, method: str, path: str, body: object = None, limit_s: float = CALL_LIMIT_S
    ) -> bytes:
        return self._ask(method, path, body, limit_s)[1]

    def _ask(self, method: str, path: str, body: object, limit_s: float) -> tuple[int, bytes]:
        with self._wire(limit_s) as wire:
            response = self._send(wire, method, path, body)
            try:
                return response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                raise gone(self._paths, self._runtime) from error

    def _wire(self, limit_s: float) -> Wire:
        """A connection to the agent that has proven itself, good for `limit_s` from now."""
        try:
            wire = Wire(self._runtime.port, min(limit_s, _HELLO_LIMIT_S))
            _hello(wire, self._runtime)
            wire.extend(limit_s)
        except WrongProof:
            raise gone(self._paths, self._runtime, "agent.stranger") from None
        except (OSError, http.client.HTTPException) as error:
            raise gone(self._paths, self._runtime) from error
        return wire

    def _send(self, wire: Wire, method: str, path: str, body: object) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self._runtime.token}"}
        if self.session is not None:
            headers["X-Manager-Session"] = self.session
        data = None if body is None else msgspec.json.encode(body)
        try:
            response = wire.ask(method, path, headers, data)
            refusal = response.read() if response.status >= http.client.BAD_REQUEST else None
        except (OSError, http.client.HTTPException) as error:
            raise gone(self._paths, self._runtime) from error
        if refusal is not None:
            raise told_error(refusal)
        return response


def _try(paths: Paths, runtime: Runtime, deadline: float) -> Agent | None:
    """The agent, or None where nobody answers yet."""
    left_s = max(_POLL_S, deadline - time.monotonic())
    try:
        with Wire(runtime.port, min(left_s, _HELLO_LIMIT_S)) as wire:
            hello = _hello(wire, runtime)
    except WrongProof:
        if read_runtime(paths.runtime_path) != runtime or not is_held(paths.lock_path):
            return None  # the agent was replaced meanwhile
        raise Failed("agent.stranger") from None
    except (OSError, http.client.HTTPException):
        return None
    if hello.api_version != API_VERSION:
        raise Failed("agent.version_mismatch")
    return Agent(paths, runtime, hello.version)


def _hello(wire: Wire, runtime: Runtime) -> Hello:
    return wire.hello(secrets.token_hex(16), runtime.token, runtime.boot_id)


def _user(login: str, action: str = "") -> str:
    return f"/v1/users/{quote(login, safe='')}{action}"
