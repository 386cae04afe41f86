"""Reads `multipart/form-data`, strictly and byte for byte. Pure.

Why: what arrived is compared with what was sent, so nothing may be decoded or trimmed on the way.
"""

from __future__ import annotations

import re

import msgspec

_BOUNDARY = re.compile(
    r'multipart/form-data;\s*boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?', re.I
)
_NAME = re.compile(r'\bname="([^"]*)"')
_FILE_NAME = re.compile(r'\bfilename="([^"]*)"')
_PARTS_MAX = 20


class Part(msgspec.Struct, frozen=True):
    """One part. `file_name` None where it names no file; `kind` is its media type."""

    name: str
    file_name: str | None
    kind: str
    data: bytes


def read_multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body. Raises ValueError where it is not as it should be."""
    match = _BOUNDARY.fullmatch(content_type.strip())
    if match is None:
        raise ValueError("not multipart/form-data with a boundary")
    fence = b"\r\n--" + match[1].encode("ascii")
    pieces = (b"\r\n" + body).split(fence, _PARTS_MAX + 2)
    if len(pieces) < 2 or pieces[-1].strip() != b"--" or pieces[0] not in (b"", b"\r\n"):
        raise ValueError("the parts are not closed as announced")
    return [_read_part(piece) for piece in pieces[1:-1]]


def _read_part(piece: bytes) -> Part:
    head, gap, data = piece.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"\r\n"):
        raise ValueError("a part has no head")
    fields = {}
    for line in head.decode("utf-8", errors="strict").split("\r\n")[1:]:
        name, _colon, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    told = fields.get("content-disposition", "")
    named, of_file = _NAME.search(told), _FILE_NAME.search(told)
    if named is None:
        raise ValueError("a part has no name")
    kind = fields.get("content-type", "text/plain").partition(";")[0].strip().lower()
    return Part(named[1], of_file[1] if of_file else None, kind, data)
