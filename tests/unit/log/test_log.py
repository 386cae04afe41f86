"""One entry is one JSON object with its time, level and event; logging never raises."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import structlog

from onvio_agent.log import LEVELS, Log, Redactor, build_log, wrap_log
from support.scripted import HandClock


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def log_on(level: str = "debug", redactor: Redactor | None = None) -> tuple[Log, Lines]:
    lines = Lines()
    return wrap_log(lines, level, clock=HandClock(), redactor=redactor), lines


def test_an_entry_begins_with_time_level_and_event() -> None:
    log, lines = log_on()
    log.info("connection.changed", **{"from": "offline", "to": "online"}, duration_s=1.5)
    assert list(lines.entries[0].items()) == [
        ("at", "2026-03-02T09:00:00.000Z"),
        ("level", "info"),
        ("event", "connection.changed"),
        ("from", "offline"),
        ("to", "online"),
        ("duration_s", 1.5),
    ]


def test_a_caller_cannot_replace_time_or_level() -> None:
    log, lines = log_on()
    log.warning("x.y", at="never", level="debug")
    assert lines.entries[0] == {
        "at": "2026-03-02T09:00:00.000Z",
        "level": "warning",
        "event": "x.y",
    }


@pytest.mark.parametrize("level", LEVELS)
def test_entries_below_the_level_are_left_out(level: str) -> None:
    log, lines = log_on(level)
    for method in (log.debug, log.info, log.warning, log.error):
        method("x.y")
    assert [entry["level"] for entry in lines.entries] == list(LEVELS)[list(LEVELS).index(level) :]


def test_bound_keys_are_in_each_entry_of_that_log_only() -> None:
    log, lines = log_on()
    bound = log.bind(user="ana")
    bound.info("x.y", to="a")
    log.info("x.y")
    assert [entry.get("user") for entry in lines.entries] == ["ana", None]


def test_secrets_in_keys_values_and_tracebacks_are_hidden() -> None:
    redactor = Redactor()
    redactor.register_secret("correct horse battery")
    log, lines = log_on(redactor=redactor)
    try:
        raise ValueError("password=hunter2hunter2 and correct horse battery")
    except ValueError:
        log.error("x.crashed", exc_info=True, token="t0k3n-value", detail="correct horse battery")
    written = "\n".join(lines.lines)
    for secret in ("hunter2", "correct horse", "t0k3n"):
        assert secret not in written
    assert "ValueError" in lines.entries[0]["exception"]
    assert "exc_info" not in lines.entries[0]


def test_an_exception_object_gives_its_traceback() -> None:
    log, lines = log_on()
    log.error("x.crashed", exc_info=ValueError("boom"))
    log.error("x.calm", exc_info=True)
    log.error("x.calm", exc_info=None)
    assert lines.entries[0]["exception"].endswith("ValueError: boom\n")
    assert all("exception" not in entry for entry in lines.entries[1:])


def test_an_entry_is_one_line_whatever_is_in_it() -> None:
    log, lines = log_on()
    log.info("x.y", detail="a\nb\r\u2028c\x00\ud800", **{"bad\nkey": 1})
    assert len(lines.lines) == 1
    assert lines.lines[0].isprintable()


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_logging_never_raises() -> None:
    log, lines = log_on()
    log.info("x.y", a=Mute(), b=object(), c=2**99, d=float("nan"), e=b"\xff", f={Mute(): Mute()})
    assert len(lines.lines) == 1


def test_nothing_is_configured_globally() -> None:
    log_on()
    assert not structlog.is_configured()
    assert not logging.getLogger().handlers or all(
        "onvio" not in type(handler).__module__ for handler in logging.getLogger().handlers
    )


def test_two_logs_do_not_share_anything() -> None:
    (first, first_lines), (second, second_lines) = log_on(), log_on("error")
    first.info("x.y")
    second.info("x.y")
    assert len(first_lines.lines) == 1
    assert not second_lines.lines


def test_build_log_writes_agent_log_and_shows_it_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = build_log(tmp_path / "logs", clock=HandClock(), stderr=True)
    log.info("agent.started", version="1")
    log.debug("x.y")
    entry = json.loads((tmp_path / "logs" / "agent.log").read_text())
    assert entry["event"] == "agent.started"
    shown = capsys.readouterr().err
    assert "agent.started version=1" in shown
    assert shown.count("\n") == 1
