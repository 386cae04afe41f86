"""Which monitoring systems may read `/metrics`: those with a token of their own, or anybody here.

A scraper cannot follow the token of a boot, so the administrator may give it one that stays. It opens
nothing but the metrics.
"""

from __future__ import annotations

import hmac
from pathlib import Path

import msgspec

from onvio_agent.log import Log
from onvio_config.model import Metrics

_TOKEN_MIN = 16
"""Shorter ones are typing mistakes or guesses."""

_TOKEN_MAX = 1_000


class Scrapers(msgspec.Struct, frozen=True):
    """`token`: empty where there is none."""

    is_open: bool = False
    token: str = ""

    def __repr__(self) -> str:
        return f"Scrapers(is_open={self.is_open})"

    def admits(self, authorizations: list[str]) -> bool:
        """Whether a request with these `Authorization` headers may read the metrics."""
        if self.is_open:
            return True
        expected = f"Bearer {self.token}".encode()
        given = authorizations[0].encode() if len(authorizations) == 1 else b""
        return bool(self.token) and hmac.compare_digest(given, expected)


def scrapers_of(settings: Metrics, log: Log) -> Scrapers:
    """As the settings say; a file that gives no token is told, and admits nobody."""
    if settings.access == "open":
        return Scrapers(is_open=True)
    if not settings.token_file:
        return Scrapers()
    try:
        with Path(settings.token_file).open(encoding="utf-8") as file:
            token = file.readline(_TOKEN_MAX).strip()
        problem = "" if len(token) >= _TOKEN_MIN else f"fewer than {_TOKEN_MIN} characters"
    except (OSError, UnicodeError, ValueError) as error:
        token, problem = "", getattr(error, "strerror", None) or "not a text file"
    if problem:
        log.warning("metrics.no_token", path=settings.token_file, error=problem)
        return Scrapers()
    return Scrapers(token=token)
