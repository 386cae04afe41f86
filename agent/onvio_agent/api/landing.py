"""The page of this machine on which a browser lands after a sign-in at ONVIO (RFC 8252).

A port of its own for each sign-in, open only while that waits: the control API has nothing to do with
it, and nothing else is answered there. An adapter. Whether what the browser brings is of that sign-in
is judged by whoever opened the landing.
"""

from __future__ import annotations

from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from onvio_agent.actions.landing import Landed, OnReturn
from onvio_agent.api.access import Refusals
from onvio_agent.api.serve import HOST, ApiServer, bind
from onvio_agent.clock import Clock
from onvio_agent.errors import fill
from onvio_agent.i18n import _, current_language
from onvio_agent.log import Log
from onvio_agent.supervise import Tasks

PATH = "/callback"

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:1.1rem system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;line-height:1.5}}</style>
</head><body><h1>{title}</h1><p>{text}</p><p>{end}</p></body></html>
"""


class _Parts:
    """What a server of this kind keeps: whom it turned away; it has no streams."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self.refusals = Refusals(log, clock)
        self.streams = self

    def close(self) -> None:
        """There are no streams."""


class LoopbackLandings:
    """`Landings` on free ports of the loopback address."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._parts = _Parts(log, clock)

    async def open(self, tasks: Tasks, on_return: OnReturn) -> LoopbackLanding:
        """One that waits. Raises `Failed('agent.port_taken')`."""
        listening = bind(0)
        app = Starlette(routes=[Route(PATH, _endpoint(on_return, listening.getsockname()[1]))])
        app.router.redirect_slashes = False
        app.state.parts = self._parts
        landing = LoopbackLanding(ApiServer(app, listening), tasks)
        await landing.start()
        return landing


class LoopbackLanding:
    """One port."""

    def __init__(self, server: ApiServer, tasks: Tasks) -> None:
        self.redirect_uri = f"http://{HOST}:{server.port}{PATH}"
        self._server = server
        self._tasks = tasks
        self._closed = False

    async def start(self) -> None:
        """Listen."""
        await self._server.start()

    def close(self) -> None:
        """Listen no more; the page under way is still sent."""
        if not self._closed:
            self._closed = True
            self._tasks.spawn("landing.close", self._server.stop())


def _endpoint(on_return: OnReturn, port: int):  # type: ignore[no-untyped-def]  # Starlette's own shape
    async def answer(request: Request) -> Response:
        if request.headers.getlist("host") != [f"{HOST}:{port}"] or request.method != "GET":
            return Response(status_code=403, headers=_HEADERS)
        return page(await on_return(request.url.query))

    return answer


def page(landed: Landed) -> Response:
    """The end of the sign-in in words, in the user's language."""
    error = landed.error
    if error is None:
        title, text, status = _("Signed in to ONVIO."), _("The agent goes on from here."), 200
    else:
        title = fill(_(error.reason.title), error.fields)
        text, status = fill(_(error.reason.next_step), error.fields), 400
    body = _PAGE.format(
        lang=current_language().replace("_", "-"),
        title=escape(title),
        text=escape(text),
        end=escape(_("You can close this page.")),
    )
    return Response(body, status, _HEADERS, media_type="text/html; charset=utf-8")
