"""Draw the icons: PNG in every size that desktops ask for, SVG, and the program's own icon.

Run it after a change (`make icons`); a test holds the files against this drawing. The tray loads the
files, so that nothing has to be drawn, and no drawing library loaded, while it runs.

Three shapes that differ without colour: a filled disc, an arrow, a hollow ring. Their colours stand out
by 2.8:1 or more from the light and the dark grounds of usual panels.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw

from onvio_tray.icons import DATA_DIR, SIZES

PANEL_DIR = Path(__file__).parent.parent / "agent" / "onvio_agent" / "panel" / "static"
"""The panel shows the same drawings; they go with the agent, which does not know the tray."""

APP_SIZES = (16, 32, 48, 64, 128, 256)

GREEN, ORANGE, GREY = "#1f9d46", "#cc6f06", "#858a90"
APP_GROUND, APP_MARK = "#0b6670", "#ffffff"

_OVER = 8
"""Each pixel is drawn as 8 x 8: 65 levels of a soft edge, more than an eye tells apart."""

_GRID = 16  # the drawings' own unit: sixteenths of the side
_MARGIN, _RING = 1, 2.6
_ARROW = ((3, 1), (3, 15), (15.2, 8))  # its mass, not its box, lies in the middle
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_APP_CORNER, _APP_RING, _APP_DISC = 3.4, (5.4, 1.5), 2.3
"""Of the program's icon: the corners' radius, the ring's radius and width, the disc's radius."""


def drawn() -> dict[str, bytes]:
    """Every file of the folder, by name."""
    files = {f"{name}.svg": svg(name).encode() for name in ("green", "play", "grey", "app")}
    for name in ("green", "play", "grey"):
        files |= {f"{name}-{size}.png": _png(draw(name, size)) for size in SIZES}
    files |= {f"app-{size}.png": _png(draw("app", size)) for size in APP_SIZES}
    return files


def draw(name: str, size: int) -> Image.Image:
    """The icon, `size` x `size` pixels, RGBA, what is not drawn transparent."""
    side = size * _OVER
    mask, unit = Image.new("L", (side, side)), side / _GRID
    pen = ImageDraw.Draw(mask)
    middle, radius = side / 2, side / 2 - _whole(_MARGIN, size) * _OVER
    if name == "green":
        _disc(pen, middle, radius, 255)
    elif name == "play":
        left = _whole(_ARROW[0][0], size) * _OVER  # a whole pixel: the long edge is sharp
        points = [(left if x == _ARROW[0][0] else x * unit, y * unit) for x, y in _ARROW]
        pen.polygon(points, fill=255)
    elif name == "grey":
        _disc(pen, middle, radius, 255)
        _disc(pen, middle, radius - _RING * unit, 0)
    else:
        return _app(size, unit)
    return _filled(mask, size, {"green": GREEN, "play": ORANGE, "grey": GREY}[name])


def svg(name: str) -> str:
    """The same in units of sixteenths."""
    shapes = {
        "green": f'<circle cx="8" cy="8" r="7" fill="{GREEN}"/>',
        "play": f'<path d="M{" L".join(f"{x} {y}" for x, y in _ARROW)} Z" fill="{ORANGE}"/>',
        "grey": f'<circle cx="8" cy="8" r="{7 - _RING / 2:g}" fill="none" stroke="{GREY}" '
        f'stroke-width="{_RING}"/>',
        "app": f'<rect width="16" height="16" rx="{_APP_CORNER}" fill="{APP_GROUND}"/>'
        f'<circle cx="8" cy="8" r="{_APP_RING[0] - _APP_RING[1] / 2:g}" fill="none" '
        f'stroke="{APP_MARK}" stroke-width="{_APP_RING[1]}"/>'
        f'<circle cx="8" cy="8" r="{_APP_DISC}" fill="{APP_MARK}"/>',
    }
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_GRID} {_GRID}">'
        f"{shapes[name]}</svg>\n"
    )


def _app(size: int, unit: float) -> Image.Image:
    side = size * _OVER
    ground, mark = Image.new("L", (side, side)), Image.new("L", (side, side))
    ImageDraw.Draw(ground).rounded_rectangle((0, 0, side - 1, side - 1), _APP_CORNER * unit, 255)
    pen = ImageDraw.Draw(mark)
    _disc(pen, side / 2, _APP_RING[0] * unit, 255)
    _disc(pen, side / 2, (_APP_RING[0] - _APP_RING[1]) * unit, 0)
    _disc(pen, side / 2, _APP_DISC * unit, 255)
    return Image.alpha_composite(_filled(ground, size, APP_GROUND), _filled(mark, size, APP_MARK))


def _disc(pen: ImageDraw.ImageDraw, middle: float, radius: float, fill: int) -> None:
    low, high = middle - radius, middle + radius - 1
    pen.ellipse((low, low, high, high), fill=fill)


def _filled(mask: Image.Image, size: int, colour: str) -> Image.Image:
    """`colour` wherever the mask is, its edge softened by averaging."""
    image = Image.new("RGBA", (size, size), colour)
    image.putalpha(mask.resize((size, size), Image.Resampling.BOX))
    return image


def _whole(sixteenths: float, size: int) -> int:
    """Rounded down, so that a size between two takes the larger drawing: 24 px looks larger than 22."""
    return max(1, int(sixteenths * size / _GRID))


def _png(image: Image.Image) -> bytes:
    """8 bits RGBA, its lines unfiltered: all that the tray's small reader understands."""
    width, height = image.size
    pixels, stride = image.tobytes(), width * 4
    lines = (pixels[at : at + stride] for at in range(0, len(pixels), stride))
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return _PNG_SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


if __name__ == "__main__":
    for file_name, content in drawn().items():
        (DATA_DIR / file_name).write_bytes(content)
        if file_name.endswith(".svg"):
            (PANEL_DIR / file_name).write_bytes(content)
