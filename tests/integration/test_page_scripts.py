"""What the pages have their readers type into a shell, typed into a shell."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from support.commands import blocks
from support.office import Profile
from support.pages import ROOT, text_of
from support.sim import Simulator

PATIENCE_S = 60.0
_LACKING = [name for name in ("bash", "curl", "openssl", "python3") if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(_LACKING), reason=f"not on this machine: {_LACKING}")


def page(name: str, **instead: str) -> str:
    """docs/`name`.md, with places of this test `instead` of its own."""
    text = text_of(ROOT / "docs" / f"{name}.md")
    for theirs, ours in instead.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    return text


def typed(block: str, environ: Mapping[str, str]) -> str:
    """What a shell says that is given `block`; each of its commands succeeds."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done
    return done.stdout


def documents(said: str) -> list[Any]:
    """The JSON documents that were said, one behind the other."""
    found, decoder, at = [], json.JSONDecoder(), 0
    while at < len(said):
        document, at = decoder.raw_decode(said, at)
        found.append(document)
        at += len(said[at:]) - len(said[at:].lstrip())
    return found


@contextmanager
def running(command: str, folder: Path, ready: Path) -> Iterator[None]:
    """A command that goes on, in `folder`; from when it has written the file `ready`."""
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=folder,
        env={**os.environ, "PATH": programs},
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not ready.exists():
            assert process.poll() is None, process.returncode
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def test_the_simulator_is_started_asked_and_disturbed_as_its_page_says(tmp_path: Path) -> None:
    folder = tmp_path / "sim"
    text = page("simulator", **{"/tmp/sim": str(folder)})
    start, *examples = blocks(text, "sh")
    (tmp_path / "seed.json").write_text(next(blocks(text, "json")), encoding="utf-8")
    with running(start, tmp_path, folder / "ready.json"):
        said = typed("\n".join(examples), {"PATH": os.environ["PATH"]})
    tokens, (fault,), account, journal = documents(said)
    assert "access_token" in tokens
    assert fault["kind"] == "http_503"
    assert account["state"] == "disabled"
    assert [entry["path"] for entry in journal] == ["/oauth/token"]


def test_the_agent_is_asked_by_hand_as_the_pages_say(tmp_path: Path, simulator: Simulator) -> None:
    token_path = tmp_path / "token"
    token_path.write_text("a token of sixteen characters or more\n")
    token_path.chmod(0o600)
    profile = Profile(tmp_path / "home", simulator, METRICS__TOKEN_FILE=token_path)
    profile.set_up()
    try:
        usual = tmp_path / ".local" / "share"
        usual.mkdir(parents=True)
        (usual / "onvio-agent").symlink_to(profile.home_dir)
        (example,) = blocks(page("control-api"), "sh")
        greeting, proof, status = typed(example, {**os.environ, "HOME": str(tmp_path)}).splitlines()
        assert json.loads(greeting)["proof"] == proof
        assert json.loads(status)["connection"]["state"] == "online"

        port = json.loads(profile.paths.runtime_path.read_text())["port"]
        instead = {"/etc/onvio-agent/metrics-token": str(token_path), ":8377": f":{port}"}
        (example,) = blocks(page("metrics", **instead), "sh")
        assert "onvio_agent_build_info{" in typed(example, os.environ)
    finally:
        profile.kill()


def test_the_delivery_is_tried_out_as_its_page_says(tmp_path: Path) -> None:
    port = two_free_ports()
    text = page("experimentar", **{"18443": str(port), "18444": str(port + 1)})
    simulator, begin, look, stop = blocks(text, "sh")
    (tmp_path / "semente.json").write_text(next(blocks(text, "json")), encoding="utf-8")
    shutil.copy(ROOT / "docs" / "exemplos" / "nota.xml", tmp_path)
    settings = "\n".join(line for line in begin.splitlines() if line.startswith("export"))
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environ = {**os.environ, "PATH": programs, "ONVIO_AGENT_SYNC__SCAN_INTERVAL_S": "0.5"}
    there = f"cd {tmp_path}"
    with running(simulator, tmp_path, tmp_path / "pronto.json"):
        try:
            typed(f"{there}\n{begin}", environ)
            deadline = time.monotonic() + PATIENCE_S
            while not list(tmp_path.glob("padaria/enviados/*/nota.xml")):
                assert time.monotonic() < deadline
                time.sleep(0.2)
            said = typed(f"{there}\n{settings}\n{look}", environ)
        finally:
            typed(f"{there}\n{settings}\n{stop}", environ)
    assert "nota.xml" in said


def two_free_ports() -> int:
    """The first of two that nobody has now."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as one:
            port: int = one.getsockname()[1]
            with suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
                return port
