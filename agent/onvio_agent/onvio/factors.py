"""Second factors as ONVIO tells of them: what an account can answer with, and which is asked for.

Pure and tolerant: what the agent does not know is left out, and nothing here is echoed uncleaned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from onvio_agent.onvio.errors import clean

CodeKind = Literal["otp", "oob", "recovery-code"]
"""Auth0's names: an authenticator app's code, a code that is sent, a code kept for an emergency."""

_ID_MAX = 300
_RECOVERY_LENGTH_MIN = 11  # codes that are shown or sent have four to ten digits


class Authenticator(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which the account can answer. `channel` (sms, email) and `name` where it is sent."""

    id: str
    kind: CodeKind
    channel: str | None = None
    name: str | None = None


def read_authenticators(items: Sequence[object]) -> tuple[Authenticator, ...]:
    """Those of Auth0's list that are active and that the agent knows."""
    found = []
    for item in items:
        if not isinstance(item, dict) or item.get("active") is False:
            continue
        name, kind = item.get("id"), item.get("authenticator_type")
        if not isinstance(name, str) or not 0 < len(name) <= _ID_MAX:
            continue
        if kind in ("otp", "oob", "recovery-code"):
            found.append(
                Authenticator(
                    id=name,
                    kind=kind,
                    channel=_text(item.get("oob_channel")),
                    name=_text(item.get("name")),
                )
            )
    return tuple(found)


def choose(authenticators: Sequence[Authenticator]) -> Authenticator | None:
    """The one to ask for: an app's code costs no message; a recovery code only where nothing else."""
    for kind in ("otp", "oob", "recovery-code"):
        for each in authenticators:
            if each.kind == kind:
                return each
    return None


def is_recovery_code(code: str) -> bool:
    """Whether `code` looks like one: neither all digits nor as short as the others."""
    return len(code) >= _RECOVERY_LENGTH_MIN or not code.isdecimal()


def _text(value: object) -> str | None:
    return (clean(value) or None) if isinstance(value, str) else None
