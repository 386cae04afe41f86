"""A password is used once and dropped; one that was just reset is tried again for minutes, and dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.invariants import Invariant

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from simulation.life import Life

HELD_S = 600.0
WAITS_S = 120.0
"""For its turn and for ONVIO, while the user's link is being checked."""


class PasswordsPass(Invariant):
    """Each that is sent was typed by somebody, and is sent no more often than they meant."""

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token"

    def on_boot(self, life: Life) -> None:
        life.people.given.clear()  # whoever typed it has seen the agent end

    def on_sent(self, life: Life, request: Request) -> None:
        form = dict(request.form or ())
        if form.get("grant_type") != "password":
            return
        now = life.universe.true
        for given in life.people.given:
            if given.email == form["username"] and given.left > 0:
                given.left -= 1
                slept_s = life.universe.suspended - given.suspended
                if now > given.at + HELD_S + WAITS_S + slept_s:
                    life.violate("password-held", f"for {now - given.at:.0f} s")
                return
        life.violate("password-again", "is sent, and nobody typed it")
