"""The panel behind its door: from a request that may come in to the page that answers it.

Every way out of here carries the headers that bind the browser; whatever is refused is logged as the
control API's refusals are.
"""

from __future__ import annotations

from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onvio_agent.api.answers import Unwelcome, denied, invalid, status_of
from onvio_agent.api.parts import Parts
from onvio_agent.api.stream import EventStream
from onvio_agent.contract.status import Snapshot, encode
from onvio_agent.errors import AgentError, Failed
from onvio_agent.office.user_list import too_large
from onvio_agent.panel import gate
from onvio_agent.panel.forms import TOKEN_FIELD, Form, read_form
from onvio_agent.panel.ladder import Ladder
from onvio_agent.panel.linger import lingering
from onvio_agent.panel.page import Handler
from onvio_agent.panel.pages import PAGES
from onvio_agent.panel.past import Pasts
from onvio_agent.panel.render import render_bare
from onvio_agent.panel.turn import Memory, Turn
from onvio_agent.panel.visits import Visits
from onvio_agent.panel.workstation import Workstation

STATIC = {
    each.name: each.read_bytes() for each in files("onvio_agent.panel").joinpath("static").iterdir()
}
"""Files that pages name, by their names: no path is ever made of what somebody asks for."""

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HEADERS = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",  # `no-referrer` would make a form's Origin null
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }.items()
)
_WHY = {404: "path", 405: "method"}


def build_panel(parts: Parts, workstation: Workstation) -> ASGIApp:
    """The application below `parts.tickets.base`."""
    house = _House(parts, workstation)
    app = Starlette(routes=house.routes())
    app.router.redirect_slashes = False
    hall = _Hall(app, house)
    app.add_exception_handler(Unwelcome, hall.unwelcome)
    app.add_exception_handler(HTTPException, hall.unrouted)
    app.add_exception_handler(ClientDisconnect, hall.gone)
    return hall


def _news(snapshot: Snapshot) -> bytes:
    """What the page's script needs to know that it must look again."""
    return encode({"revision": snapshot.agent.revision})


def _is_large_list(no: Unwelcome, scope: Scope) -> bool:
    """Whether a person has chosen a file that is far too large for a list of users."""
    return no.why == "size" and scope["path"].endswith(gate.LIST_PATH)


class _House:
    """What answers, with what it answers from."""

    def __init__(self, parts: Parts, workstation: Workstation) -> None:
        self.parts = parts
        self._memory = Memory(Pasts(parts.desk), workstation, Ladder(parts.desk, workstation))
        self.base = parts.tickets.base
        self.visits = Visits(parts.desk.clock, parts.desk.entropy)

    def routes(self) -> list[Route]:
        """All of them."""
        own = [("/enter", self._enter), ("/stream", self._stream), ("/static/{name}", self._static)]
        pages = [handler for page in PAGES for handler in page.handlers]
        return [
            *(Route(self.base + path, answer, methods=["GET"]) for path, answer in own),
            *(self._route(handler) for handler in pages),
        ]

    def _route(self, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            visit = gate.visit_of(request.scope, self.visits)
            form = Form({}, {})
            if handler.method == "POST":
                form = await read_form(request)
                if not visit.admits(form.text(TOKEN_FIELD)):
                    raise denied("form")
            turn = Turn(self.parts, self._memory, visit, request, form)
            try:
                return await handler.answer(turn)
            except (Unwelcome, ClientDisconnect):
                raise
            except AgentError as error:
                return self._refused(turn, handler, error)
            except Exception as error:
                self.parts.desk.log.error("api.crashed", exc_info=error)
                return self._refused(turn, handler, Failed("internal.error"))

        return Route(self.base + handler.path, answer, methods=[handler.method])

    def _refused(self, turn: Turn, handler: Handler, error: AgentError) -> Response:
        """A form leads back to its page, which says why; whoever must be the Gerente may sign in."""
        turn.refuse(error)
        if error.code == "manager.required":
            self.note("manager", turn.request.scope)
            return turn.show("sign_in.html", 403)
        if handler.method == "GET":
            return turn.show("refused.html", status_of(error))
        return turn.go(handler.back, **turn.request.path_params)

    async def _enter(self, request: Request) -> Response:
        """A good ticket becomes a cookie. Our own page then leads on: whoever comes from elsewhere
        would arrive without it, since it is for requests of this site alone."""
        if not self.parts.tickets.take(request.query_params.get("ticket", "")):
            raise gate.closed("ticket")
        response = Response(render_bare("enter.html", base=self.base), media_type="text/html")
        response.set_cookie(
            gate.COOKIE, self.visits.begin(), path=self.base + "/", httponly=True, samesite="strict"
        )
        self.parts.desk.log.info("panel.entered")
        return response

    async def _stream(self, request: Request) -> Response:
        gate.visit_of(request.scope, self.visits)
        if self.parts.streams.is_full:
            raise denied("streams", 503)
        return EventStream(self.parts.streams, request.state.peer, _news)

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            raise invalid("path", 404)
        kept = {"cache-control": "private, max-age=86400"}  # the path is another at the next boot
        return Response(STATIC[name], 200, kept, _TYPES[name.rpartition(".")[2]])

    def note(self, why: str, scope: Scope) -> None:
        """Have a refusal logged, without the part of the path that nobody may know."""
        self.parts.refusals.note(why, scope["method"], scope["path"].removeprefix(self.base))


class _Hall:
    """Between the door and the pages: who comes in, what a refusal looks like, and the headers."""

    def __init__(self, app: ASGIApp, house: _House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = [name for name, _value in message["headers"]]
                more = [header for header in _HEADERS if header[0] not in names]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        # Routes see the path as it was sent: a login with an encoded slash stays one segment.
        scope["path"] = scope["raw_path"].decode("latin-1")
        try:
            gate.check(scope, entering=scope["path"] == self._house.base + "/enter")
        except Unwelcome as no:
            out = lingering(receive, headed) if _is_large_list(no, scope) else headed
            await self._turned_away(no, scope)(scope, receive, out)
        else:
            await self._app(scope, receive, headed)

    async def unwelcome(self, request: Request, error: Exception) -> Response:
        """An exception handler: a page turned the request away."""
        if not isinstance(error, Unwelcome):
            raise error
        return self._turned_away(error, request.scope)

    async def unrouted(self, request: Request, error: Exception) -> Response:
        """An exception handler: there is no such page."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        no = invalid(_WHY.get(status, "request"), status)
        return self._turned_away(no, request.scope)

    async def gone(self, _request: Request, _error: Exception) -> Response:
        """An exception handler: nobody is there to read the answer."""
        return Response(status_code=400)

    def _turned_away(self, no: Unwelcome, scope: Scope) -> Response:
        self._house.note(no.why, scope)
        error = too_large() if _is_large_list(no, scope) else no.error
        page = render_bare("turned_away.html", base=self._house.base, error=error)
        return Response(page, no.status, {"connection": "close"}, "text/html")
