"""What crosses a process boundary in a sign-in that one password does not complete."""

from __future__ import annotations

from typing import Literal

import msgspec

from onvio_agent.contract.status import UserStatus


class SecondFactor(msgspec.Struct, frozen=True, kw_only=True):
    """What the person is asked for: an app's code (`otp`), one that was sent (`oob`, by `channel`
    to `sent_to`, both as ONVIO says them), or a recovery code."""

    kind: Literal["otp", "oob", "recovery-code"]
    channel: str | None
    sent_to: str | None
    takes_recovery_code: bool


class OpenDialogue(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that is not complete; `id` is a secret of whoever began it.

    It waits for a code where `second_factor` is given, and for a browser that has opened `browser_url`
    (a secret too) where that is. Else a password that was just reset is tried
    again `tries_left` times; `next_try_in_s` is None while that is being done for the last time.
    """

    id: str
    expires_in_s: float
    second_factor: SecondFactor | None
    next_try_in_s: float | None
    tries_left: int
    browser_url: str | None


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Done. `recovery_code`: the person's next one, to be noted down; it is kept nowhere."""

    user: UserStatus
    recovery_code: str | None
