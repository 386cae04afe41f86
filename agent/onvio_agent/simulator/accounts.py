"""The simulated ONVIO accounts: who exists, who may sign in, and what changes about them.

Why: every account state that an office meets has to be producible at will.
It must not know HTTP or tokens.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import Enum
from hashlib import sha256

import msgspec
from msgspec import UNSET, UnsetType

from onvio_agent.simulator.seed import (
    AccountState,
    Office,
    Role,
    SecondFactor,
    SeedAccount,
    Unknown,
)

# A just reset or just activated account refuses its right password for this long.
SETTLE_S: dict[str, float] = {"reset": 180.0, "new": 420.0}
# A brute-force block ends by itself after this long; a change of the account lifts it at once.
BLOCK_S = 900.0


class Account(msgspec.Struct):
    """One account as it is now."""

    sub: str
    email: str
    password: str
    name: str
    role: Role | None
    state: AccountState
    second_factor: SecondFactor | None
    office: Office | Unknown | None
    state_since: float
    updated_at: float
    wrong_passwords: int = 0
    wrong_at: float = 0.0
    wrong_codes: int = 0
    wrong_code_at: float = 0.0
    recovery_codes_used: int = 0

    def is_settling(self, now: float) -> bool:
        """Whether a reset or a first activation has not reached every server yet."""
        return now < self.state_since + SETTLE_S.get(self.state, 0.0)


class AccountPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any field of a seed account, or `sub`: the mailbox then answers as another person. Fields that are
    left out stay as they are."""

    sub: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    role: Role | UnsetType | None = UNSET
    state: AccountState | UnsetType = UNSET
    second_factor: SecondFactor | UnsetType | None = UNSET
    office: Office | Unknown | UnsetType | None = UNSET


class SignIn(Enum):
    """How an attempt with e-mail and password ends."""

    OK = "ok"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    DISABLED = "disabled"


class UnknownAccount(LookupError):
    """No account has this e-mail."""


class EmailTaken(ValueError):
    """Another account has this e-mail."""


class Accounts:
    """All accounts, found by e-mail (without case) or by sub."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_sub = {account.sub: account for account in accounts}
        self._by_email = {_fold(account.email): account for account in self._by_sub.values()}

    @classmethod
    def from_seed(cls, seeds: Iterable[SeedAccount], now: float) -> Accounts:
        """The accounts of a seed, all set up at `now`."""
        return cls(_create(seed, now) for seed in seeds)

    def everyone(self) -> list[Account]:
        """All accounts, in the order in which they were made."""
        return list(self._by_sub.values())

    def by_sub(self, sub: str) -> Account | None:
        """The account with this sub."""
        return self._by_sub.get(sub)

    def by_email(self, email: str) -> Account | None:
        """The account that has this e-mail now."""
        return self._by_email.get(_fold(email))

    def sign_in(self, account: Account, password: str, now: float, limit: int | None) -> SignIn:
        """Try a password. Wrong ones are counted up to `limit` (None: never blocked)."""
        if now >= account.wrong_at + BLOCK_S:
            account.wrong_passwords = 0
        if limit is not None and account.wrong_passwords >= limit:
            return SignIn.TOO_MANY
        if password != account.password:
            account.wrong_passwords += 1
            account.wrong_at = now
            return SignIn.WRONG
        account.wrong_passwords = 0
        if account.state == "disabled":
            return SignIn.DISABLED
        return SignIn.WRONG if account.is_settling(now) else SignIn.OK

    def patch(self, email: str, change: AccountPatch, now: float) -> Account:
        """Change an account. Raises UnknownAccount, EmailTaken."""
        account = self.by_email(email)
        if account is None:
            raise UnknownAccount(email)
        if change.email is not UNSET:
            self._rename(account, change.email)
        if change.sub is not UNSET:
            self._reassign(account, change.sub)
        for field in ("password", "name", "role", "second_factor", "office", "state"):
            value = getattr(change, field)
            if value is not UNSET:
                setattr(account, field, value)
        if change.state is not UNSET:
            account.state_since = now
        account.updated_at = now
        account.wrong_passwords = account.wrong_codes = 0
        return account

    def _rename(self, account: Account, email: str) -> None:
        holder = self.by_email(email)
        if holder is not None and holder is not account:
            raise EmailTaken(email)
        del self._by_email[_fold(account.email)]
        account.email = email
        self._by_email[_fold(email)] = account

    def _reassign(self, account: Account, sub: str) -> None:
        if self._by_sub.get(sub, account) is not account:
            raise ValueError("another account has this `sub`")
        del self._by_sub[account.sub]
        account.sub = sub
        self._by_sub[sub] = account


def _create(seed: SeedAccount, now: float) -> Account:
    sub = "auth0|" + sha256(_fold(seed.email).encode()).hexdigest()[:24]
    return Account(
        sub=sub,
        email=seed.email,
        password=seed.password,
        name=seed.name,
        role=seed.role,
        state=seed.state,
        second_factor=seed.second_factor,
        office=seed.office,
        state_since=now,
        updated_at=now,
    )


def _fold(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).casefold()
