"""An OpenID Connect server that nobody here wrote: npm's `oidc-provider`, in a process of its own.

Why: whether the agent speaks the standard, and not only what its own simulator understands.
Skips, and says why, where the package cannot be installed.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from support.npm import installed

_HERE = Path(__file__).parent / "oidc_provider"


class ForeignServer:
    """A running one; `requests` are those that it has answered."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        self.requests: list[dict[str, Any]] = []
        self._process = process
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "ready" in first, first
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def answered(self, path: str, **more: Any) -> int:
        """How often `path` was answered so."""
        wanted = {"path": path} | more
        return sum(wanted.items() <= each.items() for each in list(self.requests))

    def end(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(60)
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self.requests.append(json.loads(line))


@contextmanager
def foreign_server(folder: Path, client_id: str) -> Iterator[ForeignServer]:
    """One that knows `client_id` as a program on a workstation. The sub of `x` is `x`."""
    installed(_HERE, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["node", "server.mjs", str(port), client_id],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    server = ForeignServer(process, f"http://127.0.0.1:{port}")
    try:
        yield server
    finally:
        server.end()
