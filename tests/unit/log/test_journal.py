"""What systemd's journal is sent, read back from a socket of the test as the protocol says."""

from __future__ import annotations

import json
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from onvio_agent.log import build_log, wrap_log
from onvio_agent.log.journal import PRIORITIES, VALUE_MAX_BYTES, JournalSink, datagram
from support.pages import ROOT, text_of
from support.scripted import HandClock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd's journal is Linux's")


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    path = str(tmp_path / "journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        heard.settimeout(5)
        yield heard, path


def fields(data: bytes) -> dict[str, str]:
    """A datagram taken apart: `NAME`, line end, length in 8 bytes, value, line end; or `NAME=value`."""
    found: dict[str, str] = {}
    while data:
        head, _, rest = data.partition(b"\n")
        if b"=" in head:
            name, _, value = head.partition(b"=")
            data = rest
        else:
            name, length = head, int.from_bytes(rest[:8], "little")
            value, end, data = (
                rest[8 : 8 + length],
                rest[8 + length : 9 + length],
                rest[9 + length :],
            )
            assert end == b"\n"
        assert re.fullmatch(rb"[A-Z][A-Z0-9_]{0,63}", name)
        found[name.decode()] = value.decode()
    return found


def test_an_entry_arrives_with_its_keys_as_fields(ear: tuple[socket.socket, str]) -> None:
    heard, path = ear
    log = wrap_log(JournalSink(path), clock=HandClock())
    log.warning(
        "link.changed", user="ana", before="valid", after="waiting", reason=None, took_ms=1.5
    )
    assert fields(heard.recv(65536)) == {
        "MESSAGE": "link.changed user=ana before=valid after=waiting reason=null took_ms=1.5",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "onvio-agent",
        "ONVIO_AT": "2026-03-02T09:00:00.000Z",
        "ONVIO_LEVEL": "warning",
        "ONVIO_EVENT": "link.changed",
        "ONVIO_USER": "ana",
        "ONVIO_BEFORE": "valid",
        "ONVIO_AFTER": "waiting",
        "ONVIO_TOOK_MS": "1.5",
    }


def test_a_traceback_keeps_its_lines_and_secrets_stay_hidden(
    ear: tuple[socket.socket, str],
) -> None:
    heard, path = ear
    log = wrap_log(JournalSink(path), clock=HandClock())
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        log.error("task.crashed", exc_info=True, password="s3cret")
    found = fields(heard.recv(65536))
    assert "\n" in found["ONVIO_EXCEPTION"]
    assert found["ONVIO_PASSWORD"] == "***"
    assert found["PRIORITY"] == "3"


def test_no_entry_is_too_long_for_one_datagram(ear: tuple[socket.socket, str]) -> None:
    heard, path = ear
    JournalSink(path).write(
        json.dumps({"event": "x.y", "level": "info", "exception": "é" * 1_000_000})
    )
    found = fields(heard.recv(1_000_000))
    assert len(found["ONVIO_EXCEPTION"].encode()) == VALUE_MAX_BYTES


def test_no_key_can_forge_a_field() -> None:
    found = fields(datagram({"event": "x.y\nPRIORITY=0", "level": "?", "a b=c\nD": {"n": 1}}))
    assert found["PRIORITY"] == "6"
    assert found["ONVIO_A_B_C_D"] == '{"n":1}'


def test_a_journal_that_is_not_there_or_full_stops_nobody(
    tmp_path: Path, ear: tuple[socket.socket, str]
) -> None:
    JournalSink(str(tmp_path / "nothing")).write('{"event":"x.y"}')
    JournalSink(str(tmp_path / "nothing")).write("no JSON")
    _heard, path = ear
    for _ in range(2000):
        JournalSink(path).write('{"event":"x.y"}')


def test_the_file_has_every_entry_as_well(tmp_path: Path, ear: tuple[socket.socket, str]) -> None:
    heard, path = ear
    log = build_log(tmp_path / "logs", clock=HandClock(), journal_path=path)
    log.info("agent.stopped")
    assert fields(heard.recv(65536))["ONVIO_EVENT"] == "agent.stopped"
    assert '"event":"agent.stopped"' in (tmp_path / "logs" / "agent.log").read_text()


def test_the_document_names_fields_and_numbers() -> None:
    page = text_of(ROOT / "docs" / "events.md")
    assert all(f"`{level}` {number}" in page for level, number in PRIORITIES.items())
    for name in ("MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "ONVIO_EVENT"):
        assert f"`{name}`" in page
    assert f"{VALUE_MAX_BYTES // 1024} KiB" in page
