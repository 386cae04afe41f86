"""What a browser brings back is exchanged once, and only where that sign-in has sent it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.invariants import Invariant

if TYPE_CHECKING:
    from onvio_agent.onvio.transport import Request
    from simulation.life import Life


class BrowsersAnswer(Invariant):
    """A code leaves the agent once, and never one that a stranger has sent."""

    def __init__(self) -> None:
        self._exchanged: list[str] = []

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token"

    def on_sent(self, life: Life, request: Request) -> None:
        form = dict(request.form or ())
        if form.get("grant_type") != "authorization_code":
            return
        code = form["code"]
        if code not in life.browsers.brought:
            life.violate("stranger", "a code that no browser of this sign-in has brought")
        if code in self._exchanged:
            life.violate("browser-code-again", "is exchanged a second time")
        self._exchanged.append(code)
