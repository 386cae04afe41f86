"""Passwords come from one line of stdin or of a file, whole, and from nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import click
import pytest

from onvio_agent.cli.passwords import password_in, read_code, read_password


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


@pytest.mark.parametrize(
    ("line", "password"),
    [
        (b"senha\n", "senha"),
        (b"senha\r\n", "senha"),
        (b"senha", "senha"),
        (b" with spaces \nsecond line\n", " with spaces "),
        ("ção\n".encode(), "ção"),
    ],
)
def test_the_first_line_is_the_password(
    monkeypatch: pytest.MonkeyPatch, line: bytes, password: str
) -> None:
    feed(monkeypatch, line)
    assert read_password("?", from_stdin=True) == password


@pytest.mark.parametrize("line", [b"", b"\n", b"\r\n", b"\xff\xfe\n", b"x" * 5000])
def test_a_line_that_is_no_password_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    feed(monkeypatch, line)
    with pytest.raises(click.UsageError):
        read_password("?", from_stdin=True)


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"senha\n")
    with pytest.raises(click.UsageError):
        read_password("?", from_stdin=False)


def test_a_file_gives_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"senha\nmore\n")
    assert password_in(path) == "senha"
    with pytest.raises(click.UsageError):
        password_in(tmp_path / "absent")


def test_an_empty_line_for_the_code_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"\n")
    with pytest.raises(click.UsageError, match=r"código|code"):
        read_code("?", from_stdin=True)
