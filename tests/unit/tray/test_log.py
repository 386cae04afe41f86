"""The tray's log: lines of JSON, small for ever, and never a reason to fail."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from onvio_tray import log as log_module
from onvio_tray.log import TrayLog
from support.snapshots import NOW


def test_each_entry_is_one_line_in_the_agents_shape(tmp_path: Path) -> None:
    log = TrayLog(tmp_path, lambda: NOW)
    log.info("icon.shown", icon="green", reason=None)
    log.warning("action.failed", action="a\nb\u202e" + "x" * 999)
    first, second = (tmp_path / "tray.log").read_text().splitlines()
    assert json.loads(first) == {
        "at": "2026-11-24T12:00:00.000Z",
        "level": "info",
        "event": "icon.shown",
        "icon": "green",
        "reason": None,
    }
    assert len(json.loads(second)["action"]) == 300
    assert "\\\\u202e" in second


def test_it_is_for_this_user_alone_and_does_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "MAX_BYTES", 500)
    log = TrayLog(tmp_path, lambda: NOW)
    for _ in range(100):
        log.error("tray.crashed", error="x" * 50)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert "tray.log.old" in files
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1500
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "tray.log.old").stat().st_mode) == 0o600


def test_a_folder_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    TrayLog(tmp_path / "gone", lambda: NOW).info("tray.stopped")
