"""Who may speak to the control API, and the record of whom it turned away.

The token is new at each boot and known to whoever can read this user's files. A refusal is logged
once a minute and kind: a page in a browser that tries all ports must not fill the disk.
"""

from __future__ import annotations

import hmac

import msgspec

from onvio_agent.clock import Clock
from onvio_agent.log import Log
from onvio_agent.plain_text import cut
from onvio_agent.runtime import proof

_AGAIN_AFTER_S = 60.0
_PATH_MAX = 100


class Access(msgspec.Struct, frozen=True):
    """The secret of this boot, and the boot's name."""

    token: str
    boot_id: str

    def __repr__(self) -> str:
        return f"Access(boot_id={self.boot_id})"

    def admits(self, authorization: str) -> bool:
        """Whether that `Authorization` header carries the token; takes the same time either way."""
        return hmac.compare_digest(authorization.encode(), f"Bearer {self.token}".encode())

    def prove(self, nonce: str) -> str:
        """The answer to a client's challenge, which gives nothing away."""
        return proof(self.token, nonce, self.boot_id)


class Refusals:
    """Logs what was refused: the first of a kind at once, then once a minute with the count."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._said_at: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def note(self, why: str, method: str = "", path: str = "") -> None:
        """`why`: a word of docs/control-api.md. `path` without its query."""
        now = self._clock.mono()
        said_at = self._said_at.get(why)
        if said_at is not None and now - said_at < _AGAIN_AFTER_S:
            self._unsaid[why] = self._unsaid.get(why, 0) + 1
            return
        self._said_at[why] = now
        unsaid = self._unsaid.pop(why, 0)
        self._log.warning(
            "api.refused", why=why, method=cut(method, 10), path=cut(path, _PATH_MAX), unsaid=unsaid
        )
