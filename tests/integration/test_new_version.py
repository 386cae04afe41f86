"""A new version, from the first word of it to its arrival under a running agent and its icon."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import onvio_agent
from onvio_agent.contract.status import API_VERSION
from support.office import Completed, Profile
from support.sim import Simulator
from support.trays import Tray

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent/onvio_agent", "tray/onvio_tray", "config/onvio_config")
OLD, NEW = "0.0.9", onvio_agent.__version__
PAGE = "https://intranet.example/onvio-agent"


def install(folder: Path, version: str) -> None:
    """Put the programs of that version where those of another one may lie, as a package does."""
    fresh = folder.with_name("fresh")
    for package in PACKAGES:
        name = package.rpartition("/")[2]
        shutil.copytree(ROOT / package, fresh / name, ignore=shutil.ignore_patterns("__pycache__"))
    path = fresh / "onvio_agent" / "__init__.py"
    path.write_text(path.read_text().replace(f'"{NEW}"', f'"{version}"'))
    path = fresh / "onvio_agent" / "watch" / "updates.py"
    source = path.read_text()
    assert "FIRST_S = 600.0" in source
    path.write_text(source.replace("FIRST_S = 600.0", "FIRST_S = 1.0"))
    if folder.exists():
        folder.rename(folder.with_name("gone"))
    fresh.rename(folder)


@pytest.fixture
def address() -> Iterator[str]:
    """The administrator's address, which tells of the new version."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"version": NEW, "page": PAGE}).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/newest.json"
        server.shutdown()
        serving.join()


def test_a_new_version_is_told_of_and_replaces_agent_and_icon_while_they_run(
    tmp_path: Path, simulator: Simulator, address: str
) -> None:
    folder = tmp_path / "installed"
    install(folder, OLD)
    profile = Profile(tmp_path / "home", simulator, UI__LANGUAGE="pt_BR", UPDATE__URL=address)
    profile.environ["PYTHONPATH"] = str(folder)
    told = f"A versão {NEW} está disponível."
    tray = None
    try:
        profile.seat()
        tray = Tray(profile.environ)
        shown = tray.wait(lambda said: told in labels(said), "the new version in the menu")
        assert (shown["icon"], shown["attention"]) == ("green", False)
        office = profile.wait(lambda snapshot: snapshot.agent.newer is not None, "told")
        assert office.agent.version == OLD
        assert profile.must("status").out.splitlines()[-1] == f"{told} {PAGE}"
        assert profile.cli("--version") == Completed(0, f"onvio-agent {OLD}\n", f"{told} {PAGE}\n")

        install(folder, NEW)
        assert profile.stop() == 0
        tray.wait_icon("grey")
        profile.start()
        shown = tray.wait_icon("green")
        assert told not in labels(shown)
        assert profile.must("--version").out == f"onvio-agent {NEW}\n"
        assert versions(profile) == [OLD, NEW], "the icon's own program, in the same process"
    finally:
        if tray is not None:
            assert tray.end()[0] == 0
        profile.kill()


def test_an_agent_that_speaks_otherwise_is_told_and_not_misunderstood(
    tmp_path: Path, simulator: Simulator
) -> None:
    folder = tmp_path / "installed"
    install(folder, NEW)
    path = folder / "onvio_agent" / "contract" / "status.py"
    source = path.read_text()
    path.write_text(source.replace(f"API_VERSION = {API_VERSION}\n", "API_VERSION = 4711\n"))
    profile = Profile(tmp_path / "home", simulator)
    profile.set_up(start=False)
    ours = profile.environ
    profile.environ = ours | {"PYTHONPATH": str(folder)}
    try:
        profile.launch()
        profile.environ = ours
        deadline = time.monotonic() + 60
        while not (said := profile.cli("status").err).startswith("agent.version_mismatch: "):
            assert time.monotonic() < deadline, said
    finally:
        profile.kill()


def labels(said: dict[str, object]) -> list[str]:
    """The lines of the menu, where a menu was shown."""
    return [item["label"] for item in said.get("menu", ())]  # type: ignore[attr-defined]


def versions(profile: Profile) -> list[str]:
    """Of each program that has begun to show the icon; all of one process."""
    lines = (profile.paths.log_dir / "tray.log").read_text().splitlines()
    started = [entry for entry in map(json.loads, lines) if entry["event"] == "tray.started"]
    assert len({entry["pid"] for entry in started}) == 1
    return [entry["version"] for entry in started]
