"""What only a person can give is asked of people: nothing is presented twice, nothing is asked in a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.invariants import Invariant

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from simulation.life import Life

CODE_GRANTS = "http://auth0.com/oauth/grant-type/mfa-"


def is_sign_in(grant_type: str) -> bool:
    """Whether a person proves with it who they are."""
    return grant_type in ("password", "authorization_code") or grant_type.startswith(CODE_GRANTS)


class AsksPeopleOnce(Invariant):
    """A code is presented once for each time that somebody gives one. A session for which ONVIO wants
    the person is renewed no more, unless its end could not be saved."""

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token"

    def __init__(self) -> None:
        self._presented = 0
        self._wanted: dict[str, float] = {}

    def on_boot(self, life: Life) -> None:
        self._wanted.clear()

    def on_sent(self, life: Life, request: Request) -> None:
        form = dict(request.form or ())
        grant_type = form.get("grant_type", "")
        if grant_type.startswith(CODE_GRANTS):
            self._presented += 1
            if self._presented > life.people.codes_given:
                life.violate("code-again", "is presented, and nobody gave it")
        since = self._wanted.get(form.get("refresh_token", ""))
        if since is not None and life.disk.full_at < since:
            life.violate("asked-in-a-loop", "a session that needs its person")

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        form = dict(request.form or ())
        is_json = "json" in answer.headers.get("content-type", "")
        if (
            is_json
            and form.get("grant_type") == "refresh_token"
            and b'"mfa_required"' in answer.body
        ):
            self._wanted[form["refresh_token"]] = life.universe.true
