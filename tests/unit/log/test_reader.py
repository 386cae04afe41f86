"""Reading the log back over rotated and compressed files, and following it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.log.file import LogFile, rotated_paths
from onvio_agent.log.reader import Tail, Wanted, last_entries, log_paths, parse_line
from onvio_agent.log.text import human_line
from support.scripted import START, HandClock


def line(number: int, **keys: Any) -> str:
    at = (START + timedelta(minutes=number)).isoformat(timespec="milliseconds")
    entry = {"at": at.replace("+00:00", "Z"), "level": "info", "event": "x.y", "n": number}
    return json.dumps(entry | keys)


def filled(folder: Path, count: int = 60) -> LogFile:
    clock = HandClock()
    file = LogFile(folder, max_bytes=1000, files=50, days=30, clock=clock)
    for number in range(count):
        file.write(line(number))
        clock.advance(60)
    return file


def numbers(entries: list[dict[str, Any]]) -> list[int]:
    return [entry["n"] for entry in entries]


def test_entries_come_oldest_first_over_all_files(tmp_path: Path) -> None:
    filled(tmp_path)
    assert len(log_paths(tmp_path)) > 3
    assert numbers(last_entries(tmp_path, Wanted(), None)) == list(range(60))


@pytest.mark.parametrize("count", [0, 1, 5, 37, 60, 100])
def test_the_newest_are_taken(tmp_path: Path, count: int) -> None:
    filled(tmp_path)
    expected = list(range(60))[max(0, 60 - count) :]
    assert numbers(last_entries(tmp_path, Wanted(), count)) == expected


def test_compressed_files_are_read_in_their_place(tmp_path: Path) -> None:
    filled(tmp_path)
    for path in rotated_paths(tmp_path)[:2]:
        path.with_suffix(".log.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert numbers(last_entries(tmp_path, Wanted(), None)) == list(range(60))


def test_a_damaged_compressed_file_costs_only_itself(tmp_path: Path) -> None:
    filled(tmp_path)
    oldest = rotated_paths(tmp_path)[0]
    oldest.with_suffix(".log.gz").write_bytes(gzip.compress(oldest.read_bytes())[:60])
    oldest.unlink()
    assert numbers(last_entries(tmp_path, Wanted(), None))[-1] == 59


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(level="warning"), [1, 2]),
        (Wanted(level="error"), [2]),
        (Wanted(event="link."), [1, 3]),
        (Wanted(user="ana"), [3]),
        (Wanted(since=START + timedelta(minutes=2)), [2, 3]),
        (Wanted(level="info", event="link", user="ana", since=START), [3]),
        (Wanted(), [0, 1, 2, 3]),
    ],
)
def test_filters(tmp_path: Path, wanted: Wanted, expected: list[int]) -> None:
    lines = [
        line(0),
        line(1, level="warning", event="link.changed", user="bruno"),
        line(2, level="error", user=["ana"]),
        line(3, event="link.changed", user="ana"),
    ]
    (tmp_path / "agent.log").write_text("\n".join(lines) + "\n")
    assert numbers(last_entries(tmp_path, wanted, None)) == expected


def test_what_is_no_entry_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "agent.log").write_bytes(
        b'\xff\xfe\n[1]\n"x"\n{"at":\n\n' + line(1).encode() + b"\n" + b"[" * 50_000 + b"\n{}\n"
    )
    assert last_entries(tmp_path, Wanted(), None)[0]["n"] == 1
    assert parse_line(b"3") is None
    wanted = Wanted(level="info", event="a", user="b", since=datetime(2026, 1, 1, tzinfo=UTC))
    assert last_entries(tmp_path, wanted, None) == []


def test_a_missing_folder_has_no_entries(tmp_path: Path) -> None:
    assert last_entries(tmp_path / "none", Wanted(), 5) == []


def test_a_tail_gives_what_is_added_once(tmp_path: Path) -> None:
    file = filled(tmp_path, 3)
    tail = Tail(tmp_path)
    assert tail.poll() == []
    file.write(line(3))
    file.write(line(4))
    assert numbers(tail.poll()) == [3, 4]
    assert tail.poll() == []
    tail.close()


def test_a_tail_goes_on_across_rotations(tmp_path: Path) -> None:
    file = filled(tmp_path, 3)
    tail = Tail(tmp_path)
    seen = []
    for number in range(3, 60):
        file.write(line(number))
        if number % 4 == 0:
            seen += numbers(tail.poll())
    seen += numbers(tail.poll())
    assert len(rotated_paths(tmp_path)) > 3
    assert seen == list(range(3, 60))
    tail.close()


def test_a_tail_waits_for_a_log_that_is_not_there_yet(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "logs")
    assert tail.poll() == []
    filled(tmp_path / "logs", 2)
    assert numbers(tail.poll() + tail.poll()) == [0, 1]
    tail.close()


def test_a_tail_never_shows_half_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "agent.log"
    path.write_text("")
    tail = Tail(tmp_path)
    whole = line(7) + "\n"
    for at in range(0, len(whole), 10):
        with path.open("a") as file:
            file.write(whole[at : at + 10])
        found = tail.poll()
    assert numbers(found) == [7]
    tail.close()


def test_listing_and_following_meet_without_gap_or_double(tmp_path: Path) -> None:
    file = filled(tmp_path, 5)
    tail = Tail(tmp_path)
    file.write(line(5))
    listed = last_entries(tmp_path, Wanted(), 50, end=tail.start)
    assert numbers(listed + tail.poll()) == list(range(6))
    tail.close()


def test_an_entry_reads_as_a_line() -> None:
    entry = json.loads(line(0, detail="two words", user="ana\x1b[0m", n={"a": [1]}))
    assert human_line(entry, UTC) == (
        '2026-03-02 09:00:00 info    x.y n={"a":[1]} detail="two words" user=ana[0m'
    )
    assert human_line({}, UTC).startswith("None")
    assert human_line({"at": "x", "exception": "Traceback\n  a"}).endswith(
        "\n    Traceback\n      a"
    )
