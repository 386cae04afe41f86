"""The client is small: a tray must not carry the agent's machinery."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("httpx", "starlette", "uvicorn", "apscheduler", "sqlite3", "asyncio", "structlog", "click")


def test_the_client_loads_nothing_of_the_agents_machinery() -> None:
    code = (
        "import sys, onvio_agent.client\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
