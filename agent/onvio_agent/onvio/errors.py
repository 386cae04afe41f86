"""What can go wrong with a request to ONVIO: the only errors that leave this package.

    CloudError            a reason code of the catalogue, and what is known of the cause
    ├── NotSent           it never arrived: DNS, refused, TLS, proxy, no time left before sending
    ├── Busy              it was not acted upon: ONVIO (or our own gate) says "not before …"
    ├── Uncertain         it may have been acted upon: cut, reset or timed out after sending
    ├── ServerError       an answer that decides nothing: 5xx, HTML, wrong type or shape
    └── Denied            a definitive no, with ONVIO's own error code
        └── TokenRefused  the access token was not taken: one refresh may mend it

`may_have_acted` tells whether a single-use refresh token that was in the request may be spent.
Texts of foreign origin are cleaned here and cut; secrets must not be passed in (see answers.py).
This module must not know httpx, sockets or any other way in which requests travel.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from onvio_agent.contract import reasons

Target = Literal["auth", "api"]
"""The two servers: the token server and the API."""

DETAIL_MAX = 300
"""Characters of foreign text that are kept: enough for a sentence, too few for a page."""


class CloudError(Exception):
    """Base of all; `reason` must be in the catalogue (KeyError otherwise: a bug)."""

    may_have_acted: ClassVar[bool] = False

    def __init__(
        self,
        reason: str,
        *,
        detail: str = "",
        target: Target | None = None,
        retry_after_s: float | None = None,
        request_id: str | None = None,
    ) -> None:
        self.reason = reasons.get(reason).code
        self.detail = clean(detail)
        self.target = target
        self.retry_after_s = retry_after_s
        self.request_id = clean(request_id) if request_id else None
        super().__init__(f"{self.reason}: {self.detail}" if self.detail else self.reason)


class NotSent(CloudError):
    """The request never reached ONVIO; sending it again is safe."""


class Busy(CloudError):
    """Not acted upon; `retry_after_s` is always given."""


class Uncertain(CloudError):
    """The answer was lost; ONVIO may have acted."""

    may_have_acted = True


class ServerError(CloudError):
    """ONVIO, or something in its place, gave an answer that decides nothing."""

    may_have_acted = True


class Denied(CloudError):
    """Definitive. `error` is ONVIO's code; `mfa_token` (a secret) only with `mfa_required`."""

    def __init__(
        self,
        reason: str,
        *,
        error: str,
        detail: str = "",
        target: Target | None = None,
        request_id: str | None = None,
        mfa_token: str | None = None,
    ) -> None:
        super().__init__(reason, detail=detail, target=target, request_id=request_id)
        self.error = clean(error)
        self.mfa_token = mfa_token


class TokenRefused(Denied):
    """401 to a request that carried an access token."""


def clean(text: str) -> str:
    """`text` on one line, without control and bidi characters, at most DETAIL_MAX characters."""
    text = text[: 4 * DETAIL_MAX]
    if not text.isprintable():  # False for control, bidi, surrogate and unassigned characters
        text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= DETAIL_MAX else text[: DETAIL_MAX - 1] + "…"
