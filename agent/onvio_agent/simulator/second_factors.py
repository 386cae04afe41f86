"""Second factors of the simulated accounts: sign-ins that wait for a code, and the codes themselves.

Why: an office meets one-time passwords, codes sent by e-mail and recovery codes, right and wrong.
It must not know HTTP or tokens other than its own.
"""

from __future__ import annotations

import base64
import hmac
import random
from enum import Enum
from hashlib import sha1, sha256
from typing import Literal

import msgspec

from onvio_agent.simulator.accounts import BLOCK_S, Account

# How long a sign-in may wait for its code; so Auth0 documents its `mfa_token`.
WAIT_S = 600.0
_STEP_S = 30  # RFC 6238
_SKEW_STEPS = 1  # a code that has just changed is still taken
_DIGITS = 6
_RECOVERY_CHARS = 24

CodeKind = Literal["otp", "oob", "recovery-code"]


class Waiting(msgspec.Struct):
    """One sign-in whose password was right. `oob_code` and `sent_code` once a code was sent."""

    sub: str
    scope: str
    expires_at: float
    oob_code: str = ""
    sent_code: str = ""


class CodeAnswer(Enum):
    """How an attempt with a code ends."""

    OK = "ok"
    WRONG = "wrong"
    TOO_MANY = "too_many"


class SecondFactors:
    """All sign-ins that wait, by their `mfa_token`."""

    def __init__(self, waiting: dict[str, Waiting], rng: random.Random) -> None:
        self.waiting = waiting
        self._rng = rng

    def begin(self, sub: str, scope: str, now: float) -> str:
        """The `mfa_token` of a sign-in that waits from now on."""
        for token in [token for token, each in self.waiting.items() if each.expires_at <= now]:
            del self.waiting[token]
        token = f"mfa.{self._rng.getrandbits(128):032x}"
        self.waiting[token] = Waiting(sub, scope, now + WAIT_S)
        return token

    def find(self, token: str, now: float) -> Waiting | None:
        """The sign-in that waits under this token; None where it is unknown or over."""
        waiting = self.waiting.get(token)
        return waiting if waiting is not None and now < waiting.expires_at else None

    def send(self, waiting: Waiting) -> str:
        """Send a new code, which replaces the one before; the challenge's `oob_code`."""
        waiting.oob_code = f"oob.{self._rng.getrandbits(128):032x}"
        waiting.sent_code = f"{self._rng.randrange(10**_DIGITS):0{_DIGITS}d}"
        return waiting.oob_code

    def sent_code(self, sub: str) -> str | None:
        """The code that was sent last to this account, where one still waits to be given."""
        codes = [each.sent_code for each in self.waiting.values() if each.sub == sub]
        return next((code for code in reversed(codes) if code), None)

    def give(
        self, token: str, account: Account, kind: CodeKind, code: str, now: float, limit: int | None
    ) -> CodeAnswer:
        """Try a code. The right one ends the waiting; wrong ones are counted up to `limit`."""
        if now >= account.wrong_code_at + BLOCK_S:
            account.wrong_codes = 0
        if limit is not None and account.wrong_codes >= limit:
            return CodeAnswer.TOO_MANY
        if not self._is_right(self.waiting[token], account, kind, code, now):
            account.wrong_codes += 1
            account.wrong_code_at = now
            return CodeAnswer.WRONG
        account.wrong_codes = 0
        del self.waiting[token]
        if kind == "recovery-code":
            account.recovery_codes_used += 1
        return CodeAnswer.OK

    def _is_right(
        self, waiting: Waiting, account: Account, kind: CodeKind, code: str, now: float
    ) -> bool:
        if kind == "recovery-code":
            return code == recovery_code(account)
        if kind != account.second_factor:
            return False
        if kind == "oob":
            return bool(waiting.sent_code) and code == waiting.sent_code
        steps = range(-_SKEW_STEPS, _SKEW_STEPS + 1)
        return code in [one_time_code(account, now + step * _STEP_S) for step in steps]


def otp_secret(account: Account) -> str:
    """What an authenticator app has to be given, in base32."""
    return base64.b32encode(_secret(account)).decode()


def one_time_code(account: Account, now: float) -> str:
    """What an authenticator app shows at that time (RFC 6238, SHA-1, 30 s, 6 digits)."""
    counter = int(now // _STEP_S).to_bytes(8, "big")
    digest = hmac.new(_secret(account), counter, sha1).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def recovery_code(account: Account) -> str:
    """The code that is taken in place of the factor, once; then there is another."""
    seed = f"recovery {account.sub} {account.recovery_codes_used}".encode()
    return base64.b32encode(sha256(seed).digest()).decode()[:_RECOVERY_CHARS]


def _secret(account: Account) -> bytes:
    return sha256(f"otp {account.sub}".encode()).digest()[:20]
