"""A profile that delivers documents: a simulated ONVIO with companies, their folders, and an agent.

Why: the delivery is tested as an office uses it, by files and commands.
It must not be imported by production code.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.deliveries import OFICINA, PADARIA, SECRET
from support.office import Profile
from support.sim import CLIENT_ID, Simulator, office_seed

QUICK_SYNC = {
    "SYNC__CLIENT_ID": CLIENT_ID,
    "SYNC__SCAN_INTERVAL_S": "0.3",
    "SYNC__RESEND_AFTER_S": "0.5",
    "SYNC__POLL_FIRST_S": "0.1",
}
CLIENTS = [
    {"name": "Padaria Pão da Serra", "cnpj": PADARIA, "office_key": "chave-1"},
    {"name": "Oficina Roda Viva", "cnpj": OFICINA, "office_key": "chave-2"},
    {"name": "", "cnpj": "", "office_key": "chave-muda"},  # of which ONVIO says nothing
]
_LIMIT_S = 60.0
_OLD_S = 60.0


class Courier(Profile):
    """See the module docstring. The first company's folder is `folder`."""

    def __init__(self, home_dir: Path, simulator: Simulator, **settings: object) -> None:
        super().__init__(home_dir, simulator, **QUICK_SYNC, **settings)
        secret_path = home_dir / "secret"
        secret_path.write_text(SECRET + "\n")
        self.set(SYNC__CLIENT_SECRET_FILE=secret_path)
        self.simulator = simulator
        self.folder = home_dir.with_name(home_dir.name + "-padaria")

    def add_client(self, name: str = "Padaria", cnpj: str = PADARIA, key: str = "chave-1") -> str:
        """Connect a company; its folder is made. What the command says."""
        self.folder.mkdir(exist_ok=True)
        return self.must(
            "sync", "client", "add", name, "--cnpj", cnpj, "--key-stdin",
            "--folder", str(self.folder), *self.acting, input=key + "\n",
        ).out  # fmt: skip

    def ready(self) -> None:
        """Set up, started, with one company."""
        self.set_up()
        self.add_client()

    def put(self, name: str, data: bytes) -> Path:
        """A complete file in the folder, as old as one that was copied there a while ago."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.folder.with_name(self.folder.name + ".draft")
        draft.write_bytes(data)
        then = time.time() - _OLD_S
        os.utime(draft, (then, then))
        draft.replace(path)
        return path

    def listed(self) -> list[dict[str, Any]]:
        """`sync list --json`."""
        rows: list[dict[str, Any]] = self.must("sync", "list", "--json").json()
        return rows

    def wait_for(
        self, holds: Callable[[list[dict[str, Any]]], bool], what: str
    ) -> list[dict[str, Any]]:
        """The first list for which `holds` is true."""
        deadline = time.monotonic() + _LIMIT_S
        while True:
            rows = self.listed()
            if holds(rows):
                return rows
            assert time.monotonic() < deadline, f"not {what} in time: {rows}"
            time.sleep(0.05)

    def wait_states(self, **counts: int) -> list[dict[str, Any]]:
        """Wait until exactly so many documents are in each state."""

        def holds(rows: list[dict[str, Any]]) -> bool:
            states = [row["state"] for row in rows]
            return len(states) == sum(counts.values()) and all(
                states.count(state) == count for state, count in counts.items()
            )

        return self.wait_for(holds, str(counts))

    def wait_gone(self, path: Path) -> None:
        """Wait until a file has been put away."""
        deadline = time.monotonic() + _LIMIT_S
        while path.exists():
            assert time.monotonic() < deadline, f"{path} is still there"
            time.sleep(0.02)

    def put_away(self) -> dict[str, bytes]:
        """What lies in `enviados` and `rejeitados`, by path."""
        found = {}
        for folder in ("enviados", "rejeitados"):
            for path in sorted((self.folder / folder).rglob("*")):
                if path.is_file():
                    found[path.relative_to(self.folder).as_posix()] = path.read_bytes()
        return found


@contextmanager
def delivering_office(folder: Path, **settings: object) -> Iterator[Courier]:
    """A simulated ONVIO with two companies, and a profile that is not set up; both end afterwards."""
    simulator = Simulator(folder / "sim", deliveries_seed())
    try:
        courier = Courier(folder / "home", simulator, **settings)
        try:
            yield courier
        finally:
            courier.stop()
    finally:
        simulator.stop()


def deliveries_seed() -> dict[str, Any]:
    """An office with two companies and a program's secret."""
    return office_seed(client_secret=SECRET, clients=CLIENTS)
