"""From what an endpoint returns or raises to what goes over the wire.

One shape for every error; a reason's sentences come in the user's language. No traceback leaves the
process: what nobody expected is logged here, once, and answered as `internal.error`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from onvio_agent.api.parts import Parts
from onvio_agent.contract.status import encode
from onvio_agent.errors import AgentError, Failed, NotRunning, Refused, WrongUsage, fill
from onvio_agent.i18n import _
from onvio_agent.log import Log

T = TypeVar("T")

Endpoint = Callable[[Parts, Request], Awaitable[object]]

JSON_HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}


class Unwelcome(Exception):
    """A request that is turned away before anything is done: `why` for the log, the rest for it."""

    def __init__(self, why: str, status: int, error: AgentError) -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.error = error


def denied(why: str, status: int = 403) -> Unwelcome:
    """For whoever is not let in."""
    return Unwelcome(why, status, Refused("request.denied", detail=why))


def invalid(why: str, status: int) -> Unwelcome:
    """For a request that breaks the rules of the wire."""
    return Unwelcome(why, status, WrongUsage("request.invalid", detail=why))


def json_response(value: object, status: int = 200) -> Response:
    """`value` (a wire shape, a dict or list of them) as JSON; an empty answer for None."""
    if value is None:
        return Response(status_code=204, headers={"cache-control": "no-store"})
    return Response(encode(value), status, JSON_HEADERS)


def error_response(error: AgentError, status: int | None = None) -> Response:
    """The one shape of every refusal and failure."""
    fields = {name: _plain(value) for name, value in error.fields.items()}
    body = {
        "code": error.code,
        "title": fill(_(error.reason.title), fields),
        "next_step": fill(_(error.reason.next_step), fields),
        "fields": fields,
        "exit_code": error.exit_code,
    }
    return json_response({"error": body}, status or status_of(error))


def status_of(error: AgentError) -> int:
    """400 wrong request, 403 not this person, 409 a rule says no, 503 something is missing, 500 bug."""
    if isinstance(error, WrongUsage):
        return 400
    if isinstance(error, Refused):
        mine = error.code.startswith("manager.") or error.code == "request.denied"
        return 403 if mine else 409
    return 500 if error.code == "internal.error" else 503


def turn_away(parts: Parts, no: Unwelcome, request_line: tuple[str, str]) -> Response:
    """The refusal, noted; the connection ends with it, so that no body need be read."""
    parts.refusals.note(no.why, *request_line)
    response = error_response(no.error, no.status)
    response.headers["connection"] = "close"
    return response


def route(parts: Parts, method: str, path: str, endpoint: Endpoint, status: int = 200) -> Route:
    """A route whose endpoint returns a wire value, None or a `Response`, or raises."""

    async def answer(request: Request) -> Response:
        try:
            value = await endpoint(parts, request)
        except Unwelcome as no:
            return turn_away(parts, no, (request.method, request.url.path))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except AgentError as error:
            return error_response(error)
        except Exception as error:
            return error_response(_unexpected(parts.desk.log, error))
        return value if isinstance(value, Response) else json_response(value, status)

    return Route(path, answer, methods=[method])


async def carry_out(parts: Parts, name: str, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which goes on to its end whether or not anybody still waits for it."""
    task = parts.desk.tasks.spawn(name, _outcome(parts.desk.log, work))
    try:
        result, error = await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.cancelled():  # the agent is ending and had no more patience
            raise NotRunning("agent.not_running") from None
        raise
    if error is not None:
        raise error
    return result  # type: ignore[return-value]  # no error: it is there


async def _outcome(log: Log, work: Coroutine[Any, Any, T]) -> tuple[T | None, AgentError | None]:
    """A refusal is an answer, not a crash of the task."""
    try:
        return await work, None
    except AgentError as error:
        return None, error
    except Exception as error:
        return None, _unexpected(log, error)


def _unexpected(log: Log, error: Exception) -> Failed:
    log.error("api.crashed", exc_info=error)
    return Failed("internal.error")


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) else str(value)
