"""One line of the office's user list, cell by cell: what it says, or what is wrong with which cell.

Pure. Sees one line at a time; what a cell shows in a message is cleaned and cut.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

import msgspec

from onvio_agent.office.model import text_key
from onvio_agent.office.rules import EMAIL_MAX, LOGIN_MAX, NAME_MAX, is_email, is_login, is_name
from onvio_agent.plain_text import clean, cut

COLUMNS = {
    "login": "login",
    "nome": "name",
    "perfil": "role",
    "situação": "situation",
    "e-mail": "email",
}
"""The columns by the words of Domínio, and the fields of `Cells`."""

_FORMULA = ("=", "+", "-", "@")  # a spreadsheet would carry it out
_ROLES: dict[str, bool | None] = {"": None, "gerente": True, "usuario": False}
_SITUATIONS: dict[str, bool | None] = {"": None, "ativo": True, "inativo": False}
_SHOWN = 80  # characters of a wrong value that a message repeats


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What a line says of a user. None: its cell is empty and says nothing."""

    line: int
    login: str
    name: str
    manager: bool | None = None
    active: bool | None = None
    email: str | None = None

    def unique(self) -> Iterator[tuple[str, str, str]]:
        """What must be there once: column, value, and the form in which values are compared."""
        if self.login:
            yield "login", self.login, text_key(self.login)
        if self.email:
            yield "e-mail", self.email, text_key(self.email)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line (1 is the first), or is not done of it. `column` None: all of it.

    `code` and `fields` are those of a reason of the catalogue.
    """

    line: int
    column: str | None
    code: str
    fields: Mapping[str, str | int] = {}


class Cells(msgspec.Struct, frozen=True, kw_only=True):
    """The cells of a line, trimmed."""

    login: str
    name: str
    role: str
    situation: str
    email: str


def plain(cell: str) -> str:
    """A cell as it is compared and kept: composed, trimmed, any run of blanks as one space."""
    return " ".join(unicodedata.normalize("NFC", cell).split())


def column_of(name: str) -> str | None:
    """The column that a name in the first line means, written with or without case and accents."""
    key = _word(name)
    return next((column for column in COLUMNS if _word(column) == key), None)


def read_cells(line: int, cells: Cells) -> tuple[Row, list[Fault]]:
    """The row, and its faults in the order of the columns; with any of them the row is not to be used."""
    row = Row(
        line=line,
        login=cells.login,
        name=cells.name,
        manager=_ROLES.get(_bare(cells.role)),
        active=_SITUATIONS.get(_bare(cells.situation)),
        email=cells.email or None,
    )
    found = (
        ("login", _login(cells.login)),
        ("nome", _name(cells.name)),
        ("perfil", _choice(cells.role, _ROLES, "import.perfil")),
        ("situação", _choice(cells.situation, _SITUATIONS, "import.situation")),
        ("e-mail", _email(cells.email)),
    )
    wrong = [Fault(line, column, *why) for column, why in found if why is not None]
    return row, wrong


_Why = tuple[str, dict[str, str | int]] | None


def _login(text: str) -> _Why:
    if why := _text(text, LOGIN_MAX):
        return why
    return None if is_login(text) else ("import.login", _value(text))


def _name(text: str) -> _Why:
    if why := _text(text, NAME_MAX):
        return why
    return None if is_name(text) else ("import.cell_unprintable", {})


def _email(text: str) -> _Why:
    if not text:
        return None
    if why := _text(text, EMAIL_MAX):
        return why
    return None if is_email(text) else ("import.email", _value(text))


def _choice(text: str, choices: Mapping[str, bool | None], code: str) -> _Why:
    if not text.isprintable():
        return "import.cell_unprintable", {}
    return None if _bare(text) in choices else (code, _value(text))


def _text(text: str, most: int) -> _Why:
    """What no cell with a text may be."""
    if not text:
        return "import.cell_empty", {}
    if text.startswith(_FORMULA):
        return "import.formula", {}
    if not text.isprintable():
        return "import.cell_unprintable", {}
    return ("import.cell_too_long", {"most": most}) if len(text) > most else None


def _value(text: str) -> dict[str, str | int]:
    return {"value": cut(clean(text), _SHOWN)}


def _word(text: str) -> str:
    """The letters and digits of a column's name: `E-mail` is `email`."""
    return "".join(char for char in _bare(text) if char.isalnum())


def _bare(text: str) -> str:
    """Without case and accents: `Usuário` is `usuario`."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))
