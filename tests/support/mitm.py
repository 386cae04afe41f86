"""mitmproxy, an intercepting proxy of other people's making: pinned by a lock file, in an environment of its own.

Why: offices sit behind such proxies, and what these do with TLS is theirs to decide. Skips, and says why,
where it cannot be installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.lan import PROXY, Lan

ROOT = Path(__file__).parents[2]
_LOCK_PATH = Path(__file__).parent / "mitmproxy" / "requirements.txt"
_PORT = 8080
_LIMIT_S = 300.0


def installed() -> Path:
    """The program `mitmdump`; installed once for each state of the lock file, by whoever has a network."""
    state = hashlib.sha256(_LOCK_PATH.read_bytes()).hexdigest()[:12]
    folder = ROOT / "build" / f"mitmproxy-{state}"
    program, done_path = folder / "bin" / "mitmdump", folder / "installed"
    if not done_path.exists():
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        pip = (str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check")
        _run(*pip, "--require-hashes", "-r", str(_LOCK_PATH))
        done_path.touch()
    return program


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("mitmproxy could not be installed in time")
    if done.returncode != 0:
        pytest.skip(f"mitmproxy cannot be installed: {done.stderr[-300:]}")


class Mitm:
    """One that stands between the office and ONVIO, whose own authority is `onvio_ca`."""

    URL = f"http://{PROXY}:{_PORT}"

    def __init__(self, program: Path, lan: Lan, folder: Path, onvio_ca: str) -> None:
        self._program = program
        self._lan, self._folder, self._onvio_ca = lan, folder, onvio_ca
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, authority: str) -> Path:
        """Start (again) as the authority of that name, whose certificate's path this is."""
        self.stop()
        folder = self._folder / authority
        self._process = subprocess.Popen(
            [
                *self._lan.beyond.prefix, str(self._program), "--quiet",
                "--listen-host", PROXY, "--listen-port", str(_PORT),
                "--set", f"confdir={folder}",
                "--set", f"ssl_verify_upstream_trusted_ca={self._onvio_ca}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection((PROXY, _PORT), 1):
                return folder / "mitmproxy-ca-cert.pem"
            assert time.monotonic() < deadline, "mitmproxy does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(60)
