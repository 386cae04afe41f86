"""Archives for tests: sound ones, and ones with a password or a damaged part.

Why: Python writes neither, and offices have both.
It must not be imported by production code.
"""

from __future__ import annotations

import io
import zipfile

from support.deliveries import nfe

_FLAGS_OF_A_MEMBER, _FLAGS_IN_THE_LIST = (b"PK\x03\x04", 6), (b"PK\x01\x02", 8)


def zipped(*names: str) -> bytes:
    """A .zip with a document of its own under each name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names, 1):
            archive.writestr(name, nfe(number))
    return out.getvalue()


def with_password(data: bytes) -> bytes:
    """The same, every member marked as encrypted."""
    marked = bytearray(data)
    for sign, offset in (_FLAGS_OF_A_MEMBER, _FLAGS_IN_THE_LIST):
        at = data.find(sign)
        while at >= 0:
            marked[at + offset] |= 1
            at = data.find(sign, at + 1)
    return bytes(marked)


def damaged(data: bytes, name: str) -> bytes:
    """The same with a byte of that member's contents turned over."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(name)
    at = info.header_offset + 30 + len(name) + info.compress_size // 2
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
