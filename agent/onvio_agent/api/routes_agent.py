"""The agent itself: who it is, how it is, try again, pause, end."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from onvio_agent.actions.intent import pause, resume
from onvio_agent.actions.reconnect import reconnect
from onvio_agent.api.answers import carry_out, denied, json_response, route
from onvio_agent.api.auth import HELLO_PATH
from onvio_agent.api.bodies import Reconnect, SetIntent, SetWorkstation, body_of
from onvio_agent.api.parts import Parts
from onvio_agent.api.stream import EventStream
from onvio_agent.contract.status import API_VERSION, IntentState
from onvio_agent.errors import Refused, WrongUsage
from onvio_agent.plain_text import clean
from onvio_agent.runtime import NONCE_MAX, NONCE_MIN

_HEX = "0123456789abcdefABCDEF"


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    return [
        route(parts, "GET", HELLO_PATH, _hello),
        route(parts, "GET", "/v1/status", _status),
        route(parts, "GET", "/v1/stream", _stream),
        route(parts, "POST", "/v1/reconnect", _reconnect),
        route(parts, "PUT", "/v1/intent", _set_intent),
        route(parts, "PUT", "/v1/workstation", _set_workstation),
        route(parts, "POST", "/v1/stop", _stop),
    ]


async def _hello(parts: Parts, request: Request) -> object:
    """Without a token: it reveals nothing, and proves that the token is known here."""
    nonce = request.query_params.get("nonce", "")
    if not NONCE_MIN <= len(nonce) <= NONCE_MAX or any(digit not in _HEX for digit in nonce):
        raise WrongUsage("request.invalid", detail=f"nonce: {NONCE_MIN}-{NONCE_MAX} hex")
    agent = parts.desk.hub.process
    return {
        "api_version": API_VERSION,
        "version": agent.version,
        "boot_id": parts.access.boot_id,
        "pid": agent.pid,
        "proof": parts.access.prove(nonce),
    }


async def _status(parts: Parts, _request: Request) -> object:
    return parts.desk.hub.snapshot()


async def _stream(parts: Parts, request: Request) -> object:
    if parts.streams.is_full:
        raise denied("streams", 503)
    return EventStream(parts.streams, request.state.peer)


async def _reconnect(parts: Parts, request: Request) -> object:
    body = await body_of(request, Reconnect)
    await carry_out(parts, "reconnect", reconnect(parts.desk, body.login))
    return parts.desk.hub.snapshot()


async def _set_intent(parts: Parts, request: Request) -> object:
    body = await body_of(request, SetIntent)
    paused = body.state is IntentState.PAUSED
    if body.for_s is not None and not paused:
        raise WrongUsage("request.invalid", detail="for_s")
    work = pause(parts.desk, body.for_s) if paused else resume(parts.desk)
    await carry_out(parts, "intent", work)
    return parts.desk.hub.snapshot()


async def _set_workstation(parts: Parts, request: Request) -> object:
    """For this run; `workstation.user` in the settings is for the next ones."""
    body = await body_of(request, SetWorkstation)
    hub = parts.desk.hub
    user = hub.office.find(body.login) if body.login else None
    if body.login and user is None:
        raise Refused("user.unknown", login=clean(body.login))
    hub.set_own_login(user.login if user else "")
    return hub.snapshot()


async def _stop(parts: Parts, _request: Request) -> object:
    return _Stopping(parts)


class _Stopping(Response):
    """Answers first, then asks for the end."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await json_response({}, 202)(scope, receive, send)
        self._parts.desk.log.info("api.stop_requested")
        self._parts.request_stop()
