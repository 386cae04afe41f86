"""The simulator's folder: its authority and the state of the cloud, so that it can be killed and return.

Why: ONVIO keeps its accounts and tokens when a server of it restarts; the stand-in must too.
It must not be used for anything of value: passwords lie in it as they are.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec

from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.seed import Seed
from onvio_agent.simulator.serve_certificates import write_private
from onvio_agent.simulator.world import WorldState

STATE_FILE = "cloud.json"


class _Stored(msgspec.Struct):
    seed_digest: str
    world: WorldState
    port: int = 0


class StateFolder:
    """Loads and saves the cloud's state; `seed_digest` tells whose state it is."""

    def __init__(self, state_dir: Path, seed_digest: str) -> None:
        self.state_dir = state_dir
        self._path = state_dir / STATE_FILE
        self._seed_digest = seed_digest
        self._saved_changes = 0
        # Where the interface listens, or listened in the earlier life; 0: never yet.
        self.port = 0
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    def load(self) -> WorldState | None:
        """The state of an earlier run with the same seed; None: begin anew."""
        try:
            stored = msgspec.json.decode(self._path.read_bytes(), type=_Stored)
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if stored.seed_digest != self._seed_digest:
            return None
        self.port = stored.port
        return stored.world

    def save(self, cloud: Cloud) -> None:
        """Write the state if it changed. A power cut may lose it, a killed process does not."""
        changes = cloud.world.changes
        if changes != self._saved_changes:
            stored = _Stored(self._seed_digest, cloud.world.state(), self.port)
            write_private(self._path, msgspec.json.encode(stored))
            self._saved_changes = changes


def digest_seed(seed: Seed) -> str:
    """Two seeds with the same digest describe the same start."""
    return sha256(msgspec.json.encode(seed)).hexdigest()
