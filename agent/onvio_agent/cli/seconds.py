"""A number of seconds as an option's value."""

from __future__ import annotations

import math
from typing import cast

import click


class Seconds(click.FloatRange):
    """A range that refuses NaN too, which compares as neither too small nor too large."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds within the range."""
        seconds = float(super().convert(cast("float", value), param, ctx))
        return float(super().convert(math.inf, param, ctx)) if math.isnan(seconds) else seconds
