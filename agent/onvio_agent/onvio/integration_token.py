"""The token server for programs: one token by client credentials.

One request, no retries, nothing kept: who calls counts the requests.
"""

from __future__ import annotations

import base64

import msgspec

from onvio_agent.clock import Clock, Now
from onvio_agent.onvio.answers import json_object, unexpected
from onvio_agent.onvio.oauth import TOKEN_PATH
from onvio_agent.onvio.token_set import life_s, token_of
from onvio_agent.onvio.transport import Pairs, Request, Transport

AUDIENCE = "409f91f6-dc17-44c8-a5d8-e0a1bafd8b67"
"""ONVIO's interface for programs, as its token server knows it."""


class Credentials(msgspec.Struct, frozen=True):
    """Who this program is. `basic`: sent as HTTP Basic and not in the form."""

    client_id: str
    client_secret: str
    basic: bool = False

    def __repr__(self) -> str:
        return f"<Credentials of {self.client_id}>"


class ProgramToken(msgspec.Struct, frozen=True):
    """A token, good for `life_s` seconds from `sent`."""

    token: str
    life_s: float
    sent: Now

    def __repr__(self) -> str:
        return f"<ProgramToken for {self.life_s:g} s>"


async def ask_token(
    transport: Transport, credentials: Credentials, *, clock: Clock, deadline_s: float
) -> ProgramToken:
    """A new token. Raises `CloudError`s; each call counts at ONVIO."""
    form: Pairs = (("grant_type", "client_credentials"), ("audience", AUDIENCE))
    own: Pairs = (
        ("client_id", credentials.client_id),
        ("client_secret", credentials.client_secret),
    )
    headers: Pairs = ()
    if credentials.basic:
        pair = f"{credentials.client_id}:{credentials.client_secret}".encode()
        headers = (("authorization", f"Basic {base64.b64encode(pair).decode('ascii')}"),)
    else:
        form += own
    request = Request(target="auth", method="POST", path=TOKEN_PATH, headers=headers, form=form)
    sent = clock.now()
    response = await transport.send(request, deadline_s=deadline_s)
    fields = json_object(request, response)
    if str(fields.get("token_type", "bearer")).lower() != "bearer":
        raise unexpected(request, response, "token_type is not Bearer")
    token = token_of(request, response, fields, "access_token")
    return ProgramToken(token, life_s(fields.get("expires_in")), sent)
