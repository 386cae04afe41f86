"""The Debian package in a clean Debian with a booted systemd, where both were made before: both take minutes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(3600)
def test_the_package_is_installed_upgraded_and_removed_in_a_clean_system() -> None:
    if not os.environ.get("TRY_ROOT"):
        pytest.skip(
            "needs TRY_ROOT, a Debian 12 made by debootstrap; or run make try-deb, which makes one"
        )
    done = subprocess.run(
        ["sh", str(ROOT / "packaging" / "linux" / "try_deb.sh")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "all held"
