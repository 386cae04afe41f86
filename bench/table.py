"""The table: each figure beside its budget and the goal, and what it was measured against."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One figure. `limit`: the budget, `goal`: what to beat; None where there is none."""

    key: str
    what: str
    value: float
    unit: str
    limit: float | None = None
    goal: float | None = None

    @property
    def verdict(self) -> str:
        """In one word."""
        if self.limit is None or self.goal is None:
            return ""
        if self.value <= self.goal:
            return "goal"
        return "budget" if self.value <= self.limit else "OVER"


_HEAD = ("what", "measured", "budget", "goal", "")


def render(rows: Iterable[Row]) -> str:
    """Lines of text, the numbers right-aligned."""
    cells = [_HEAD] + [
        (
            row.what,
            f"{_number(row.value)} {row.unit}",
            _number(row.limit),
            _number(row.goal),
            row.verdict,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    return "\n".join(_line(line, widths) for line in cells)


def as_data(rows: Iterable[Row]) -> dict[str, object]:
    """The same for programs."""
    return {
        row.key: {"value": row.value, "unit": row.unit, "budget": row.limit, "goal": row.goal}
        for row in rows
    }


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers, last = cells
    padded = [number.rjust(width) for number, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([first.ljust(widths[0]), *padded, last]).rstrip()


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
