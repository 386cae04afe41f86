"""The time of a pause as people write it."""

from __future__ import annotations

import click
import pytest

from onvio_agent.cli.pause import Span


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("30m", 1800), ("1h", 3600), ("2d", 172_800)]
)
def test_a_number_with_or_without_a_unit_is_seconds(text: str, seconds: float) -> None:
    assert Span().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "0", "0h", "-5", "1.5h", "soon", "1h30m", "h", "\u0661h"])
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Span().convert(text, None, None)
