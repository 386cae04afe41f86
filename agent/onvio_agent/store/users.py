"""Table `users`: the Domínio users of this office, their role, situation and the two ticks."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import msgspec

from onvio_agent.contract.status import Role, Situation
from onvio_agent.errors import Refused
from onvio_agent.office.model import Link, User, text_key
from onvio_agent.store.times import to_us

_INSERT = """
INSERT INTO users (login, login_key, name, role, situation, uses_onvio, uses_client_portal,
                   added_at, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LOGIN_BY_KEY = "SELECT login FROM users WHERE login_key = ?"
_MANAGER = "SELECT id, login FROM users WHERE role = 'manager' AND situation = 'active'"
_SET_TICKS = """
UPDATE users SET uses_onvio = ?, uses_client_portal = ?, changed_at = ?
WHERE id = ? AND (uses_onvio <> ? OR uses_client_portal <> ?)
"""
_SET_INACTIVE = """
UPDATE users SET situation = 'inactive', role = 'standard', uses_onvio = 0, uses_client_portal = 0,
                 changed_at = ?
WHERE id = ? AND situation = 'active'
"""
_SET_ACTIVE = """
UPDATE users SET situation = 'active', changed_at = ? WHERE id = ? AND situation = 'inactive'
"""
_RENAME = "UPDATE users SET name = ?, changed_at = ? WHERE id = ? AND name <> ?"
_DEMOTE_ALL = "UPDATE users SET role = 'standard', changed_at = ? WHERE role = 'manager'"
_PROMOTE = "UPDATE users SET role = 'manager', changed_at = ? WHERE id = ? AND situation = 'active'"


def insert(db: sqlite3.Connection, user: User, at: datetime) -> User:
    """`user` with its new id and no link; `Refused` with user.exists or manager.exists."""
    at_us = to_us(at)
    row = (user.login, text_key(user.login), user.name, user.role.value, user.situation.value,
           int(user.uses_onvio), int(user.uses_client_portal), at_us, at_us)  # fmt: skip
    try:
        new_id = db.execute(_INSERT, row).lastrowid
    except sqlite3.IntegrityError as error:
        raise _why_not(db, user, error) from error
    return msgspec.structs.replace(user, id=int(new_id or 0), link=Link())


def _why_not(
    db: sqlite3.Connection, user: User, error: sqlite3.IntegrityError
) -> Refused | sqlite3.IntegrityError:
    taken = db.execute(_LOGIN_BY_KEY, (text_key(user.login),)).fetchone()
    if taken is not None:
        return Refused("user.exists", login=taken[0])
    manager = db.execute(_MANAGER).fetchone()
    if manager is not None and user.role is Role.MANAGER and user.situation is Situation.ACTIVE:
        return Refused("manager.exists", login=manager[1])
    return error


def manager_id(db: sqlite3.Connection) -> int | None:
    """The id of the active Gerente."""
    row = db.execute(_MANAGER).fetchone()
    return None if row is None else int(row[0])


def is_active(db: sqlite3.Connection, user_id: int) -> bool:
    """Whether there is such a user, with *Ativo*."""
    sql = "SELECT 1 FROM users WHERE id = ? AND situation = 'active'"
    return db.execute(sql, (user_id,)).fetchone() is not None


def set_ticks(
    db: sqlite3.Connection, user_id: int, *, onvio: bool, portal: bool, at: datetime
) -> None:
    """Sets *Utiliza ONVIO* and *Utiliza Portal do Cliente*."""
    values = (int(onvio), int(portal))
    db.execute(_SET_TICKS, (*values, to_us(at), user_id, *values))


def set_inactive(db: sqlite3.Connection, user_id: int, at: datetime) -> bool:
    """*Inativo*, without role and ticks; False where the user is not active."""
    return db.execute(_SET_INACTIVE, (to_us(at), user_id)).rowcount == 1


def set_active(db: sqlite3.Connection, user_id: int, at: datetime) -> bool:
    """*Ativo*; False where the user is not inactive."""
    return db.execute(_SET_ACTIVE, (to_us(at), user_id)).rowcount == 1


def rename(db: sqlite3.Connection, user_id: int, name: str, at: datetime) -> bool:
    """Gives the user another name; False where it is theirs already, or there is no such user."""
    return db.execute(_RENAME, (name, to_us(at), user_id, name)).rowcount == 1


def hand_over(db: sqlite3.Connection, user_id: int, at: datetime) -> bool:
    """Makes `user_id` the one Gerente; False, with nobody demoted, where that user is not active."""
    if not is_active(db, user_id):
        return False
    db.execute(_DEMOTE_ALL, (to_us(at),))
    db.execute(_PROMOTE, (to_us(at), user_id))
    return True
