"""The .xml files inside a .zip, within bounds. Pure: bytes in, bytes out.

No other archive inside, nothing encrypted, nothing that grows out of proportion; names are for show
and never become a path.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

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
_CHUNK = 64 * 1024


class ArchiveRefused(Exception):
    """Why nothing of it is taken: a code of the catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def members(data: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Name and bytes of each .xml, one after the other; at most `BYTES_MAX` + 1 bytes of each. None for
    the bytes of an archive in it, which is not opened.

    Raises `ArchiveRefused`: sync.archive (no usable .zip), sync.archive_bounds, sync.archive_empty.
    """
    import zipfile  # 8 ms that most offices never need

    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise ArchiveRefused("sync.archive") from None
    infos = [info for info in archive.infolist() if not info.is_dir()]
    wanted = [info for info in infos if info.filename.lower().endswith((".xml", *_ARCHIVES))]
    if len(infos) > MEMBERS_MAX or any(_is_odd(info) for info in wanted):
        raise ArchiveRefused("sync.archive_bounds")
    if not wanted:
        raise ArchiveRefused("sync.archive_empty")
    total = 0
    for info in wanted:
        if info.filename.lower().endswith(_ARCHIVES):
            yield clean(info.filename), None
            continue
        content = _content(archive, info)
        total += len(content)
        if total > TOTAL_MAX or len(content) > RATIO_MAX * max(info.compress_size, 1024):
            raise ArchiveRefused("sync.archive_bounds")
        yield clean(info.filename), content


def _is_odd(info: zipfile.ZipInfo) -> bool:
    return (
        len(info.filename) > _NAME_MAX
        or info.filename.count("/") > _DEPTH_MAX
        or info.file_size > TOTAL_MAX
    )


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
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
        raise ArchiveRefused("sync.archive") from None
    return bytes(content)
