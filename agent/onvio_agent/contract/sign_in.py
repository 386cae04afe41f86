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
    """A sign-in that waits for its code; `id` is a secret of whoever began it."""

    id: str
    expires_in_s: float
    second_factor: SecondFactor


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Done. `recovery_code`: the person's next one, to be noted down; it is kept nowhere."""

    user: UserStatus
    recovery_code: str | None
