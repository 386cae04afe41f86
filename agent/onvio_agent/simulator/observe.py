"""What can be told of a request that is never handled: whose it is and which token it presents.

Why: a lost or refused request counts in the journal as much as an answered one.
It must not change anything.
"""

from __future__ import annotations

from onvio_agent.simulator.wire import (
    CloudRequest,
    MalformedBody,
    Trace,
    fingerprint,
    read_bearer,
    read_fields,
)
from onvio_agent.simulator.world import World


def observe(request: CloudRequest, world: World) -> Trace:
    """The journal's columns for a request that no handler will see."""
    try:
        fields = read_fields(request) if request.body else {}
    except MalformedBody:
        fields = {}
    trace = Trace(grant_type=fields.get("grant_type"), client_id=fields.get("client_id"))
    waiting = world.second_factors.waiting.get(
        fields.get("mfa_token") or read_bearer(request) or ""
    )
    token = fields.get("refresh_token") or fields.get("token") or read_bearer(request)
    sub = None
    if token:
        trace.token_fingerprint = fingerprint(token)
        access = world.tokens.find_access(token)
        sub = access.sub if access else world.tokens.owner(token)
    sub = waiting.sub if waiting is not None else sub
    account = world.accounts.by_sub(sub) if sub else None
    if account is None and "username" in fields:
        account = world.accounts.by_email(fields["username"])
    trace.account = account.email if account else None
    return trace
