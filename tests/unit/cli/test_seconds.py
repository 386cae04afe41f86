"""What a number of seconds may be on the command line."""

from __future__ import annotations

import click
import pytest

from onvio_agent.cli.seconds import Seconds


@pytest.mark.parametrize("value", ["nan", "-nan", "inf", "-inf", "3601", "-1", "one"])
def test_what_is_no_number_of_the_range_is_refused(value: str) -> None:
    with pytest.raises(click.BadParameter):
        Seconds(0.0, 3600.0).convert(value, None, None)


def test_a_number_of_the_range_is_taken() -> None:
    assert Seconds(0.0, 3600.0).convert("2.5", None, None) == 2.5
