"""Which programs the tests start: those of the sources, or the frozen ones of the folder in `FROZEN`.

After `make freeze`, `make test-frozen` runs the end-to-end tests against dist/onvio-agent.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FROZEN = os.environ.get("FROZEN", "")
"""A folder made by `make freeze`; empty: the sources, run by this Python."""


def program(name: str) -> list[str]:
    """The first words of the command line of `onvio-agent` or `onvio-tray`."""
    if FROZEN:
        return [str(Path(FROZEN).resolve() / name)]
    return [sys.executable, "-P", "-m", name.replace("-", "_")]


AGENT = program("onvio-agent")
TRAY = program("onvio-tray")
