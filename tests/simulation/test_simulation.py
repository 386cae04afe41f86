"""Office days by the dozen, and every promise kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulation import life as life_module
from simulation.life import Life
from simulation.plan import Plan
from support.campaign import Tell

TESTS = Path(__file__).parents[1]
SEEDS = 40
PEAK_MAX_MB = 120


def simulate(*words: str) -> dict[str, Any]:
    """The figures of `python -m simulation.run`."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "simulation.run", *words],
        env={"PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}"
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    print(line)
    figures: dict[str, Any] = json.loads(line)
    return figures


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_eighty_days_of_an_office_break_no_promise(tell: Tell) -> None:
    told = simulate("--seeds", str(SEEDS), "--hours", "48", "--jobs", "2")
    assert (told["seeds"], told["sim_hours"]) == (SEEDS, SEEDS * 48)
    assert (told["violations"], told["lie_seconds"]) == ([], 0)
    assert told["boots"] > told["kills"] > SEEDS
    tell("simulated days", days=SEEDS * 2, kills=told["kills"], events=told["events"])


@pytest.mark.timeout(300)
def test_a_large_office_keeps_its_promises_in_bounded_memory(tell: Tell) -> None:
    told = simulate("--seeds", "1", "--hours", "5", "--users", "300", "--jobs", "1")
    assert told["violations"] == []
    assert 0 < told["peak_mb"] <= PEAK_MAX_MB
    tell("simulated large office", events=told["events"], peak_mb=told["peak_mb"])


def test_a_life_leaves_nothing_on_the_disk_also_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life_module, "memory_dir", lambda: str(tmp_path))
    Life(Plan(seed=1, hours=4)).run()
    failing = Life(Plan(seed=1, hours=4))
    failing.universe.at(600.0, "the harness fails", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failing.run()
    assert list(tmp_path.iterdir()) == []
