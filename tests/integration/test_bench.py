"""The benchmark runs, whatever it measures: every figure is there, beside its budget."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITH_A_BUDGET = {
    "start_ms",
    "check_times",
    "idle_pss_mb",
    "idle_cpu_s",
    "idle_switches",
    "click_green_ms",
    "backlog_first_s",
    "backlog_pss_mb",
    "backlog_status_ms",
    "document_times",
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_quick_run_gives_every_figure() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--json"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told.pop("users"), "cores" in told.pop("machine")) == (5, True)
    with_a_budget = WITH_A_BUDGET | ({"tray_pss_mb"} if shutil.which("dbus-daemon") else set())
    with_a_budget |= (
        {"start_frozen_ms"} if (ROOT / "dist/onvio-agent/onvio-agent").exists() else set()
    )
    assert {key for key, row in told.items() if row["budget"] is not None} == with_a_budget
    assert all(row["value"] >= 0 for row in told.values())
