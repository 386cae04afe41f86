"""The shape of a reason, and how its three kinds are declared. The reasons themselves lie beside it.

Data only: nothing here decides, and nothing is translated.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from onvio_agent.contract.status import Action, IconState


class Kind(StrEnum):
    """`state`: explains an icon. `refusal`: answers a request. `finding`: reported by a check."""

    STATE = "state"
    REFUSAL = "refusal"
    FINDING = "finding"


class Severity(StrEnum):
    """How much it matters to the person who reads it."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `hides`: prefixes or codes of consequences that this root cause silences.

    `shown_after_s`: how long it must last before a notification may speak of it.
    """

    code: str
    kind: Kind
    icon: IconState
    action: Action
    severity: Severity
    title: str
    next_step: str
    hides: tuple[str, ...] = ()
    shown_after_s: int = 0


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    """Mark `message` for the message catalogue without translating it."""
    return message


GREY, PLAY = IconState.GREY, IconState.PLAY
_BLIP_S = 60  # a shorter trouble mends itself before a person could act on it


def state(
    code: str,
    icon: IconState,
    title: str,
    next_step: str,
    *,
    action: Action = Action.RECONNECT,
    severity: Severity = Severity.WARNING,
    hides: tuple[str, ...] = (),
    shown_after_s: int = _BLIP_S,
) -> Reason:
    """A reason that explains an icon."""
    return Reason(
        code=code, kind=Kind.STATE, icon=icon, action=action, severity=severity,
        title=title, next_step=next_step, hides=hides, shown_after_s=shown_after_s,
    )  # fmt: skip


def refusal(code: str, title: str, next_step: str, *, action: Action = Action.NONE) -> Reason:
    """A reason that answers a request."""
    return Reason(
        code=code, kind=Kind.REFUSAL, icon=GREY, action=action, severity=Severity.ERROR,
        title=title, next_step=next_step,
    )  # fmt: skip


def finding(code: str, title: str, next_step: str, severity: Severity = Severity.ERROR) -> Reason:
    """A reason that a check reports; it shows no icon of its own."""
    return Reason(
        code=code, kind=Kind.FINDING, icon=GREY, action=Action.NONE, severity=severity,
        title=title, next_step=next_step,
    )  # fmt: skip
