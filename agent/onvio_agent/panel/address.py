"""Names as parts of addresses. A browser may not take one for anything else than a name."""

from __future__ import annotations

from urllib.parse import quote


def segment(text: str) -> str:
    """`text` as one part of a path. Dots alone would mean "here" and "up": a blank goes before them,
    which no login begins with and `Turn.path_value` drops."""
    return quote(text if text.strip(".") else f" {text}", safe="")
