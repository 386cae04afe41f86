"""The pixels of the three icons, read from the files that `packaging/icons.py` draws.

Read, not drawn, so that no drawing library is loaded while the tray runs. What a desktop wants to do
with them (byte order, background, scaling) is its backend's affair.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from onvio_agent.contract.status import IconState

SIZES = (16, 20, 22, 24, 28, 32, 40, 48, 64, 96, 128, 256)
"""Pixels of a side, as drawn; each is sharp in itself, so take one of them rather than scale."""

DATA_DIR = Path(__file__).parent / "data"

_FIRST_CHUNK, _AROUND = 33, 12  # after signature and header; length, kind and check of each chunk


class Pixels(NamedTuple):
    """A square of `size` x `size` pixels; `rgba`: 4 bytes each, row after row, alpha not multiplied in."""

    size: int
    rgba: bytes

    def argb(self) -> bytes:
        """The same as alpha, red, green, blue: the byte order of a StatusNotifierItem's pixmap."""
        turned = bytearray(len(self.rgba))
        turned[0::4] = self.rgba[3::4]
        for channel in range(3):
            turned[channel + 1 :: 4] = self.rgba[channel::4]
        return bytes(turned)


@cache
def pixels(icon: IconState, size: int) -> Pixels:
    """The icon in one of `SIZES`."""
    return Pixels(size, _rgba(png_path(icon, size).read_bytes(), size))


def png_path(icon: IconState, size: int) -> Path:
    """The same as a file."""
    return DATA_DIR / f"{icon.value}-{size}.png"


def fitting(side: int) -> int:
    """The largest of `SIZES` that fits into `side` pixels; the smallest where none does."""
    return max((size for size in SIZES if size <= side), default=SIZES[0])


def _rgba(png: bytes, size: int) -> bytes:
    """The pixels of a PNG as `packaging/icons.py` writes it: 8 bits RGBA, its lines unfiltered."""
    at, data = _FIRST_CHUNK, b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += _AROUND + length
    lines, stride = zlib.decompress(data), size * 4 + 1
    return b"".join(lines[at + 1 : at + stride] for at in range(0, len(lines), stride))
