"""The checks are loaded at the first trouble: an agent that has none does not carry them."""

from __future__ import annotations

import subprocess
import sys


def test_the_agent_starts_without_the_checks() -> None:
    code = (
        "import sys, onvio_agent.app\nprint([n for n in sys.modules if 'onvio_agent.checks' in n])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
