"""The .xml files inside a .zip, within bounds. Pure: bytes in, bytes out.

No other archive inside, nothing encrypted, nothing that grows out of proportion; names are for show
and never become a path.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from onvio_agent.plain_text import clean
from onvio_agent.sync.xml_reader import BYTES_MAX

if TYPE_CHECKING:
    import zipfile

ARCHIVE_MAX = 20 * 1024 * 1024
"""Bytes of one .zip: a month of a small company."""
MEMBERS_MAX = 2_000
TOTAL_MAX = 60 * 1024 * 1024
RATIO_MAX = 100
"""XML shrinks to a tenth; what shrinks to a hundredth is made to do harm."""
_DEPTH_MAX = 8
_NAME_MAX = 200
_ARCHIVES = (".zip", ".rar", ".7z")
_MADE_BY_A_MAC = "__MACOSX"
_ENCRYPTED = 1  # of the flags that stand before each member
_CHUNK = 64 * 1024


class ArchiveRefused(Exception):
    """Why nothing of it is taken: a code of the catalogue, and what its sentence names."""

    def __init__(self, code: str, **fields: str) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


class Member(msgspec.Struct, frozen=True):
    """What lies in an archive. `data` None where `refused` says why its bytes are not to be had."""

    name: str
    data: bytes | None
    refused: str | None = None


def members(data: bytes) -> Iterator[Member]:
    """Each .xml, one after the other; at most `BYTES_MAX` + 1 bytes of each. An archive in it
    (sync.archive_nested) is not opened, a damaged one (sync.archive_damaged) keeps no other back.
    What is hidden, or made by a Mac for itself, is passed over.

    Raises `ArchiveRefused`: sync.archive (no usable .zip), sync.archive_bounds, sync.archive_empty,
    sync.archive_password.
    """
    import zipfile  # 8 ms that most offices never need

    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise ArchiveRefused("sync.archive") from None
    infos = [info for info in archive.infolist() if not info.is_dir()]
    wanted = [info for info in infos if _is_wanted(info)]
    if len(infos) > MEMBERS_MAX or any(_is_odd(info) for info in wanted):
        raise ArchiveRefused("sync.archive_bounds")
    if not wanted:
        raise ArchiveRefused("sync.archive_empty")
    total = 0
    for info in wanted:
        name = clean(info.filename)
        if info.filename.lower().endswith(_ARCHIVES):
            yield Member(name, None, "sync.archive_nested")
            continue
        if info.flag_bits & _ENCRYPTED:
            raise ArchiveRefused("sync.archive_password", file=name)
        content = _content(archive, info)
        if content is None:
            yield Member(name, None, "sync.archive_damaged")
            continue
        total += len(content)
        if total > TOTAL_MAX or len(content) > RATIO_MAX * max(info.compress_size, 1024):
            raise ArchiveRefused("sync.archive_bounds")
        yield Member(name, content)


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    parts = info.filename.replace("\\", "/").split("/")
    if any(_is_hidden(part) or part == _MADE_BY_A_MAC for part in parts):
        return False
    return parts[-1].lower().endswith((".xml", *_ARCHIVES))


def _is_hidden(part: str) -> bool:
    """`.` and `..` lead somewhere, and hide nothing."""
    return part.startswith(".") and part not in (".", "..")


def _is_odd(info: zipfile.ZipInfo) -> bool:
    return (
        len(info.filename) > _NAME_MAX
        or info.filename.count("/") > _DEPTH_MAX
        or info.file_size > TOTAL_MAX
    )


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    """Its bytes; None where it is damaged."""
    from zipfile import BadZipFile

    content = bytearray()
    try:
        with archive.open(info) as member:
            while len(content) <= BYTES_MAX and (chunk := member.read(_CHUNK)):
                content += chunk
    except (
        BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ):
        return None
    return bytes(content)
