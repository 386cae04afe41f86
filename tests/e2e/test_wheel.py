"""The program from an installed wheel, away from its sources: the main job works."""

from __future__ import annotations

import json
import subprocess
import venv
from pathlib import Path

import pytest

from arch.sources import ROOT
from support.wheels import build_wheel

DEMO = ("demo", "--for", "8", "--no-tray", "--json")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_demo_runs_from_an_installed_wheel(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    home = tmp_path / "installed"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    lock = str(ROOT / "requirements" / "runtime.txt")
    subprocess.run([*pip, "--require-hashes", "-r", lock], check=True, timeout=200)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True, timeout=60)
    done = subprocess.run(
        [str(home / "bin" / "onvio-agent"), *DEMO],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    users = {user["login"]: user for user in json.loads(done.stdout)["users"]}
    icons = sorted(user["icon"]["state"] for user in users.values())
    assert icons == ["green", "green", "green", "grey", "grey"]
    assert sorted(user["situation"] for user in users.values()).count("inactive") == 1
