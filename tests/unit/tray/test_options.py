"""The few words that the tray understands, and that it passes on to the tray after it."""

from __future__ import annotations

import pytest

from onvio_tray.options import Options, read_options


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", Options()),
        ("--end-with-stdin", Options(0, True)),
        ("--restarted-for 17", Options(17)),
        ("--restarted-for 17 --end-with-stdin", Options(17, True)),
        ("--with-agent", Options(with_agent=True)),
        ("--with-agent --ends-agent", Options(with_agent=True, ends_agent=True)),
        ("--restarted-for", None),
        ("--restarted-for x", None),
        ("--help", None),
        ("extra", None),
    ],
)
def test_words_are_read(line: str, options: Options | None) -> None:
    assert read_options(line.split()) == options


def test_options_come_back_from_their_words() -> None:
    assert read_options(Options(17, True).words()) == Options(17, True)
    for options in (Options(17), Options(0, False, True), Options(17, True, True, True)):
        assert read_options(options.words()) == options
