"""Access and refresh tokens: rotation, leeway, detection of reuse, revocation.

Why: whether a link survives depends on these rules, so they are modelled strictly.
It must not know accounts (only subs) or HTTP.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import msgspec

# Retired refresh tokens that a family remembers; older ones count as unknown.
REMEMBERED = 200
_ACCESS_SHAPE = re.compile(r"at\.[0-9a-f]{32}")


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    """How refresh tokens are exchanged. `leeway_s`: how long a retired one may come again.

    `session_s`: when a session that begins now ends for good, however often it is renewed; its
    answers say so. None: never.
    """

    leeway_s: float = 0.0
    enabled: bool = True
    session_s: float | None = None


class Family(msgspec.Struct):
    """A chain of refresh tokens that began with one sign-in. `retired`: token to when (s).

    `second_factor`: whether the person gave one then. `ends_at`: when it ends for good (s).
    """

    id: str
    sub: str
    scope: str
    current: str
    second_factor: bool = False
    ends_at: float | None = None
    retired: dict[str, float] = msgspec.field(default_factory=dict)


class Access(msgspec.Struct):
    """One access token. `family` is empty where no refresh token was asked for."""

    sub: str
    family: str
    scope: str
    expires_at: float


class Grant(msgspec.Struct, frozen=True):
    """What one token request gave. `refresh` is None where none is returned; `session_s`: how long
    the session will live yet, None where it has no end."""

    sub: str
    access: str
    refresh: str | None
    scope: str
    expires_in_s: int
    session_s: int | None = None


class TokenState(msgspec.Struct):
    """The part that survives a restart of the simulator."""

    families: dict[str, Family] = msgspec.field(default_factory=dict)
    access: dict[str, Access] = msgspec.field(default_factory=dict)
    rotation: Rotation = msgspec.field(default_factory=Rotation)


class Tokens:
    """All tokens that are alive, and the retired ones of living families."""

    def __init__(self, state: TokenState, rng: random.Random) -> None:
        self.state = state
        self._rng = rng
        self._family_of: dict[str, str] = {}
        for family in state.families.values():
            for token in (*family.retired, family.current):
                self._family_of[token] = family.id

    def open(
        self,
        sub: str,
        scope: str,
        now: float,
        expires_in_s: int,
        *,
        second_factor: bool = False,
    ) -> Grant:
        """Tokens for a new sign-in; a refresh token only with the scope offline_access."""
        if "offline_access" not in scope.split():
            return self._issue(sub, "", scope, None, now, expires_in_s)
        lives_s = self.state.rotation.session_s
        ends_at = None if lives_s is None else now + lives_s
        family = Family(self._hex(), sub, scope, self._new_refresh(), second_factor, ends_at)
        self.state.families[family.id] = family
        self._family_of[family.current] = family.id
        return self._issue(sub, family.id, scope, family.current, now, expires_in_s)

    def owner(self, refresh: str) -> str | None:
        """The sub that a known refresh token belongs to, retired or not."""
        family = self._family(refresh)
        return family.sub if family else None

    def has_second_factor(self, refresh: str) -> bool:
        """Whether the sign-in that this token comes from had a second factor."""
        family = self._family(refresh)
        return family is not None and family.second_factor

    def exchange(self, refresh: str, now: float, expires_in_s: int) -> Grant | None:
        """Spend a refresh token. None: it is unknown, or it is reused and its family ends."""
        family = self._family(refresh)
        if family is None:
            return None
        if family.ends_at is not None and now >= family.ends_at:
            self.revoke_family(family.id)
            return None
        if refresh != family.current and not self._within_leeway(family, refresh, now):
            self.revoke_family(family.id)
            return None
        given = self._rotate(family, now) if self.state.rotation.enabled else None
        return self._issue(family.sub, family.id, family.scope, given, now, expires_in_s)

    def find_access(self, token: str) -> Access | None:
        """The access token's record, expired or not; None where unknown or revoked."""
        return self.state.access.get(token)

    def revoke_token(self, token: str) -> None:
        """RFC 7009: a refresh token ends its family, an access token itself. Unknown: nothing."""
        family = self._family(token)
        if family is not None:
            self.revoke_family(family.id)
        self.state.access.pop(token, None)

    def revoke_family(self, family_id: str) -> None:
        """End every refresh and access token that came from one sign-in."""
        self._forget(self.state.families[family_id])
        self._drop_access(lambda access: access.family == family_id)

    def revoke_sub(self, sub: str, *, refresh: bool = True, access: bool = True) -> None:
        """End all tokens of one account, or only those of one kind."""
        if refresh:
            for family in [f for f in self.state.families.values() if f.sub == sub]:
                self._forget(family)
        if access:
            self._drop_access(lambda record: record.sub == sub)

    def reassign(self, former: str, sub: str) -> None:
        """Let the tokens of `former` be those of `sub` from now on."""
        for family in self.state.families.values():
            family.sub = sub if family.sub == former else family.sub
        for token in self.state.access.values():
            token.sub = sub if token.sub == former else token.sub

    def _family(self, refresh: str) -> Family | None:
        return self.state.families.get(self._family_of.get(refresh, ""))

    def _within_leeway(self, family: Family, refresh: str, now: float) -> bool:
        return now - family.retired[refresh] < self.state.rotation.leeway_s

    def _rotate(self, family: Family, now: float) -> str:
        family.retired[family.current] = now
        family.current = self._new_refresh()
        self._family_of[family.current] = family.id
        while len(family.retired) > REMEMBERED:
            oldest = next(iter(family.retired))
            del family.retired[oldest], self._family_of[oldest]
        return family.current

    def _issue(
        self, sub: str, family: str, scope: str, refresh: str | None, now: float, expires_in_s: int
    ) -> Grant:
        self._sweep(now)
        access = f"at.{self._hex()}"
        self.state.access[access] = Access(sub, family, scope, now + expires_in_s)
        record = self.state.families.get(family)
        ends_at = record.ends_at if record is not None else None
        left_s = None if ends_at is None else int(ends_at - now)
        return Grant(sub, access, refresh, scope, expires_in_s, left_s)

    def _sweep(self, now: float) -> None:
        """Forget tokens that expired an hour ago; records lie in the order of their making."""
        while self.state.access:
            oldest = next(iter(self.state.access))
            if self.state.access[oldest].expires_at + 3600.0 > now:
                return
            del self.state.access[oldest]

    def _forget(self, family: Family) -> None:
        for token in (*family.retired, family.current):
            del self._family_of[token]
        del self.state.families[family.id]

    def _drop_access(self, ends: Callable[[Access], bool]) -> None:
        for token in [token for token, record in self.state.access.items() if ends(record)]:
            del self.state.access[token]

    def _new_refresh(self) -> str:
        return f"v1.{self._hex()}"

    def _hex(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"


def looks_like_access(token: str) -> bool:
    """Whether a token has the shape of an access token at all."""
    return _ACCESS_SHAPE.fullmatch(token) is not None
