"""What concerns a user, a link and its tokens at once: the body of one transaction each.

Each first looks whether the link is still the one that was meant, and returns False where it is not.
They guard what must hold whatever else happens; who may ask for it is decided by `office.rules`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import msgspec

from onvio_agent.contract.status import LinkState, Situation
from onvio_agent.errors import Refused
from onvio_agent.office import rules
from onvio_agent.office.emails import freed_for, settle
from onvio_agent.office.model import Account, Office, User
from onvio_agent.office.user_cells import Row
from onvio_agent.office.user_import import Plan, plan
from onvio_agent.store import history, links, revocations, tokens, users
from onvio_agent.store.base import Transition

_SESSION_ENDED = "link.session_ended"


def add_user(db: sqlite3.Connection, user: User, at: datetime) -> User:
    """See `Store.add_user`."""
    saved = users.insert(db, user, at)
    links.insert_empty(db, saved.id)
    return saved


def import_users(db: sqlite3.Connection, rows: Sequence[Row], skip_bad: bool, at: datetime) -> Plan:
    """See `Store.import_users`."""
    made = plan(links.office(db), rows)
    if made.faults and not skip_bad:
        return made
    for step in made.steps:
        if step.user is None:
            situation = Situation.INACTIVE if step.row.active is False else Situation.ACTIVE
            new = User(id=0, login=step.row.login, name=step.row.name, situation=situation)
            user_id = add_user(db, new, at).id
        else:
            user_id = step.user.id
            users.rename(db, user_id, step.row.name, at)
        if step.email is not None:
            links.set_expected_email(db, user_id, step.email)
    return made


def save_link(
    db: sqlite3.Connection,
    user_id: int,
    generation: int,
    user: User,
    sealed: bytes | None,
    at: datetime,
) -> bool:
    """See `Store.save_link`."""
    account = user.link.account
    if account is None:
        raise ValueError("a link to save names an account")
    stored = links.user_of(db, user_id, generation)
    if stored is None or stored.situation is Situation.INACTIVE:
        return False
    confirmed = stored.link.confirmed and _same_person(stored.link.account, account)
    _retire_tokens(db, user_id, at)
    office = links.office(db)
    freed = freed_for(office, user_id, account.email)
    if freed:
        links.park_email(db, user_id)
        _take_over(db, office, freed, at)
    link = msgspec.structs.replace(user.link, generation=generation + 1)
    links.save(db, user_id, link, account, confirmed=confirmed, at=at)
    if sealed is not None:
        tokens.insert(db, user_id, generation + 1, sealed, at)
    users.set_ticks(db, user_id, onvio=True, portal=confirmed, at=at)
    return True


def confirm_portal(db: sqlite3.Connection, user_id: int, generation: int, at: datetime) -> bool:
    """See `Store.confirm_portal`."""
    if not _is_linked(db, user_id, generation):
        return False
    links.confirm(db, user_id)
    users.set_ticks(db, user_id, onvio=True, portal=True, at=at)
    return True


def end_link(
    db: sqlite3.Connection, user_id: int, generation: int, reason: str, *, keep_tokens: bool
) -> bool:
    """See `Store.end_link`."""
    if not _is_linked(db, user_id, generation):
        return False
    links.set_ended(db, user_id, reason)
    if keep_tokens:
        tokens.close_refresh(db, user_id)
    else:
        tokens.retire(db, user_id)
    return True


def reopen_link(db: sqlite3.Connection, user_id: int, generation: int) -> bool:
    """See `Store.reopen_link`."""
    if not _is_linked(db, user_id, generation):
        return False
    links.set_ended(db, user_id, None)
    return True


def inactivate(
    db: sqlite3.Connection, user_id: int, generation: int, successor_id: int | None, at: datetime
) -> bool:
    """See `Store.inactivate`."""
    stored = links.user_of(db, user_id, generation)
    if stored is None or stored.situation is Situation.INACTIVE:
        return False
    if successor_id is None and stored.is_manager:
        raise Refused("manager.only")
    if successor_id is not None and not (stored.is_manager and promote(db, successor_id, None, at)):
        return False
    _retire_tokens(db, user_id, at)
    links.clear(db, user_id)
    return users.set_inactive(db, user_id, at)


def end_sessions(db: sqlite3.Connection, at: datetime) -> Sequence[User]:
    """See `Store.end_sessions`."""
    linked = [user for user in links.office(db).users if user.link.account is not None]
    for user in linked:
        held = _retire_tokens(db, user.id, at)
        reason = _SESSION_ENDED if held or user.link.ended is None else user.link.ended
        links.end_generation(db, user.id, reason)
    return linked


def activate(db: sqlite3.Connection, user_id: int, at: datetime) -> bool:
    """See `Store.activate`."""
    if not users.set_active(db, user_id, at):
        return False
    links.clear(db, user_id)
    return True


def promote(db: sqlite3.Connection, user_id: int, confirmed_by: str | None, at: datetime) -> bool:
    """See `Store.promote`."""
    user = links.user_of(db, user_id)
    if user is None or user.is_manager or rules.standing(user) is not LinkState.VALID:
        return False
    links.set_ended(db, user_id, None)  # what ended his earlier time as Gerente is over
    if confirmed_by is not None:
        links.set_vouched(db, user_id, confirmed_by)
    return users.hand_over(db, user_id, at)


def update_account(
    db: sqlite3.Connection, user_id: int, generation: int, account: Account, at: datetime
) -> bool:
    """See `Store.update_account`."""
    user = links.user_of(db, user_id, generation)
    if user is None or user.link.account is None:
        return False
    former = user.link.account
    links.set_account(db, user_id, account)
    if account.name != former.name:
        _remember(db, user, former.name, account.name, "link.name_changed", at)
    return True


def report_email(
    db: sqlite3.Connection, user_id: int, generation: int, email: str | None, at: datetime
) -> dict[int, str]:
    """See `Store.report_email`."""
    user = links.user_of(db, user_id, generation)
    if user is None or user.link.account is None:
        return {}
    held = user.link.account.email
    reported = None if email == held else email
    links.set_reported_email(db, user_id, reported)
    office = links.office(db)
    taken = settle(office)
    _take_over(db, office, taken, at)
    if reported not in (None, user.link.reported_email) and user_id not in taken:
        _remember(db, user, held, reported, "link.email_collides", at)
    return taken


def _take_over(db: sqlite3.Connection, office: Office, taken: dict[int, str], at: datetime) -> None:
    """E-mails that were changed at ONVIO, in one step."""
    links.take_emails(db, taken)
    for user in office.users:
        if user.id in taken and user.link.account is not None:
            former = user.link.account.email
            _remember(db, user, former, taken[user.id], "link.email_changed", at)


def _remember(
    db: sqlite3.Connection,
    user: User,
    before: str | None,
    after: str | None,
    reason: str,
    at: datetime,
) -> None:
    """What has changed at ONVIO, for the history."""
    change = Transition(
        at=at,
        subject=user.login,
        before=before or "",
        after=after or "",
        reason=reason,
        duration_s=None,
    )
    history.add(db, [change])


def store_refreshed(
    db: sqlite3.Connection,
    user_id: int,
    generation: int,
    serial: int,
    sealed: bytes,
    orphan: tuple[bytes, str] | None,
    at: datetime,
) -> bool:
    """See `Store.store_refreshed`; `orphan` comes with the row name it was sealed for."""
    if tokens.replace(db, user_id, generation, serial, sealed, at):
        return True
    if orphan is not None:
        revocations.queue(db, user_id, *orphan, at)
    return False


def _retire_tokens(db: sqlite3.Connection, user_id: int, at: datetime) -> bool:
    """Whether there were any."""
    retired = tokens.retire(db, user_id)
    if retired is not None:
        revocations.queue(db, user_id, *retired, at)
    return retired is not None


def _is_linked(db: sqlite3.Connection, user_id: int, generation: int) -> bool:
    user = links.user_of(db, user_id, generation)
    return user is not None and user.link.account is not None


def _same_person(former: Account | None, account: Account) -> bool:
    return former is not None and (former.issuer, former.sub) == (account.issuer, account.sub)
