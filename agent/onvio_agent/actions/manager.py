"""The *senha do Gerente neste agente*: set it, prove it, and slow a guesser down.

It protects against a colleague at the same desk, not against the owner of the OS account, who can
reset it (docs/security.md). It is not the Domínio password and not the ONVIO one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from onvio_agent.actions.desk import Desk
from onvio_agent.errors import Refused, WrongUsage
from onvio_agent.office.model import User, text_key
from onvio_agent.store.base import Exec, ManagerPassword, Store

TRIES = 5
"""Wrong passwords before the first pause."""

_PAUSE_FIRST_S = 30
_PAUSE_MAX_S = 3600
_MEMORY_KIB = 19 * 1024  # OWASP's least for argon2id with two passes
_PASSES = 2
_LEAST_CHARACTERS = 8


def check_new_password(password: str) -> None:
    """Refuse one that is too short to be worth a hash."""
    if len(password) < _LEAST_CHARACTERS:
        raise WrongUsage("password.too_short", least=_LEAST_CHARACTERS)


async def set_password(store: Store, exec_: Exec, password: str) -> None:
    """Save the hash of a new password and forget earlier wrong tries."""
    check_new_password(password)
    hashed = await exec_.run(lambda: _hash(password))
    await store.set_manager_password(ManagerPassword(hashed=hashed))


async def sign_in(desk: Desk, login: str, password: str) -> str:
    """A new session's token; `Refused` with manager.wrong_password or manager.locked."""
    async with desk.password_turn:  # tries in parallel must not count as one
        manager = await _prove(desk, login, password)
        desk.log.info("session.opened", user=manager.login)
        return desk.sessions.open()


async def _prove(desk: Desk, login: str, password: str) -> User:
    stored = await desk.store.manager_password()
    if desk.hub.office.manager is None or stored is None:
        raise Refused("manager.missing")
    wait_s = _wait_s(stored, desk.clock.wall())
    if wait_s > 0:
        raise Refused("manager.locked", wait_s=wait_s)
    right = await desk.exec.run(lambda: _matches(stored.hashed, password))
    manager = desk.hub.office.manager  # by now: the role may have been handed over meanwhile
    if not right or manager is None or text_key(login) != text_key(manager.login):
        await desk.store.set_manager_password(_one_more_failure(stored, desk.clock.wall()))
        desk.log.warning("session.refused", user=login)
        raise Refused("manager.wrong_password")
    if stored.failures:
        await desk.store.set_manager_password(ManagerPassword(hashed=stored.hashed))
    return manager


def _one_more_failure(stored: ManagerPassword, now: datetime) -> ManagerPassword:
    failures = stored.failures + 1
    beyond = failures - TRIES
    locked_until = None
    if beyond >= 0:
        pause_s = min(_PAUSE_MAX_S, _PAUSE_FIRST_S * 2 ** min(beyond, 10))
        locked_until = now + timedelta(seconds=pause_s)
    return msgspec.structs.replace(stored, failures=failures, locked_until=locked_until)


def _wait_s(stored: ManagerPassword, now: datetime) -> int:
    """Seconds still to wait; a clock that was set back cannot lock for longer than the maximum."""
    if stored.locked_until is None:
        return 0
    left_s = (stored.locked_until - now).total_seconds()
    return 0 if left_s <= 0 else min(int(left_s) + 1, _PAUSE_MAX_S)


def _hash(password: str) -> str:
    from argon2 import PasswordHasher  # on use: 10 ms and a C library

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1).hash(password)


def _matches(hashed: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return PasswordHasher().verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False
