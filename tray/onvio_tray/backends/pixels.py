"""What pixels look like on the way to a desktop: ARGB32, big endian, alpha not multiplied in.

An icon of n x n pixels is n * n * 4 bytes, row after row from the top, each pixel A R G B: what a
StatusNotifierItem hands over as it is. Whoever needs another order asks here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from onvio_agent.contract.status import IconState

Pixels = Callable[[IconState, int], bytes]
"""The icon in a size of so many pixels."""


def rgba(argb: bytes) -> bytes:
    """The same pixels as R G B A."""
    swapped = bytearray(len(argb))
    for to, source in enumerate((1, 2, 3, 0)):
        swapped[to::4] = argb[source::4]
    return bytes(swapped)


def png(argb: bytes, size: int) -> bytes:
    """The same pixels as a PNG file, as menus want them."""
    row = size * 4
    data = rgba(argb)
    lines = b"".join(b"\0" + data[at : at + row] for at in range(0, len(data), row))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def over(argb: bytes, background: bytes) -> bytes:
    """The icon laid over B G R x pixels of the same size, as B G R x again: what X11 draws."""
    blended = bytearray(len(argb))
    for at in range(0, len(argb), 4):
        alpha, red, green, blue = argb[at : at + 4]
        rest = 255 - alpha
        for channel, value in enumerate((blue, green, red)):
            below = background[at + channel]
            blended[at + channel] = (value * alpha + below * rest + 127) // 255
    return bytes(blended)


def premultiplied(argb: bytes) -> bytes:
    """The icon as B G R A with alpha multiplied in: what X11 draws with a visual of 32 bits."""
    drawn = bytearray(over(argb, bytes(len(argb))))
    drawn[3::4] = argb[0::4]
    return bytes(drawn)
