"""The log file on real files, with a clock that is moved by hand."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from onvio_agent.log.file import LogFile, rotated_paths
from support.scripted import HandClock


def log_file(folder: Path, clock: HandClock, **limits: int) -> LogFile:
    kept = {"max_bytes": 1000, "files": 5, "days": 30} | limits
    return LogFile(folder, clock=clock, **kept)


def entry(clock: HandClock, number: int) -> str:
    at = clock.wall().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"at": at, "n": number, "fill": "x" * 50})


def numbers(folder: Path) -> list[int]:
    paths = [*rotated_paths(folder), folder / "agent.log"]
    lines = [line for path in paths for line in path.read_text().splitlines()]
    return [json.loads(line)["n"] for line in lines]


def test_lines_are_appended_to_a_file_of_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    file = log_file(folder, HandClock())
    file.write("one")
    file.write("two é")
    file.close()
    log_file(folder, HandClock()).write("three")
    assert (folder / "agent.log").read_text(encoding="utf-8") == "one\ntwo é\nthree\n"
    if os.name != "nt":
        assert stat.S_IMODE((folder / "agent.log").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_full_file_is_rotated_and_no_line_is_lost_or_split(tmp_path: Path) -> None:
    clock = HandClock()
    file = log_file(tmp_path, clock)
    for number in range(45):
        file.write(entry(clock, number))
        clock.advance(1)
    assert len(rotated_paths(tmp_path)) == 4
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    assert numbers(tmp_path) == list(range(45))


def test_no_more_files_are_kept_than_asked_for(tmp_path: Path) -> None:
    clock = HandClock()
    file = log_file(tmp_path, clock, files=3)
    for number in range(200):
        file.write(entry(clock, number))
        clock.advance(1)
    assert len(list(tmp_path.iterdir())) == 3
    assert numbers(tmp_path)[-1] == 199


def test_a_single_file_is_kept_where_only_one_is_asked_for(tmp_path: Path) -> None:
    clock = HandClock()
    file = log_file(tmp_path, clock, files=1)
    for number in range(30):
        file.write(entry(clock, number))
    assert [path.name for path in tmp_path.iterdir()] == ["agent.log"]


def test_rotations_in_one_second_keep_their_order(tmp_path: Path) -> None:
    clock = HandClock()
    file = log_file(tmp_path, clock, files=100)
    for number in range(150):
        file.write(entry(clock, number))
    assert len(rotated_paths(tmp_path)) >= 12
    assert numbers(tmp_path) == list(range(150))


def test_old_files_go_by_age(tmp_path: Path) -> None:
    clock = HandClock()
    file = log_file(tmp_path, clock, max_bytes=10**9, files=10, days=30)
    for day in range(100):
        file.write(entry(clock, day))
        clock.advance(timedelta(days=1).total_seconds())
    kept = numbers(tmp_path)
    assert kept[-1] == 99
    assert 65 <= kept[0] <= 70  # 30 days, and at most the 3 that one file spans
    assert 8 <= len(list(tmp_path.iterdir())) <= 12


def test_a_quiet_agent_keeps_the_same_file_for_days_not_for_ever(tmp_path: Path) -> None:
    clock = HandClock()
    for number in range(3):
        log_file(tmp_path, clock).write(entry(clock, number))
        clock.advance(timedelta(days=2).total_seconds())
    assert not rotated_paths(tmp_path)
    clock.advance(timedelta(days=2).total_seconds())
    log_file(tmp_path, clock).write(entry(clock, 3))
    assert len(rotated_paths(tmp_path)) == 1


def test_a_clock_set_back_neither_stops_nor_deletes_the_log(tmp_path: Path) -> None:
    clock = HandClock()
    file = log_file(tmp_path, clock)
    for number in range(60):
        file.write(entry(clock, number))
        clock.step(-timedelta(days=1).total_seconds())
    assert file.dropped == 0
    assert sorted(numbers(tmp_path))[-1] == 59


def test_a_file_that_was_moved_away_is_begun_again(tmp_path: Path) -> None:
    file = log_file(tmp_path, HandClock())
    file.write("one")
    (tmp_path / "agent.log").rename(tmp_path / "elsewhere")
    file.write("two")
    assert (tmp_path / "agent.log").read_text() == "two\n"
    (tmp_path / "agent.log").unlink()
    file.write("three")
    assert (tmp_path / "agent.log").read_text() == "three\n"


def test_an_unwritable_folder_costs_entries_and_says_so_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.write_text("in the way")
    file = log_file(folder, HandClock())
    for number in range(3):
        file.write(f"lost {number}")
    assert file.dropped == 3
    folder.unlink()
    file.write("back")
    assert file.dropped == 0
    said, back = (folder / "agent.log").read_text().splitlines()
    assert back == "back"
    assert json.loads(said)["event"] == "log.recovered"
    assert json.loads(said)["dropped"] == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_never_raises(tmp_path: Path) -> None:
    (tmp_path / "agent.log").symlink_to("/dev/full")
    file = log_file(tmp_path, HandClock())
    file.write("lost")
    file.write("lost too")
    assert file.dropped == 2
    (tmp_path / "agent.log").unlink()
    file.write("back")
    assert (tmp_path / "agent.log").read_text().endswith("back\n")


def test_a_line_torn_by_a_crash_does_not_spoil_the_next(tmp_path: Path) -> None:
    (tmp_path / "agent.log").write_text('{"at":"2026-03-0')
    log_file(tmp_path, HandClock()).write("whole")
    assert (tmp_path / "agent.log").read_text().splitlines()[-1] == "whole"


def test_a_command_beside_the_agent_appends_and_never_rotates(tmp_path: Path) -> None:
    clock = HandClock()
    agent = log_file(tmp_path, clock)
    beside = LogFile(tmp_path, max_bytes=1, files=1, days=1, clock=clock, rotate=False)
    agent.write("agent 1")
    beside.write("command")
    agent.write("agent 2")
    assert (tmp_path / "agent.log").read_text() == "agent 1\ncommand\nagent 2\n"


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    for name in ("agent.log.bak", "agent-notes.log", "tray.log"):
        (tmp_path / name).write_text("mine")
    clock = HandClock()
    file = log_file(tmp_path, clock, files=1)
    for number in range(40):
        file.write(entry(clock, number))
        clock.advance(timedelta(days=40).total_seconds())
    assert len(list(tmp_path.iterdir())) == 4
