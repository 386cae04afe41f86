"""A transport that answers from a list, and a clock that is moved by hand: for pure mappings.

Whatever needs a wire is tested on a real one instead (servers.py, sim.py).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from onvio_agent.clock import Now
from onvio_agent.onvio.errors import CloudError
from onvio_agent.onvio.transport import Request, Response

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class HandClock:
    """Stands still until `advance`; `step` sets the wall clock alone, as a person would."""

    def __init__(self) -> None:
        self._mono = 1000.0
        self._wall = START

    def mono(self) -> float:
        """Seconds on the clock that cannot be set."""
        return self._mono

    def wall(self) -> datetime:
        """The time of day."""
        return self._wall

    def now(self) -> Now:
        """Both."""
        return Now(self._mono, self._wall)

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._mono += seconds
        self._wall += timedelta(seconds=seconds)

    def step(self, seconds: float) -> None:
        """Set the wall clock on by `seconds`."""
        self._wall += timedelta(seconds=seconds)


class ScriptedTransport:
    """Gives the next of `answers` to each request, or raises it; keeps the requests in `sent`."""

    def __init__(self, *answers: Response | CloudError) -> None:
        self.answers = list(answers)
        self.sent: list[Request] = []
        self.deadlines: list[float] = []

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        """The next answer."""
        self.sent.append(request)
        self.deadlines.append(deadline_s)
        answer = self.answers.pop(0)
        if isinstance(answer, CloudError):
            raise answer
        return answer


def json_response(status: int, value: object, **headers: str) -> Response:
    """A JSON answer; `retry_after="3"` becomes the header `retry-after`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(
        status, {"content-type": "application/json"} | named, msgspec.json.encode(value)
    )


def html_response(status: int) -> Response:
    """Somebody's page."""
    return Response(status, {"content-type": "text/html; charset=utf-8"}, b"<h1>Aviso</h1>")
