"""The office's list of users: from the bytes of a file to rows, and to what is wrong with each line.

A spreadsheet writes it: CSV in UTF-8 or Windows-1252, `;` or `,`, the columns in any order. Pure. The
bytes are foreign: bounded first, decoded strictly, and each line is read by itself, so that an open
quotation mark spoils one line and not the rest. Who is in the office already is `user_import`'s.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from onvio_agent.errors import Refused
from onvio_agent.office.user_cells import COLUMNS, Cells, Fault, Row, column_of, plain, read_cells
from onvio_agent.plain_text import clean, cut

FILE_MAX_BYTES = 256 * 1024
"""A thousand lines of 250 bytes; a longer line than that is no person's."""

LINES_MAX = 1000
"""The largest office has some 300 workstations; three users for each."""

LINE_MAX = 2000
"""Characters of a line: more than its cells together may have."""

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF8_PAIR = re.compile(rb"[\xc2\xc3][\x80-\xbf]")  # an accented letter in UTF-8
_LINE_END = re.compile(r"\r\n|\n|\r")
_SEPARATORS = (";", ",")
_IGNORED_MAX = 20  # names of unknown columns that are told


class UserList(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says. `rows` are the good lines, `faults` what is wrong with the others.

    `encoding` is `utf-8` or `windows-1252`; `ignored` are the names of columns that mean nothing here.
    """

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    encoding: str
    separator: str
    ignored: tuple[str, ...]


class _Header(msgspec.Struct, frozen=True):
    """`columns`: for each cell of the first line the column that it names, None for others."""

    separator: str
    columns: tuple[str | None, ...]
    ignored: tuple[str, ...]


def read_list(data: bytes) -> UserList:
    """The users in `data`, in the order of the file.

    Raises `Refused` where the file as a whole is unfit: import.too_large, .encoding, .empty,
    .columns, .column_twice.
    """
    if len(data) > FILE_MAX_BYTES:
        raise too_large()
    text, encoding = _decode(data)
    lines = [(n, line) for n, line in enumerate(_LINE_END.split(text), 1) if line.strip()]
    if not lines:
        raise Refused("import.empty")
    if len(lines) > LINES_MAX + 1:
        raise too_large()
    header = _read_header(lines[0][1])
    rows: list[Row] = []
    faults: list[Fault] = []
    seen = Seen()
    for number, line in lines[1:]:
        row, wrong = _read_line(number, line, header, seen)
        faults += wrong
        rows += [row] if row is not None and not wrong else []
    if not rows and not faults:
        raise Refused("import.empty")
    return UserList(
        rows=tuple(rows),
        faults=tuple(faults),
        encoding=encoding,
        separator=header.separator,
        ignored=header.ignored,
    )


def too_large() -> Refused:
    """The refusal of a file that is not read to its end."""
    return Refused("import.too_large", lines=LINES_MAX, kib=FILE_MAX_BYTES // 1024)


class Seen:
    """Where each login and e-mail of this file stood first."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], int] = {}

    def first(self, column: str, key: str, line: int) -> int:
        """The line in which `key` stood first; `line` where that is here."""
        return self._lines.setdefault((column, key), line)


def _decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding. What is half UTF-8 is refused: half of its names would be wrong."""
    if b"\0" in data.lstrip().partition(b"\n")[0]:  # UTF-16, or no text at all
        raise Refused("import.encoding")
    try:
        return data.removeprefix(_UTF8_BOM).decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if data.startswith(_UTF8_BOM) or _UTF8_PAIR.search(data):
            raise Refused("import.encoding") from None
    try:
        return data.decode("cp1252"), "windows-1252"
    except UnicodeDecodeError:
        raise Refused("import.encoding") from None


def _read_header(line: str) -> _Header:
    """The first line, by the separator under which it names most columns."""
    headers = [_header_by(separator, line) for separator in _SEPARATORS]
    best = max(headers, key=lambda header: sum(name is not None for name in header.columns))
    missing = [name for name in COLUMNS if name not in best.columns]
    if missing:
        raise Refused("import.columns", columns=", ".join(missing))
    twice = [name for name in COLUMNS if best.columns.count(name) > 1]
    if twice:
        raise Refused("import.column_twice", column=twice[0])
    return best


def _header_by(separator: str, line: str) -> _Header:
    cells = (_split(line, separator) or []) if len(line) <= LINE_MAX else []
    names = [plain(cell) for cell in _without_empty_end(cells, 0)]
    columns = tuple(column_of(name) for name in names)
    unknown = [cut(clean(name), 40) for name in names if name and column_of(name) is None]
    return _Header(separator, columns, tuple(unknown[:_IGNORED_MAX]))


def _read_line(
    number: int, line: str, header: _Header, seen: Seen
) -> tuple[Row | None, Sequence[Fault]]:
    """The row, or what is wrong with it; neither for a line of empty cells."""
    if len(line) > LINE_MAX:
        return None, [Fault(number, None, "import.line_too_long", {"most": LINE_MAX})]
    cells = _split(line, header.separator)
    if cells is None:
        return None, [Fault(number, None, "import.quotes")]
    if not any(plain(cell) for cell in cells):
        return None, []
    width = len(header.columns)
    cells = _without_empty_end(cells, width)
    if len(cells) != width:
        counts = {"found": len(cells), "expected": width}
        return None, [Fault(number, None, "import.cells", counts)]
    named = {name: plain(cell) for name, cell in zip(header.columns, cells, strict=True) if name}
    row, wrong = read_cells(number, Cells(**_by_field(named)))
    return row, [*wrong, *_repeated(number, row, seen)]


def _by_field(named: Mapping[str, str]) -> dict[str, str]:
    return {field: named[column] for column, field in COLUMNS.items()}


def _repeated(number: int, row: Row, seen: Seen) -> Iterator[Fault]:
    """A login or e-mail that an earlier line has already; which of them is right nobody knows."""
    for column, value, key in row.unique():
        first = seen.first(column, key, number)
        if first != number:
            code = "import.login_twice" if column == "login" else "import.email_twice"
            yield Fault(number, column, code, {"value": cut(clean(value), 80), "first": first})


def _split(line: str, separator: str) -> list[str] | None:
    """The cells of one line; None where its quotation marks are not in pairs."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True))
    except (csv.Error, StopIteration):
        return None


def _without_empty_end(cells: list[str], least: int) -> list[str]:
    """Spreadsheets fill lines up with empty cells."""
    end = len(cells)
    while end > least and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
