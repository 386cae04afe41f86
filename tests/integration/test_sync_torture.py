"""Documents through an agent that is killed at random moments, under random faults: none lost.

DOCUMENTS and KILLS in the environment say how many; TORTURE_SEED repeats a run's draws (the moments of
the kills are real time and never repeat).
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from support.courier import Courier, delivering_office
from support.deliveries import BATCHES, PADARIA, nfe
from support.documents import cfe, cte, defects, nfce, nfse, nfse_abrasf, settlement

DOCUMENTS = int(os.environ.get("DOCUMENTS", "300"))
KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("TORTURE_SEED", "1"))
DEFECTIVE_PART = 0.3
_LIVES_S = (0.15, 1.6)
_CALM_S = 60.0 + DOCUMENTS * 0.2
MAKERS = (nfe, nfe, nfe, nfce, cte, nfse, nfse_abrasf, cfe, settlement)
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "reset", "value": "after", "path": BATCHES},
    {"kind": "reset", "value": "before", "path": BATCHES},
    {"kind": "truncated", "path": BATCHES},
    {"kind": "http_500", "path": BATCHES},
    {"kind": "http_503", "path": BATCHES},
    {"kind": "limited", "value": 1, "path": BATCHES},
    {"kind": "html", "path": BATCHES},
    {"kind": "content_type", "path": BATCHES},
    {"kind": "latency", "value": 0.4, "path": BATCHES},
    {"kind": "refuse"},
)


class Torture:
    """One run. `valid`, `defective`: what was put into the folder, by file name."""

    def __init__(self, courier: Courier) -> None:
        self.courier = courier
        self.rng = random.Random(SEED)
        self.valid: dict[str, bytes] = {}
        self.defective: dict[str, tuple[bytes, str]] = {}
        self.lost = 0
        self._seen = 0

    def make(self) -> None:
        """Draw all documents."""
        kinds = list(defects(1))
        for number in range(1, DOCUMENTS + 1):
            if self.rng.random() < DEFECTIVE_PART:
                kind = kinds[number % len(kinds)]
                self.defective[f"d{number}.xml"] = defects(number)[kind]
            else:
                self.valid[f"v{number}.xml"] = self.rng.choice(MAKERS)(number)

    def feed(self, names: list[str], count: int) -> None:
        """Put some more files into the folder."""
        for _ in range(min(count, len(names))):
            name = names.pop()
            data = self.valid[name] if name in self.valid else self.defective[name][0]
            self.courier.put(f"{name[-5]}/{name}" if name[1] == "1" else name, data)

    def trouble(self) -> None:
        """Set a fault, or take all away."""
        simulator = self.courier.simulator
        if self.rng.random() < 0.4:
            simulator.clear()
            return
        fault = self.rng.choice(FAULTS)
        simulator.control(
            "POST", "faults", fault | {"target": "api", "times": self.rng.randint(1, 3)}
        )

    def count_lost(self) -> None:
        """Batches that were acted upon and whose answers the agent cannot have read."""
        for entry in self.courier.simulator.journal(self._seen):
            self._seen = entry["n"]
            spoilt = entry["fault"] in ("reset", "truncated", "content_type")
            if entry["path"] == BATCHES and entry["status"] == 201 and spoilt:
                self.lost += 1

    def live(self) -> None:
        """Kill after kill, while files come in and ONVIO fails."""
        names = list(self.valid) + list(self.defective)
        self.rng.shuffle(names)
        portion = max(1, len(names) // max(1, KILLS))
        for _ in range(KILLS):
            self.courier.launch()
            self.feed(names, portion)
            self.trouble()
            time.sleep(self.rng.uniform(*_LIVES_S))
            self.courier.kill()
        self.courier.simulator.clear()
        self.feed(names, len(names))

    def end_well(self) -> list[dict[str, Any]]:
        """In calm, everything comes to its end."""
        self.courier.start()
        deadline = time.monotonic() + _CALM_S
        wanted = len(self.valid) + len(self.defective)
        while True:
            rows = self.courier.listed()
            open_ = [row for row in rows if row["finished_at"] is None]
            if len(rows) == wanted and not open_ and not self._waiting_files():
                return rows
            assert time.monotonic() < deadline, (
                len(rows),
                wanted,
                open_[:3],
                self._waiting_files()[:3],
            )
            time.sleep(0.2)

    def _waiting_files(self) -> list[Path]:
        folder = self.courier.folder
        return [
            path
            for path in folder.rglob("*.xml")
            if path.relative_to(folder).parts[0] not in ("enviados", "rejeitados")
        ]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_valid_document_arrives_and_every_defective_one_says_why(tmp_path: Path) -> None:
    with delivering_office(tmp_path, RETRY__MAX_S="0.4") as courier:
        courier.simulator.control("POST", "integration", {"processing_s": 0.3})
        courier.ready()
        courier.kill()
        torture = Torture(courier)
        torture.make()
        torture.live()
        rows = torture.end_well()
        torture.count_lost()
        _judge(torture, rows)


def _judge(torture: Torture, rows: list[dict[str, Any]]) -> None:
    courier = torture.courier
    stored = {entry["sha256"]: entry for entry in courier.simulator.control("GET", "documents")}
    expected = {sha256(data).hexdigest(): name for name, data in torture.valid.items()}
    assert dict.fromkeys(sorted(stored)) == dict.fromkeys(sorted(expected))
    assert {entry["cnpj"] for entry in stored.values()} == {PADARIA}
    by_name = {row["file"].rpartition("/")[2]: row for row in rows}
    for name in torture.valid:
        assert by_name[name]["state"] in ("stored", "duplicate"), by_name[name]
    for name, (_data, code) in torture.defective.items():
        assert (by_name[name]["state"], by_name[name]["reason"]) == ("refused", code)
    _judge_files(torture)
    _judge_copies(torture, stored, rows)
    asked = [e for e in courier.simulator.journal() if e["grant_type"] == "client_credentials"]
    assert len(asked) <= 1 + KILLS // 10


def _judge_files(torture: Torture) -> None:
    """Each file lies where it belongs, byte for byte, and nothing else does."""
    found = {
        path.rpartition("/")[2]: (path, data) for path, data in torture.courier.put_away().items()
    }
    for name, data in torture.valid.items():
        where, kept = found.pop(name)
        assert where.startswith("enviados/")
        assert kept == data
    for name, (data, _code) in torture.defective.items():
        where, kept = found.pop(name)
        assert where.startswith("rejeitados/")
        assert kept == data
        assert found.pop(f"{name}.txt")[1]
    assert found == {}


def _judge_copies(
    torture: Torture, stored: dict[str, dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    """A document was doubled only where an answer was lost: by a fault, or by a kill."""
    attempts = {row["sha256"]: row["attempts"] for row in rows}
    doubled = [entry for entry in stored.values() if entry["copies"] > 1]
    assert all(attempts[entry["sha256"]] >= entry["copies"] for entry in doubled)
    surplus = sum(entry["copies"] - 1 for entry in doubled)
    states = Counter(row["state"] for row in rows)
    print(
        f"\ndocuments={DOCUMENTS} kills={KILLS} seed={SEED} states={dict(states)} "
        f"doubled={surplus} lost_answers={torture.lost}"
    )
    assert surplus <= torture.lost + KILLS
