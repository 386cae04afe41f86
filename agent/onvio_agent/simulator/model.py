"""The simulated ONVIO as one object: requests in, answers out, and the levers of the control side.

Why: one model for every door; a simulation calls it directly, the server over HTTPS.
It must stay pure and synchronous: no I/O, no sleeping, time and randomness are passed in.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

from msgspec import UNSET

from onvio_agent.simulator import faults as kinds
from onvio_agent.simulator import second_factors
from onvio_agent.simulator.accounts import Account, AccountPatch, UnknownAccount
from onvio_agent.simulator.answers import answer_fault, replace_content_type, too_many_requests
from onvio_agent.simulator.faults import DEFAULT_LATENCY_S, Fault, Faults
from onvio_agent.simulator.integration import Document, Levers, LeversPatch
from onvio_agent.simulator.integration_api import PREFIXES, IntegrationApi
from onvio_agent.simulator.journal import Entry, Journal
from onvio_agent.simulator.limits import LimitsPatch, Window
from onvio_agent.simulator.observe import observe
from onvio_agent.simulator.seed import Seed
from onvio_agent.simulator.token_server import TokenServer
from onvio_agent.simulator.tokens import Rotation
from onvio_agent.simulator.user_api import UserApi
from onvio_agent.simulator.wire import (
    CloudRequest,
    CloudResponse,
    Target,
    Trace,
    json_answer,
)
from onvio_agent.simulator.world import World, WorldState, begin

HEALTH_PATH = "/health"

_HEALTHY = json_answer(200, {"status": "UP"})


class Cloud:
    """The whole simulated ONVIO. `now` gives epoch seconds; `state` continues an earlier life."""

    def __init__(
        self,
        seed: Seed,
        *,
        rng: random.Random,
        now: Callable[[], float],
        state: WorldState | None = None,
    ) -> None:
        self.world = World(state or begin(seed, now()), rng, now)
        self.faults = Faults()
        self._journal = Journal()
        self._windows: dict[Target, Window] = {"auth": Window(), "api": Window()}
        self._token_server = TokenServer(self.world)
        self._user_api = UserApi(self.world)
        self._integration_api = IntegrationApi(self.world)

    # What a client does.

    def handle(self, request: CloudRequest, *, wire: Fault | None = None) -> CloudResponse:
        """Answer one request. `wire`: a fault that the door will do to the answer, for the journal."""
        struck = self.faults.take(kinds.ANSWER_KINDS, request.target, request.path)
        trace, response = self._respond(request, struck)
        self._note(request, trace, response.status, wire or struck)
        return response

    def lose(self, request: CloudRequest, wire: Fault) -> None:
        """Note a request that arrived but was never acted upon."""
        self._note(request, observe(request, self.world), None, wire)

    def latency_s(self, target: Target, path: str = "/") -> float:
        """How long to wait before acting on this request; counts a latency fault down."""
        fault = self.faults.take(("latency",), target, path)
        return fault.seconds(DEFAULT_LATENCY_S) if fault else 0.0

    def wire_fault(
        self, target: Target, path: str = "/", stage: Literal["connect", "request"] = "request"
    ) -> Fault | None:
        """The fault that the door has to carry out now; counts it down.

        `connect`: refuse and cert_*, once per connection. `request`: reset and truncated, once per
        request. Without connections of its own, a door asks for both.
        """
        asked = kinds.CONNECT_KINDS if stage == "connect" else kinds.REQUEST_KINDS
        return self.faults.take(asked, target, path)

    # The control side.

    def set_fault(self, fault: Fault) -> None:
        """Set one fault. Raises FaultError."""
        self.faults.set(fault)

    def clear_faults(self) -> None:
        """Take all faults away."""
        self.faults.clear()

    def patch_account(self, email: str, change: AccountPatch) -> Account:
        """Change an account; the state `reset` also ends its tokens. Raises UnknownAccount and ValueError
        (EmailTaken, or no address)."""
        if change.email is not UNSET and "@" not in change.email:
            raise ValueError("`email` must be an e-mail address")
        before = self.world.accounts.by_email(email)
        former = before.sub if before is not None else ""
        account = self.world.accounts.patch(email, change, self.world.now())
        self.world.tokens.reassign(former, account.sub)
        if change.state == "reset":
            self.world.tokens.revoke_sub(account.sub)
        self.world.changed()
        return account

    def codes(self, email: str) -> dict[str, str | None]:
        """The codes that the account's second factor has now. Raises UnknownAccount."""
        account = self.world.accounts.by_email(email)
        if account is None:
            raise UnknownAccount(email)
        return {
            "otp": second_factors.one_time_code(account, self.world.now()),
            "otp_secret": second_factors.otp_secret(account),
            "oob": self.world.second_factors.sent_code(account.sub),
            "recovery_code": second_factors.recovery_code(account),
        }

    def revoke(self, email: str, only: Literal["refresh", "access"] | None = None) -> None:
        """End an account's tokens, or those of one kind. Raises UnknownAccount."""
        account = self.world.accounts.by_email(email)
        if account is None:
            raise UnknownAccount(email)
        self.world.tokens.revoke_sub(
            account.sub, refresh=only != "access", access=only != "refresh"
        )
        self.world.changed()

    def advance(self, seconds: float) -> float:
        """Move the simulator's clock on. Raises ValueError for a step back. Returns its time."""
        if not 0 <= seconds < float("inf"):
            raise ValueError("`advance_s` must be a number >= 0")
        self.world.advanced_s += seconds
        self.world.changed()
        return self.world.now()

    def set_limits(self, change: LimitsPatch) -> None:
        """Set or lift limits. Raises ValueError."""
        self.world.limits.change(change)
        self._windows = {"auth": Window(), "api": Window()}
        self.world.changed()

    def set_rotation(self, rotation: Rotation) -> None:
        """Change how refresh tokens are exchanged. Raises ValueError."""
        if not 0 <= rotation.leeway_s < float("inf"):
            raise ValueError("`leeway_s` must be a number >= 0")
        if rotation.session_s is not None and not 0 < rotation.session_s < float("inf"):
            raise ValueError("`session_s` must be a number > 0")
        self.world.tokens.state.rotation = rotation
        self.world.changed()

    def set_integration(self, change: LeversPatch) -> Levers:
        """Change how batches are treated. Raises ValueError. Returns what is in force."""
        self.world.integration.change(change)
        self.world.changed()
        return self.world.integration.state.levers

    def revoke_key(self, cnpj: str) -> None:
        """End a company's integration key, as an office does that makes a new one."""
        self.world.integration.revoke_key(cnpj)
        self.world.changed()

    def forget_batches(self) -> None:
        """Lose every batch that is not processed yet."""
        self.world.integration.forget_batches(self.world.now())
        self.world.changed()

    def revoke_machine_tokens(self) -> None:
        """End every token of a program."""
        self.world.integration.state.tokens.clear()
        self.world.changed()

    def documents(self) -> list[Document]:
        """What has been stored by now, in the order of its coming."""
        return self.world.integration.documents(self.world.now())

    def journal(self, since: int = 0) -> list[Entry]:
        """The journal's entries with a number above `since`."""
        return self._journal.since(since)

    @property
    def journal_total(self) -> int:
        """How many requests there were, also those that the journal no longer holds."""
        return self._journal.total

    def _respond(self, request: CloudRequest, struck: Fault | None) -> tuple[Trace, CloudResponse]:
        if struck is not None and struck.kind != "content_type":
            trace = observe(request, self.world)
            return trace, answer_fault(struck, self.world, request, trace)
        trace, response = self._limited(request)
        return trace, replace_content_type(response, struck) if struck else response

    def _limited(self, request: CloudRequest) -> tuple[Trace, CloudResponse]:
        limits, trace = self.world.limits, Trace()
        limit = limits.auth_per_minute if request.target == "auth" else limits.api_per_minute
        if limit is None:
            return trace, self._serve(request, trace)
        passes, headers = self._windows[request.target].take(limit, self.world.now())
        if not passes:
            trace = observe(request, self.world)
            return trace, too_many_requests(self.world, request, trace, headers)
        response = self._serve(request, trace)
        return trace, CloudResponse(response.status, response.headers | headers, response.body)

    def _serve(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        if request.path == HEALTH_PATH and request.method in ("GET", "HEAD"):
            return _HEALTHY
        if request.target == "auth":
            return self._token_server.answer(request, trace)
        if request.path.startswith(PREFIXES):
            return self._integration_api.answer(request, trace)
        return self._user_api.answer(request, trace)

    def _note(
        self, request: CloudRequest, trace: Trace, status: int | None, fault: Fault | None
    ) -> None:
        self._journal.add(
            Entry(
                n=self._journal.next_number(),
                at=self.world.now(),
                target=request.target,
                method=request.method,
                path=request.path,
                grant_type=trace.grant_type,
                account=trace.account,
                client_id=trace.client_id,
                status=status,
                error=trace.error,
                fault=fault.kind if fault else None,
                token_fingerprint=trace.token_fingerprint,
                issued_fingerprint=trace.issued_fingerprint,
            )
        )
