"""Reads the few values of an XML document that are asked for, within bounds. Pure.

Every document is hostile until it is read: no entities, no other encodings, bounded size, depth,
number of elements and length of one tag. What it costs grows with the size alone, which is bounded
first. The bytes themselves are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from xml.parsers import expat

import msgspec

BYTES_MAX = 5 * 1024 * 1024
"""Ten times the largest NF-e that the authorities take."""
DEPTH_MAX = 60
ELEMENTS_MAX = 250_000
_VALUE_MAX = 200  # characters; every value that is asked for is shorter
_CHUNK = 64 * 1024  # a bound that is broken stops the reading here
_TOKEN_MAX = 512 * 1024  # a tag or comment that is longer is nobody's document
_UTF8_BOM = b"\xef\xbb\xbf"
_ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")


class Unreadable(Exception):
    """Why it cannot be read: a code of the catalogue, with the fields of its sentences."""

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


class Reading(msgspec.Struct):
    """What was found. `root` and `namespace` of the first element; `values` by path, each path with
    its texts in order; attributes by `path@name`. `has_bom`: begins with UTF-8's byte order mark.
    """

    root: str = ""
    namespace: str = ""
    values: dict[str, list[str]] = msgspec.field(default_factory=dict)
    has_bom: bool = False

    def first(self, path: str) -> str:
        """The first text at that path; empty where there is none."""
        found = self.values.get(path)
        return found[0] if found else ""


def read_xml(
    data: bytes, wanted: Collection[str], *, tails: Collection[str] = (), skip: Collection[str] = ()
) -> Reading:
    """The texts of `wanted` paths (`NFe/infNFe/ide/mod`, `NFe/infNFe@Id`; the root's name first) and
    of every element named in `tails`, by that name. Elements named in `skip` are passed over with
    all that is in them.

    Raises `Unreadable`: sync.empty, .too_large, .encoding, .entities, .malformed, .too_complex.
    """
    _look_at_bytes(data)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    reader = _Reader(parser, wanted, tails, skip)
    reader.reading.has_bom = data.startswith(_UTF8_BOM)
    try:
        for begin in range(0, len(data), _CHUNK):
            chunk = data[begin : begin + _CHUNK]
            parser.Parse(chunk, False)
            if begin + len(chunk) - parser.CurrentByteIndex > _TOKEN_MAX:
                raise Unreadable("sync.too_complex")
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):
        raise Unreadable("sync.malformed", line=parser.ErrorLineNumber) from None
    return reader.reading


def _look_at_bytes(data: bytes) -> None:
    """What must hold before a parser sees it. All encodings that pass are ASCII where it matters."""
    if len(data) > BYTES_MAX:
        raise Unreadable("sync.too_large", mib=BYTES_MAX // 1024**2)
    if not data.strip():
        raise Unreadable("sync.empty")
    head = data[:4]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"\0" in head and b"<" in head):
        raise Unreadable("sync.encoding", encoding="UTF-16")
    declared = _DECLARED.match(data.removeprefix(_UTF8_BOM)[:300])
    if declared is not None and declared[1].decode("latin-1").lower() not in _ENCODINGS:
        raise Unreadable("sync.encoding", encoding=declared[1].decode("latin-1"))
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Unreadable("sync.entities")


class _Reader:
    """expat's handlers; the one of texts only where a text is wanted."""

    def __init__(
        self,
        parser: expat.XMLParserType,
        wanted: Collection[str],
        tails: Collection[str],
        skip: Collection[str],
    ) -> None:
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        self._parser = parser
        self.reading = Reading()
        self._wanted = frozenset(wanted)
        self._tails = frozenset(tails)
        self._skip = frozenset(skip)
        self._paths: list[str] = []
        self._below_skipped = 0
        self._elements = 0
        self._into: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._elements += 1
        depth = len(self._paths) + self._below_skipped
        if self._elements > ELEMENTS_MAX or depth >= DEPTH_MAX:
            raise Unreadable("sync.too_complex")
        self._parser.CharacterDataHandler = None
        if self._below_skipped:
            self._below_skipped += 1
            return
        namespace, _space, local = name.rpartition(" ")
        if not self._paths:
            self.reading.root, self.reading.namespace = local, namespace
        elif local in self._skip:
            self._below_skipped = 1
            return
        path = f"{self._paths[-1]}/{local}" if self._paths else local
        self._paths.append(path)
        for attribute, value in attributes.items():
            at = f"{path}@{attribute}"
            if at in self._wanted:
                self.reading.values.setdefault(at, []).append(value[:_VALUE_MAX])
        if path in self._wanted:
            self._collect(path)
        elif local in self._tails:
            self._collect(local)

    def end(self, _name: str) -> None:
        """An element ends."""
        self._parser.CharacterDataHandler = None
        if self._below_skipped:
            self._below_skipped -= 1
        else:
            self._paths.pop()

    def text(self, data: str) -> None:
        """Some of an element's text."""
        if self._length < _VALUE_MAX:
            self._into[-1] += data[: _VALUE_MAX - self._length]
            self._length += len(data)

    def _collect(self, at: str) -> None:
        self._into = self.reading.values.setdefault(at, [])
        self._into.append("")
        self._length = 0
        self._parser.CharacterDataHandler = self.text
