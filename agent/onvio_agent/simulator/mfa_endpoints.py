"""The token server's part for second factors: authenticators, challenges, and the grants with a code.

Why: the agent has to meet Auth0's answers as its documentation gives them.
It must not issue tokens: it says whose sign-in is complete.
"""

from __future__ import annotations

from typing import cast

import msgspec

from onvio_agent.simulator.accounts import Account
from onvio_agent.simulator.second_factors import CodeAnswer, CodeKind, Waiting, recovery_code
from onvio_agent.simulator.wire import (
    CloudRequest,
    CloudResponse,
    Trace,
    json_answer,
    oauth_error,
    read_bearer,
)
from onvio_agent.simulator.world import World

_GRANT = "http://auth0.com/oauth/grant-type/mfa-"
CODE_FIELDS = {
    f"{_GRANT}otp": "otp",
    f"{_GRANT}oob": "binding_code",
    f"{_GRANT}recovery-code": "recovery_code",
}
"""The grants, and the field in which each carries its code."""


class Complete(msgspec.Struct, frozen=True):
    """A sign-in with both factors. `recovery_code`: the next one, where one was spent."""

    account: Account
    scope: str
    recovery_code: str | None


class MfaEndpoints:
    """Answers `/mfa/…`, and judges the grants of `CODE_FIELDS`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def authenticators(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        """What the account can answer with."""
        waiting = self._find(read_bearer(request) or "", trace)
        if waiting is None:
            return _expired(trace)
        account = self._account(waiting, trace)
        found: list[dict[str, object]] = [
            {
                "id": f"recovery-code|dev_{account.sub[-6:]}",
                "authenticator_type": "recovery-code",
                "active": True,
            }
        ]
        if account.second_factor == "otp":
            found.append(
                {
                    "id": f"totp|dev_{account.sub[-6:]}",
                    "authenticator_type": "otp",
                    "active": True,
                }
            )
        if account.second_factor == "push":
            found.append(
                {
                    "id": f"push|dev_{account.sub[-6:]}",
                    "authenticator_type": "oob",
                    "active": True,
                    "oob_channel": "auth0",
                }
            )
        if account.second_factor == "oob":
            found.append(
                {
                    "id": f"email|dev_{account.sub[-6:]}",
                    "authenticator_type": "oob",
                    "active": True,
                    "oob_channel": "email",
                    "name": _masked(account.email),
                }
            )
        return json_answer(200, found)

    def challenge(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        """Begin one of the `challenge_type`s; an out-of-band one sends a code."""
        waiting = self._find(fields.get("mfa_token", ""), trace)
        if waiting is None:
            return _expired(trace)
        kind = self._account(waiting, trace).second_factor
        grants = fields.get("challenge_type", "otp oob").split()
        if kind is None or ("oob" if kind == "push" else kind) not in grants:
            text = "The user does not support any of the requested challenge types."
            return oauth_error(trace, 401, "unsupported_challenge_type", text)
        if kind == "otp":
            return json_answer(200, {"challenge_type": "otp"})
        oob_code = self._world.second_factors.send(waiting)
        self._world.changed()
        body = {"challenge_type": "oob", "oob_code": oob_code}
        return json_answer(200, body if kind == "push" else body | {"binding_method": "prompt"})

    def complete(self, fields: dict[str, str], trace: Trace) -> Complete | CloudResponse:
        """Judge the code of one of the grants."""
        grant_type = fields["grant_type"]
        kind = cast("CodeKind", grant_type.removeprefix(_GRANT))
        code = fields.get(CODE_FIELDS[grant_type])
        if not code:
            text = f"{CODE_FIELDS[grant_type]} is required"
            return oauth_error(trace, 400, "invalid_request", text)
        token = fields.get("mfa_token", "")
        waiting = self._find(token, trace)
        if waiting is None:
            return _expired(trace)
        account = self._account(waiting, trace)
        if account.state == "disabled":
            return oauth_error(trace, 403, "unauthorized", "user is blocked")
        if kind == "oob" and fields.get("oob_code") != waiting.oob_code:
            return oauth_error(trace, 403, "invalid_grant", "Malformed oob_code")
        return self._judge(token, waiting, account, kind, code, trace)

    def _judge(
        self,
        token: str,
        waiting: Waiting,
        account: Account,
        kind: CodeKind,
        code: str,
        trace: Trace,
    ) -> Complete | CloudResponse:
        world = self._world
        limit = world.limits.wrong_codes
        outcome = world.second_factors.give(token, account, kind, code, world.now(), limit)
        world.changed()
        if outcome is CodeAnswer.TOO_MANY:
            text = "Your account has been blocked after multiple consecutive login attempts."
            return oauth_error(trace, 429, "too_many_attempts", text)
        if outcome is CodeAnswer.WRONG:
            text = "Invalid otp_code." if kind == "otp" else "Invalid binding code."
            return oauth_error(trace, 403, "invalid_grant", text)
        spent = kind == "recovery-code"
        return Complete(account, waiting.scope, recovery_code(account) if spent else None)

    def _find(self, token: str, trace: Trace) -> Waiting | None:
        waiting = self._world.second_factors.find(token, self._world.now())
        if waiting is not None:
            self._account(waiting, trace)
        return waiting

    def _account(self, waiting: Waiting, trace: Trace) -> Account:
        account = self._world.accounts.by_sub(waiting.sub)
        if account is None:
            raise LookupError(waiting.sub)  # accounts are never deleted
        trace.account = account.email
        return account


def _expired(trace: Trace) -> CloudResponse:
    return oauth_error(trace, 401, "expired_token", "mfa_token is expired")


def _masked(email: str) -> str:
    """`ana@escritorio.example` as `a***@escr***`, the way such lists show it."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain[:4]}***"
