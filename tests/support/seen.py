"""Which of the three icons is on a piece of the screen: the pixels decide, not what was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from onvio_agent.contract.status import IconState
from onvio_tray import icons

Colour = tuple[int, int, int]
_SHADE = 12  # of 255: rounding when colours are mixed
_MEAN_SHADE = 8.0  # between a drawing and what is seen; another icon is 40 and more away


def icon_seen(pixels: Sequence[Colour], width: int) -> IconState | None:
    """The icon among those pixels (row after row), on whatever plain background; None: no icon."""
    background = Counter(pixels).most_common(1)[0][0]
    if _distance(pixels[0], background) > _SHADE:
        background = pixels[0]  # a large icon on a small piece
    marked = [at for at, each in enumerate(pixels) if _distance(each, background) > _SHADE]
    if not marked:
        return None
    rows, columns = [at // width for at in marked], [at % width for at in marked]
    top, left, bottom, right = min(rows), min(columns), max(rows), max(columns)
    size = (right - left + 1, bottom - top + 1)
    seen = [
        pixels[row * width + column]
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    ]
    best: tuple[float, IconState | None] = (_MEAN_SHADE, None)
    for icon in IconState:
        for side in icons.SIZES:
            drawn = _drawn(icon, side, background)
            if drawn[0] == size:
                pairs = zip(seen, drawn[1], strict=True)
                away = sum(_distance(a, b) for a, b in pairs) / len(seen)
                best = min(best, (away, icon), key=lambda each: each[0])
    return best[1]


@cache
def _drawn(icon: IconState, side: int, background: Colour) -> tuple[tuple[int, int], list[Colour]]:
    """The drawing on that background, cut to what differs from it: width and height, pixels."""
    rgba = icons.pixels(icon, side).rgba
    mixed = [_over(rgba[at : at + 4], background) for at in range(0, len(rgba), 4)]
    marked = [at for at, each in enumerate(mixed) if _distance(each, background) > _SHADE]
    rows, columns = [at // side for at in marked], [at % side for at in marked]
    cut = [
        mixed[row * side + column]
        for row in range(min(rows), max(rows) + 1)
        for column in range(min(columns), max(columns) + 1)
    ]
    return (max(columns) - min(columns) + 1, max(rows) - min(rows) + 1), cut


def _over(pixel: bytes, background: Colour) -> Colour:
    *colours, alpha = pixel
    red, green, blue = (
        (value * alpha + below * (255 - alpha) + 127) // 255
        for value, below in zip(colours, background, strict=True)
    )
    return red, green, blue


def _distance(a: Colour, b: Colour) -> int:
    return max(abs(one - other) for one, other in zip(a, b, strict=True))
