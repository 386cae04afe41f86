"""Rate limits of the simulated ONVIO: off until set, then real and with their headers.

Why: a client must be seen to obey Retry-After.
It must not know what is asked for, only how often.
"""

from __future__ import annotations

import math

import msgspec
from msgspec import UNSET, UnsetType

WINDOW_S = 60.0
DEFAULT_WRONG_PASSWORDS = 10
DEFAULT_WRONG_CODES = 10


class Limits(msgspec.Struct):
    """Requests a minute and target (None: no limit), and the lives of tokens and guesses."""

    auth_per_minute: int | None = None
    api_per_minute: int | None = None
    wrong_passwords: int | None = DEFAULT_WRONG_PASSWORDS
    wrong_codes: int | None = DEFAULT_WRONG_CODES
    expires_in_s: int = 86400

    def change(self, patch: LimitsPatch) -> None:
        """Take over what the patch names. Raises ValueError for numbers below 1."""
        named = {
            field: getattr(patch, field)
            for field in self.__struct_fields__
            if getattr(patch, field) is not UNSET
        }
        for field, value in named.items():
            if value is not None and value < 1:
                raise ValueError(f"`{field}` must be at least 1")
        for field, value in named.items():
            setattr(self, field, value)


class LimitsPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; fields that are left out stay as they are."""

    auth_per_minute: int | UnsetType | None = UNSET
    api_per_minute: int | UnsetType | None = UNSET
    wrong_passwords: int | UnsetType | None = UNSET
    wrong_codes: int | UnsetType | None = UNSET
    expires_in_s: int | UnsetType = UNSET


class Window:
    """Counts requests in windows of one minute; a window begins with its first request."""

    def __init__(self) -> None:
        self._began_at = -math.inf
        self._count = 0

    def take(self, limit: int, now: float) -> tuple[bool, dict[str, str]]:
        """Count one request: whether it may pass, and the headers of the answer."""
        if not 0 <= now - self._began_at < WINDOW_S:
            self._began_at, self._count = now, 0
        self._count += 1
        ends_at = self._began_at + WINDOW_S
        headers = limit_headers(limit, max(0, limit - self._count), ends_at)
        if self._count <= limit:
            return True, headers
        return False, headers | {"retry-after": str(max(1, math.ceil(ends_at - now)))}


def limit_headers(limit: int, remaining: int, resets_at: float) -> dict[str, str]:
    """The x-ratelimit headers; the reset is in epoch seconds."""
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(math.ceil(resets_at)),
    }
