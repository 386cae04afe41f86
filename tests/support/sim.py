"""A simulated ONVIO in its own process, with its levers as methods.

Why: every test that needs a cloud uses the real simulator over real HTTPS.
It must not be imported by production code.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

GERENTE = "gerente@escritorio.example"
ANA = "ana@escritorio.example"
BRUNO = "bruno@escritorio.example"
CARLA = "carla@escritorio.example"
CLIENT_ID = "onvio-agent-tests"
_LIMIT_S = 60.0
_RUN = "from onvio_agent.cli.simulator import command; command()"


def password_of(email: str) -> str:
    """The password that `office_seed` gives to this account."""
    return f"senha-onvio-{email.partition('@')[0]}"


def office_seed(**changes: Any) -> dict[str, Any]:
    """An office with its Gerente (administrator), Ana, Bruno and Carla (staff)."""
    people = {GERENTE: "Helena Prado", ANA: "Ana Moreira", BRUNO: "Bruno Teixeira"}
    people[CARLA] = "Carla Nogueira"
    accounts = [
        {
            "email": email,
            "password": password_of(email),
            "name": name,
            "role": "administrator" if email == GERENTE else "staff",
        }
        for email, name in people.items()
    ]
    office = {"cnpj": "11222333000181", "name": "Escritório Modelo Contabilidade"}
    clients = [{"name": "Padaria Pão da Serra", "cnpj": "12ABC34501DE35", "office_key": "chave-1"}]
    seed = {"office": office, "accounts": accounts, "clients": clients, "client_id": CLIENT_ID}
    return copy.deepcopy(seed | changes)


class Simulator:
    """One simulator process. Its folder keeps accounts, tokens, ports and authority over `restart`."""

    def __init__(
        self,
        folder: Path,
        seed: Mapping[str, Any] | None = None,
        *more: str,
        prefix: Sequence[str] = (),
    ) -> None:
        self._prefix = prefix
        self.folder = folder
        self.ready_path = folder / "simulator.json"
        self._seed_path = folder / "seed.json"
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None
        self.ready: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._seed_path.write_text(json.dumps(office_seed() if seed is None else dict(seed)))
        self.start()

    @property
    def api_url(self) -> str:
        """Base address of the interface."""
        return str(self.ready["api_url"])

    @property
    def auth_url(self) -> str:
        """Base address of the token server."""
        return str(self.ready["auth_url"])

    @property
    def ca_file(self) -> str:
        """The authority to trust."""
        return str(self.ready["ca_file"])

    @property
    def pid(self) -> int:
        """The simulator's process."""
        return int(self.ready["pid"])

    def start(self) -> None:
        """Start the process and wait until it accepts connections."""
        options = ["--seed", str(self._seed_path), "--ready-file", str(self.ready_path)]
        options += ["--exit-with", str(os.getpid())]
        self.ready_path.unlink(missing_ok=True)
        log = (self.folder / "simulator.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*self._prefix, sys.executable, "-c", _RUN, *options, *self._more],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _LIMIT_S
        while not self.ready_path.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "simulator.log").read_text()
                process.kill()
                process.wait()
                raise AssertionError(f"the simulator did not start: {said}")
            time.sleep(0.01)
        self.ready = json.loads(self.ready_path.read_text())

    def stop(self) -> int | None:
        """End it with SIGTERM. Returns its exit code; None where it was not running."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int | None:
        """End it with SIGKILL."""
        return self._end(signal.SIGKILL)

    def restart(self) -> None:
        """End it if it runs, and start it on the same ports with all its accounts and tokens."""
        self.stop()
        self.start()

    def _end(self, number: int) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.send_signal(number)
        return process.wait(_LIMIT_S)

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """One request below /_sim; returns the decoded answer. Raises httpx.HTTPStatusError."""
        url = f"{self.ready['control_url']}/_sim/{path}"
        # A new connection each time: tests change things seldom, and nothing is left open.
        with httpx.Client(trust_env=False, timeout=10) as client:
            response = client.request(method, url, json=json)
        response.raise_for_status()
        return response.json() if response.content else None

    def fault(
        self,
        kind: str,
        target: str = "all",
        times: int | None = None,
        value: float | str | None = None,
        path: str | None = None,
    ) -> None:
        """Set a fault; it is in force when this returns."""
        fault = {"kind": kind, "target": target, "times": times, "value": value, "path": path}
        self.control("POST", "faults", fault)

    def clear(self) -> None:
        """Take all faults away."""
        self.control("DELETE", "faults")

    def patch(self, email: str, /, **fields: Any) -> None:
        """Change any seed field of an account, its e-mail too."""
        self.control("PATCH", f"accounts/{email}", fields)

    def revoke(self, email: str, only: str | None = None) -> None:
        """End an account's tokens, or only its "refresh" or "access" tokens."""
        self.control("POST", f"accounts/{email}/revoke", {"only": only} if only else None)

    def codes(self, email: str) -> dict[str, str | None]:
        """The account's codes now: otp, otp_secret, oob (the one sent last), recovery_code."""
        codes: dict[str, str | None] = self.control("GET", f"accounts/{email}/codes")
        return codes

    def advance(self, seconds: float) -> None:
        """Move the simulator's clock on."""
        self.control("POST", "clock", {"advance_s": seconds})

    def limits(self, **limits: int | None) -> None:
        """Set limits: auth_per_minute, api_per_minute, wrong_passwords, expires_in_s."""
        self.control("POST", "limits", limits)

    def rotation(self, leeway_s: float, **more: object) -> None:
        """Change how refresh tokens are exchanged. `more`: `enabled`, `session_s`."""
        self.control("POST", "rotation", {"leeway_s": leeway_s, **more})

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """The journal's entries with a number above `since`."""
        entries: list[dict[str, Any]] = self.control("GET", f"journal?since={since}")
        return entries

    def client(self, **options: Any) -> httpx.Client:
        """An HTTP client that trusts this simulator and no proxy settings of the machine."""
        context = ssl.create_default_context(cafile=self.ca_file)
        return httpx.Client(verify=context, trust_env=False, **options)

    def sign_in(self, email: str, **changes: str) -> httpx.Response:
        """Ask for tokens with the account's first password."""
        form = {
            "grant_type": "password",
            "client_id": CLIENT_ID,
            "username": email,
            "password": password_of(email),
            "scope": "openid profile email offline_access",
        }
        with self.client() as client:
            return client.post(f"{self.auth_url}/oauth/token", data=form | changes)
