"""The example for rsyslog, run by a real rsyslogd: every entry arrives once, also across rotations."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.log import build_log
from support.pages import ROOT
from support.scripted import HandClock

RSYSLOGD = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin:/sbin")
EXAMPLE = ROOT / "packaging" / "rsyslog" / "onvio-agent.conf"
ENTRIES = 60

pytestmark = pytest.mark.skipif(
    RSYSLOGD is None, reason="rsyslogd is not installed (Debian: rsyslog)"
)


def configured(folder: Path, port: int) -> Path:
    """The example with this test's folder, receiver and place for its own files."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for found, put in {
        "/home/*/": f"{folder}/home/*/",
        'target="logs.example" port="6514"': f'target="127.0.0.1" port="{port}"',
    }.items():
        assert found in text
        text = text.replace(found, put)
    (folder / "spool").mkdir()
    path = folder / "rsyslog.conf"
    path.write_text(f'global(workDirectory="{folder}/spool")\n{text}', encoding="utf-8")
    return path


@contextmanager
def running(folder: Path, config: Path) -> Iterator[None]:
    command = [str(RSYSLOGD), "-n", "-f", str(config), "-i", str(folder / "pid")]
    with (folder / "rsyslog.out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def received(listening: socket.socket, count: int) -> list[dict[str, Any]]:
    """As many lines as were sent, decoded."""
    connection, _peer = listening.accept()
    with connection, connection.makefile("rb") as lines:
        connection.settimeout(30)
        return [json.loads(lines.readline()) for _ in range(count)]


def test_rsyslog_ships_every_entry_across_rotations(tmp_path: Path) -> None:
    log_dir = tmp_path / "home" / "ana" / ".local/share/onvio-agent/logs"
    log_dir.mkdir(parents=True)
    log = build_log(log_dir, max_bytes=2000, files=50, clock=HandClock())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(30)
        config = configured(tmp_path, listening.getsockname()[1])
        with running(tmp_path, config):
            for number in range(ENTRIES):
                log.info("link.changed", user="ana", reason='Ação "x"\\y', number=number, gone=None)
                time.sleep(0.02)
            found = received(listening, ENTRIES)
    assert len(list(log_dir.iterdir())) > 3
    assert sorted(each["agent"]["number"] for each in found) == list(range(ENTRIES))
    assert {each["file"] for each in found} == {str(log_dir / "agent.log")}
    assert all(each["host"] for each in found)
    written = json.loads((log_dir / "agent.log").read_text(encoding="utf-8").splitlines()[-1])
    assert {**found[0]["agent"], "number": ENTRIES - 1} == written


def test_rsyslogs_own_checker_finds_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(RSYSLOGD), "-N1", "-f", str(configured(tmp_path, 1))],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr.lower()
