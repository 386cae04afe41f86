"""What commands print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import pytest

from onvio_agent.cli.output import (
    display_width,
    paint,
    print_json,
    print_table,
    show_refusal,
    stop_if_nobody_reads,
)
from onvio_agent.errors import Refused, VaultFailed
from onvio_agent.i18n import current_language, set_language


@pytest.fixture(autouse=True)
def _language_is_restored() -> Iterator[None]:
    before = current_language()
    yield
    set_language(before)


def test_columns_are_aligned_by_what_they_take_on_the_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table([["ana", "日本", None], ["joão", "x", 3]], ["Login", "Nome", "N"])
    assert capsys.readouterr().out.splitlines() == [
        "Login  Nome  N",
        "ana    日本  -",
        "joão   x     3",
    ]


def test_accents_written_as_marks_take_no_column() -> None:
    assert display_width("joa\u0303o") == display_width("joão") == 4


def test_a_name_cannot_forge_a_line_or_colour_the_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table([["a\nb\x1b[31m\u202e"]], ["N"])
    assert capsys.readouterr().out == "N\na b[31m\n"


def test_a_document_is_one_json_value(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "João", "n": [1]})
    out = capsys.readouterr().out
    assert json.loads(out) == {"name": "João", "n": [1]}
    print_json({"a": {"b": 1}}, lines=True)
    assert capsys.readouterr().out == '{"a":{"b":1}}\n'


def test_nothing_is_coloured_outside_a_terminal() -> None:
    assert paint("green", "green") == "green"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "pt_BR",
            [
                "link.email_taken: Este e-mail do ONVIO já está vinculado a ana.",
                "→ Cada usuário precisa de uma conta ONVIO própria; "
                "para usar este e-mail, execute antes: onvio-agent inactivate ana",
            ],
        ),
        (
            "en",
            [
                "link.email_taken: This ONVIO e-mail is already linked to ana.",
                "→ Each user needs an ONVIO account of their own; to reuse it, first run: "
                "onvio-agent inactivate ana",
            ],
        ),
    ],
)
def test_a_refusal_begins_with_its_code_and_ends_with_the_next_step(
    capsys: pytest.CaptureFixture[str], language: str, lines: list[str]
) -> None:
    set_language(language)
    show_refusal(Refused("link.email_taken", login="ana\x1b", heir=""))
    printed = capsys.readouterr()
    assert printed.err.splitlines() == lines
    assert not printed.out


@pytest.mark.skipif(sys.platform == "win32", reason="only where a pipe's end can be asked")
def test_a_stream_without_news_notices_that_its_reader_has_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        stop_if_nobody_reads()
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            stop_if_nobody_reads()


def test_a_next_step_never_shows_a_field_that_was_not_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_refusal(VaultFailed("vault.lost"))
    assert "{" not in capsys.readouterr().err
