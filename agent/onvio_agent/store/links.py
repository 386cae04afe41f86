"""Table `links`: one row for every user, whose account columns are empty while there is no link."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from onvio_agent.contract.status import Role, Situation
from onvio_agent.office.model import Account, Link, Office, OnvioRole, User, Vouched, text_key
from onvio_agent.office.rules import email_taken
from onvio_agent.store.times import from_us, to_us

# A look into a table is six times as quick as a call of the enum, and an office is read often.
_ROLES = {role.value: role for role in Role}
_SITUATIONS = {situation.value: situation for situation in Situation}
_ACCOUNT_ROLES = {role.value: role for role in OnvioRole}

_USERS = """
SELECT u.id, u.login, u.name, u.role, u.situation, u.uses_onvio, u.uses_client_portal,
       l.generation, l.issuer, l.sub, l.email, l.account_name, l.account_role, l.office_cnpj,
       l.confirmed, l.ended, l.administrator_confirmed_by, l.reported_email, l.linked_at,
       l.office_confirmed_by, l.office_confirmed_at, l.expected_email
FROM users AS u JOIN links AS l ON l.user_id = u.id
"""
OFFICE = _USERS + "ORDER BY u.id"
_USER = _USERS + "WHERE u.id = ?"
_INSERT_EMPTY = "INSERT INTO links (user_id, generation, confirmed) VALUES (?, 0, 0)"
_SAVE = """
UPDATE links
SET generation = generation + 1, issuer = ?, sub = ?, email = ?, email_key = ?, account_name = ?,
    account_role = ?, office_cnpj = ?, confirmed = ?, ended = NULL,
    administrator_confirmed_by = ?, office_confirmed_by = ?, office_confirmed_at = ?,
    reported_email = NULL, expected_email = NULL, linked_at = ?
WHERE user_id = ? AND generation = ?
"""
_CLEAR = """
UPDATE links
SET generation = generation + 1, issuer = NULL, sub = NULL, email = NULL, email_key = NULL,
    account_name = NULL, account_role = NULL, office_cnpj = NULL, confirmed = 0, ended = NULL,
    administrator_confirmed_by = NULL, office_confirmed_by = NULL, office_confirmed_at = NULL,
    reported_email = NULL, expected_email = NULL, linked_at = NULL
WHERE user_id = ?
"""
_HOLDER = """
SELECT u.login, u.role FROM links AS l JOIN users AS u ON u.id = l.user_id
WHERE l.user_id <> ? AND (l.email_key = ? OR (l.issuer = ? AND l.sub = ?))
ORDER BY u.id LIMIT 1
"""
_CONFIRM = """
UPDATE links SET confirmed = 1 WHERE user_id = ? AND confirmed = 0
"""
_SET_ENDED = "UPDATE links SET ended = ? WHERE user_id = ? AND ended IS NOT ?"
_END_GENERATION = "UPDATE links SET ended = ?, generation = generation + 1 WHERE user_id = ?"
_SET_VOUCHED = "UPDATE links SET administrator_confirmed_by = ? WHERE user_id = ?"
_SET_ACCOUNT = """
UPDATE links SET account_name = ?, account_role = ?, office_cnpj = ?
WHERE user_id = ? AND (account_name IS NOT ? OR account_role IS NOT ? OR office_cnpj IS NOT ?)
"""
_SET_REPORTED = """
UPDATE links SET reported_email = ? WHERE user_id = ? AND reported_email IS NOT ?
"""
_SET_EXPECTED = """
UPDATE links SET expected_email = ? WHERE user_id = ? AND sub IS NULL AND expected_email IS NOT ?
"""
_PARK_EMAIL = "UPDATE links SET email_key = ? WHERE user_id = ? AND email_key IS NOT NULL"
_TAKE_EMAIL = "UPDATE links SET email = ?, email_key = ?, reported_email = NULL WHERE user_id = ?"


def office(db: sqlite3.Connection) -> Office:
    """All users with their links, in the order in which they were added."""
    return Office(tuple(_user(row) for row in db.execute(OFFICE)))


def insert_empty(db: sqlite3.Connection, user_id: int) -> None:
    """The row of a new user: generation 0, no account."""
    db.execute(_INSERT_EMPTY, (user_id,))


def user_of(db: sqlite3.Connection, user_id: int, generation: int | None = None) -> User | None:
    """That user; None where there is none or, with `generation`, where the link has moved on."""
    row = db.execute(_USER, (user_id,)).fetchone()
    if row is None:
        return None
    user = _user(row)
    return user if generation in (None, user.link.generation) else None


def save(
    db: sqlite3.Connection,
    user_id: int,
    link: Link,
    account: Account,
    *,
    confirmed: bool,
    at: datetime,
) -> None:
    """Puts `account` on the link and raises its generation from the one before `link`'s.

    `Refused('link.email_taken')` where another user's link holds the e-mail or is that person.
    """
    email_key = text_key(account.email)
    vouched = link.office_vouched
    row = (account.issuer, account.sub, account.email, email_key, account.name,
           account.role.value, account.office_cnpj, int(confirmed),
           link.administrator_confirmed_by, vouched.by if vouched else None,
           to_us(vouched.at) if vouched else None, to_us(at), user_id, link.generation - 1)  # fmt: skip
    try:
        db.execute(_SAVE, row)
    except sqlite3.IntegrityError as error:
        wanted = (user_id, email_key, account.issuer, account.sub)
        holder = db.execute(_HOLDER, wanted).fetchone()
        if holder is None:
            raise
        raise email_taken(holder[0], is_manager=holder[1] == Role.MANAGER.value) from error


def clear(db: sqlite3.Connection, user_id: int) -> None:
    """Takes the account off the link; its generation grows, its e-mail is free."""
    db.execute(_CLEAR, (user_id,))


def confirm(db: sqlite3.Connection, user_id: int) -> None:
    """Records S6's confirmation."""
    db.execute(_CONFIRM, (user_id,))


def set_ended(db: sqlite3.Connection, user_id: int, reason: str | None) -> None:
    """Records, or with None takes back, a definitive refusal."""
    db.execute(_SET_ENDED, (reason, user_id, reason))


def end_generation(db: sqlite3.Connection, user_id: int, reason: str) -> None:
    """Ends the link for `reason`; what is still under way for its former generation is void."""
    db.execute(_END_GENERATION, (reason, user_id))


def set_vouched(db: sqlite3.Connection, user_id: int, by_login: str) -> None:
    """Records who vouched for a role that ONVIO did not give."""
    db.execute(_SET_VOUCHED, (by_login, user_id))


def set_account(db: sqlite3.Connection, user_id: int, account: Account) -> None:
    """Name, role and office as ONVIO now gives them."""
    values = (account.name, account.role.value, account.office_cnpj)
    db.execute(_SET_ACCOUNT, (*values, user_id, *values))


def set_reported_email(db: sqlite3.Connection, user_id: int, email: str | None) -> None:
    """Notes an e-mail that ONVIO reports and that is not taken over yet."""
    db.execute(_SET_REPORTED, (email, user_id, email))


def set_expected_email(db: sqlite3.Connection, user_id: int, email: str) -> None:
    """Notes what a list says of somebody who is not linked."""
    db.execute(_SET_EXPECTED, (email, user_id, email))


def take_emails(db: sqlite3.Connection, emails: dict[int, str]) -> None:
    """Takes these e-mails over together: first all give theirs up, so that two may swap."""
    for user_id in emails:
        park_email(db, user_id)
    for user_id, email in emails.items():
        db.execute(_TAKE_EMAIL, (email, text_key(email), user_id))


def park_email(db: sqlite3.Connection, user_id: int) -> None:
    """Lets go of an e-mail, where there is one, within a transaction that will give another."""
    db.execute(_PARK_EMAIL, (f"\0{user_id}", user_id))  # no e-mail begins with NUL


def _user(row: tuple[Any, ...]) -> User:
    (user_id, login, name, role, situation, uses_onvio, uses_client_portal, *link) = row
    return User(
        id=user_id,
        login=login,
        name=name,
        role=_ROLES[role],
        situation=_SITUATIONS[situation],
        uses_onvio=bool(uses_onvio),
        uses_client_portal=bool(uses_client_portal),
        link=_link(*link),
    )


def _link(
    generation: int,
    issuer: str | None,
    sub: str | None,
    email: str | None,
    account_name: str | None,
    account_role: str | None,
    office_cnpj: str | None,
    confirmed: int,
    ended: str | None,
    administrator_confirmed_by: str | None,
    reported_email: str | None,
    linked_at: int | None,
    office_confirmed_by: str | None,
    office_confirmed_at: int | None,
    expected_email: str | None,
) -> Link:
    if issuer is None or sub is None or email is None or account_role is None:
        return Link(generation=generation, expected_email=expected_email)
    account = Account(
        issuer=issuer,
        sub=sub,
        email=email,
        name=account_name,
        role=_ACCOUNT_ROLES[account_role],
        office_cnpj=office_cnpj,
    )
    return Link(
        generation=generation,
        account=account,
        confirmed=bool(confirmed),
        ended=ended,
        administrator_confirmed_by=administrator_confirmed_by,
        office_vouched=_vouched(office_confirmed_by, office_confirmed_at),
        reported_email=reported_email,
        linked_at=from_us(linked_at),
    )


def _vouched(by: str | None, at_us: int | None) -> Vouched | None:
    at = from_us(at_us)
    return Vouched(by, at) if by is not None and at is not None else None
