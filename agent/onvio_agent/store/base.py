"""What the agent keeps, as a protocol: one method, one transaction, nothing remembered in between.

Behind it lies SQLite today and may lie a server's database later. Every write that concerns a link
carries the generation it was made for and does nothing (returns False) when the link has moved on.
Methods raise `StoreFailed` (store.corrupt, .full, .unwritable) and, where they say so, `Refused`;
after a failure nothing of that method has happened, and the next call may succeed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from onvio_agent.contract.status import Intent
from onvio_agent.office.model import Account, Office, User
from onvio_agent.office.user_cells import Row
from onvio_agent.office.user_import import Plan
from onvio_agent.store.sync_base import SyncStore

T = TypeVar("T")


class Exec(Protocol):
    """Runs blocking work away from the event loop, one piece at a time, in order."""

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, or its exception. Once called, `work` is done even if the caller
        is cancelled."""

    async def run_blocking(self, work: Callable[[], T], timeout_s: float) -> T:
        """The same, out of order and given up with TimeoutError: for calls that may wait for a
        person."""


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """One link's sealed tokens as stored. `serial` grows with each stored successor.

    `refresh_started_at` is set from before a refresh is first sent until its answer is stored or refused.
    """

    user_id: int
    generation: int
    serial: int
    sealed: bytes
    refresh_started_at: datetime | None = None


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """Sealed tokens that ONVIO must still be told to forget.

    `row` is the name under which the vault sealed them: a link's own `tokens_row`, whose tokens were
    moved here as they were, or `revocation_row`.
    """

    id: int
    user_id: int
    sealed: bytes
    row: str
    queued_at: datetime
    attempts: int = 0


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """A promise to wait, kept across restarts.

    `key` is `api`, `auth`, `connection` or `link:<user id>`; `not_before` and `set_at` are wall
    times, which give the whole wait; `set_mono` is when it began on the clock that cannot be set
    (seconds, of the machine's own run), None where unknown.
    """

    key: str
    failures: int
    reason: str | None
    not_before: datetime
    set_at: datetime
    set_mono: float | None = None


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One change of state, for the history. `subject` is `connection`, `agent` or a login.

    `duration_s`: how long the former state had lasted, None where unknown.
    """

    at: datetime
    subject: str
    before: str
    after: str
    reason: str | None
    duration_s: float | None


class ManagerPassword(msgspec.Struct, frozen=True, kw_only=True):
    """The Gerente's password in this agent: an argon2id hash, and the wrong tries since."""

    hashed: str
    failures: int = 0
    locked_until: datetime | None = None


class VaultKey(msgspec.Struct, frozen=True, kw_only=True):
    """Which key seals the tokens: `kind` is `keyring` or `file`, chosen once."""

    kind: str
    key_id: str


def tokens_row(user_id: int, generation: int) -> str:
    """The name under which a link's tokens are sealed."""
    return f"tokens:{user_id}:{generation}"


def revocation_row(user_id: int) -> str:
    """The name under which a refresh token is sealed that goes straight to the queue."""
    return f"revocations:{user_id}"


class Store(Protocol):
    """See the module docstring."""

    async def close(self) -> None: ...

    @property
    def sync(self) -> SyncStore:
        """Fiscal documents on their way, in the same file."""

    # -- people
    async def office(self) -> Office: ...
    async def add_user(self, user: User, *, at: datetime) -> User:
        """Saves with a new id and generation 0; `Refused('user.exists')` when the login is taken,
        `Refused('manager.exists')` for a second active Gerente."""

    async def import_users(self, rows: Sequence[Row], *, skip_bad: bool, at: datetime) -> Plan:
        """Plans `rows` by `office.user_import.plan` on what is stored and does it: new users, new
        names and e-mails in one step, or nothing where the plan has faults, unless `skip_bad`."""

    async def rename(self, user_id: int, name: str, *, at: datetime) -> bool:
        """False where there is no such user, or the name is theirs already."""

    async def save_link(
        self, user_id: int, generation: int, user: User, sealed: bytes | None, *, at: datetime
    ) -> bool:
        """A new link in one step: `user.link` (its generation is `generation + 1`) and its sealed
        tokens replace the old, whose sealed tokens go to the revocation queue. Sets *Utiliza
        ONVIO*. The portal confirmation and its tick are the stored ones where it is the same
        (issuer, sub), off for any other; `linked_at` is `at`, nothing is ended or reported.
        False when the stored generation is not `generation` or the user is inactive.
        `Refused('link.email_taken', login=…)` by constraint, for e-mail and (issuer, sub)."""

    async def confirm_portal(self, user_id: int, generation: int, *, at: datetime) -> bool:
        """Records S6's confirmation and sets *Utiliza Portal do Cliente*."""

    async def end_link(
        self, user_id: int, generation: int, reason: str, *, keep_tokens: bool
    ) -> bool:
        """Records a definitive refusal; `keep_tokens=False` erases the tokens (ONVIO has
        already refused them, so they are not queued for revocation), True closes an open
        refresh. False when there is no such link any more."""

    async def reopen_link(self, user_id: int, generation: int) -> bool:
        """Takes back an `ended` that ONVIO has lifted. False when there is no such link any more."""

    async def inactivate(
        self, user_id: int, generation: int, successor_id: int | None, *, at: datetime
    ) -> bool:
        """Inactive, unlinked, both ticks off, generation + 1, e-mail free, tokens queued for
        revocation, the role handed to `successor_id` where given: one transaction. False when
        the link has moved on, a successor is given for somebody who is not (or no longer) the
        Gerente, or the successor cannot take over; `Refused('manager.only')` for the Gerente
        without a successor."""

    async def activate(self, user_id: int, *, at: datetime) -> bool:
        """Active again, unlinked, generation + 1. False when the user is not inactive."""

    async def promote(self, user_id: int, confirmed_by: str | None = None, *, at: datetime) -> bool:
        """The role moves to `user_id` in one step; no generation changes. `confirmed_by`: the login
        of the person who vouched for an administrator whom ONVIO does not name so. False when that
        user is the Gerente already or has no link that stands (active, linked, confirmed, not
        ended)."""

    async def update_account(
        self, user_id: int, generation: int, account: Account, *, at: datetime
    ) -> bool:
        """Name, role and office as ONVIO now gives them (never e-mail, issuer or sub); another name
        goes into the history. True when the link is still of that generation, changed or not."""

    async def report_email(
        self, user_id: int, generation: int, email: str | None, *, at: datetime
    ) -> dict[int, str]:
        """Notes the e-mail that ONVIO reports (None: none pending), settles all pending ones by
        `office.emails.settle`, and returns those taken over: user ids and e-mails (empty also
        when the link has moved on). What is taken over, or cannot be, goes into the history."""

    async def person(self, user_id: int) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """All rows that are this user's, by table and column, without what is sealed; and, as
        `vouched_for`, the logins that the user has vouched for. Empty where there is no such user."""

    async def erase(self, user_id: int, generation: int) -> bool:
        """The user, link, waits and history are gone, overwritten in the file; where others' links
        name the user as their voucher, nobody is named. Tokens that wait for revocation stay, by
        number. False, with nothing changed, where the user is active or the link has moved on."""

    # -- tokens
    async def tokens(self, user_id: int, generation: int) -> Tokens | None: ...
    async def start_refresh(
        self, user_id: int, generation: int, serial: int, *, at: datetime
    ) -> bool: ...
    async def store_refreshed(
        self,
        user_id: int,
        generation: int,
        serial: int,
        sealed: bytes,
        orphan: bytes | None,
        *,
        at: datetime,
    ) -> bool:
        """Stores the successor as `serial + 1`. Where generation or serial has moved on, nothing is
        replaced, `orphan` (the new refresh token, sealed as `revocation_row(user_id)`) is queued
        for revocation, and False is returned."""

    # -- revocations
    async def end_sessions(self, *, at: datetime) -> Sequence[User]:
        """Every link that holds an account ends with `link.session_ended` (one that had ended before
        keeps its reason where it held no tokens), its generation grows, its tokens are queued for
        revocation, in one step. Account, e-mail and confirmation stay. Those users, as they were."""

    async def revocations_waiting(self) -> int:
        """How many are queued."""

    async def revocations(self, limit: int) -> Sequence[Revocation]:
        """Those tried least come first, else in the order in which they were queued."""

    async def queue_revocation(self, user_id: int, sealed: bytes, *, at: datetime) -> None:
        """`sealed` as `revocation_row(user_id)`."""

    async def revocation_done(self, revocation_id: int) -> None: ...
    async def revocation_failed(self, revocation_id: int) -> None: ...

    # -- small state
    async def intent(self) -> Intent: ...
    async def intent_set_at(self) -> datetime | None: ...
    async def set_intent(self, intent: Intent, *, at: datetime) -> None: ...
    async def retries(self) -> Sequence[Retry]: ...
    async def set_retry(self, retry: Retry) -> None: ...
    async def clear_retry(self, key: str) -> None: ...
    async def manager_password(self) -> ManagerPassword | None: ...
    async def set_manager_password(self, password: ManagerPassword) -> None: ...
    async def vault_key(self) -> VaultKey | None: ...
    async def set_vault_key(self, key: VaultKey) -> VaultKey:
        """Records the key unless one is recorded already; returns the recorded one."""

    async def reseal(
        self, old: VaultKey, new: VaultKey, again: Callable[[bytes, str], bytes]
    ) -> bool:
        """Records `new` in place of `old`, with `again(sealed, row)` in place of each sealed value, in one
        step. False, with nothing changed, where `old` is not the recorded one."""

    async def replace_vault_key(self, old: VaultKey, new: VaultKey) -> VaultKey:
        """Records `new` where `old` is recorded (a person gave the old one up); returns the
        recorded one."""

    async def corrupt_at(self) -> datetime | None:
        """When a damaged file was set aside in favour of this one; None once acknowledged."""

    async def acknowledge_corrupt(self) -> None:
        """Somebody has run setup again: the damage need not be shown any more."""

    # -- history
    async def add_transitions(self, transitions: Sequence[Transition]) -> None:
        """In order; those of a login that is nobody's are left out (erased meanwhile)."""

    async def history(
        self,
        *,
        subject: str | None,
        since: datetime | None,
        until: datetime | None = None,
        limit: int,
    ) -> Sequence[Transition]:
        """Newest first, from `since` on and before `until`."""

    async def prune_history(self, before: datetime, batch: int) -> int:
        """Drops at most `batch` rows older than `before`; returns how many."""
