"""Tokens of programs: client credentials, counted by the day.

Why: whoever asks too often is blocked, and a client must be seen not to.
"""

from __future__ import annotations

from onvio_agent.simulator.wire import CloudResponse, Trace, json_answer, oauth_error
from onvio_agent.simulator.world import World

AUDIENCE = "409f91f6-dc17-44c8-a5d8-e0a1bafd8b67"


def program_token(world: World, fields: dict[str, str], trace: Trace) -> CloudResponse:
    """A program's own token. Each request of a day counts, and too many block the program."""
    if not world.seed.client_secret:
        text = "Grant type 'client_credentials' not allowed for the client."
        return oauth_error(trace, 403, "unauthorized_client", text)
    allowed = world.integration.count_token(world.now())
    world.changed()
    if not allowed:
        text = "Too many token requests: the integration is blocked."
        return oauth_error(trace, 403, "access_denied", text)
    if fields.get("audience") != AUDIENCE:
        text = "Service not enabled within domain."
        return oauth_error(trace, 403, "access_denied", text)
    token = f"at.{world.rng.getrandbits(128):032x}"
    life_s = world.limits.expires_in_s
    world.integration.state.tokens[token] = world.now() + life_s
    body = {"access_token": token, "token_type": "Bearer", "expires_in": life_s}
    return json_answer(200, body)
