"""All that the tables hold of one person: read out, or erased. docs/personal-data.md is its page."""

from __future__ import annotations

import sqlite3

from onvio_agent.contract.status import Situation
from onvio_agent.store import links
from onvio_agent.store.times import from_us

OF_PERSON = {
    "users": "SELECT * FROM users WHERE id = :id",
    "links": "SELECT * FROM links WHERE user_id = :id",
    "tokens": "SELECT * FROM tokens WHERE user_id = :id",
    "revocations": "SELECT * FROM revocations WHERE user_id = :id",
    "retries": "SELECT * FROM retries WHERE key = 'link:' || :id",
    "history": """
SELECT * FROM history WHERE subject = :login AND subject NOT IN ('agent', 'connection', 'intent')
""",
}
"""One person's rows by table; the other tables have none that belong to a user."""

_ERASE = (
    """
DELETE FROM history WHERE subject = :login AND subject NOT IN ('agent', 'connection', 'intent')
""",
    "DELETE FROM retries WHERE key = 'link:' || :id",
    "DELETE FROM links WHERE user_id = :id",
    "DELETE FROM users WHERE id = :id",
    """
UPDATE links SET administrator_confirmed_by = '(erased)' WHERE administrator_confirmed_by = :login
""",
    "UPDATE links SET office_confirmed_by = '(erased)' WHERE office_confirmed_by = :login",
)
_VOUCHED = """
SELECT u.login FROM links AS l JOIN users AS u ON u.id = l.user_id
WHERE u.id <> :id AND :login IN (l.administrator_confirmed_by, l.office_confirmed_by) ORDER BY u.id
"""
_SECRETS = ("sealed",)  # even sealed, a token is nothing to give out
_TIMES = ("at", "not_before")


def everything(db: sqlite3.Connection, user_id: int) -> dict[str, list[dict[str, object]]]:
    """See `Store.person`."""
    who = _who(db, user_id)
    if who is None:
        return {}
    found = {table: _rows(db, select, who) for table, select in OF_PERSON.items()}
    return found | {"vouched_for": [{"login": login} for (login,) in db.execute(_VOUCHED, who)]}


def erase(db: sqlite3.Connection, user_id: int, generation: int) -> bool:
    """See `Store.erase`."""
    user = links.user_of(db, user_id, generation)
    if user is None or user.situation is not Situation.INACTIVE:
        return False
    who = {"id": user_id, "login": user.login}
    for statement in _ERASE:
        db.execute(statement, who)
    return True


def _who(db: sqlite3.Connection, user_id: int) -> dict[str, object] | None:
    user = links.user_of(db, user_id)
    return None if user is None else {"id": user_id, "login": user.login}


def _rows(db: sqlite3.Connection, select: str, who: dict[str, object]) -> list[dict[str, object]]:
    rows = db.execute(select, who)
    columns = [column[0] for column in rows.description]
    return [
        {
            name: _shown(name, value)
            for name, value in zip(columns, row, strict=True)
            if name not in _SECRETS
        }
        for row in rows
    ]


def _shown(column: str, value: object) -> object:
    is_time = column in _TIMES or column.endswith("_at")
    return from_us(value) if is_time and isinstance(value, int) else value
