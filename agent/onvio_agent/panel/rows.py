"""Lists of users as pages show them: found by what is searched for, a page at a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from onvio_agent.contract.status import UserStatus
from onvio_agent.office.model import text_key

ROWS_MAX = 50
"""Of one page: a screen or two, and 100 KB at most."""


class Rows(msgspec.Struct, frozen=True):
    """The page `at` of `pages`, both counted from 1."""

    users: tuple[UserStatus, ...]
    at: int
    pages: int


def found(users: Iterable[UserStatus], search: str) -> list[UserStatus]:
    """Those whose name, login or e-mail has `search` in it."""
    key = text_key(search)
    return [
        user
        for user in users
        if key in text_key(f"{user.name}\n{user.login}\n{user.onvio_email or ''}")
    ]


def page_of(users: Sequence[UserStatus], number: str) -> Rows:
    """That page; the first where `number` is none, the last where there are fewer."""
    pages = max(1, -(-len(users) // ROWS_MAX))
    is_number = number.isascii() and number.isdecimal() and len(number) < 6
    at = min(max(1, int(number)), pages) if is_number else 1
    return Rows(tuple(users[(at - 1) * ROWS_MAX : at * ROWS_MAX]), at, pages)
