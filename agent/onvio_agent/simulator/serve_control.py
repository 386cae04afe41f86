"""The control side over HTTP: faults, accounts, clock, limits, rotation, deliveries, journal.

Why: tests and people pull the model's levers while a client is connected.
It must stay on its own loopback listener under a random path, apart from what a client sees.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from onvio_agent.simulator.accounts import Account, AccountPatch, EmailTaken, UnknownAccount
from onvio_agent.simulator.faults import KINDS, Fault
from onvio_agent.simulator.integration import LeversPatch
from onvio_agent.simulator.limits import LimitsPatch
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.tokens import Rotation

T = TypeVar("T")
_MAX_BODY_BYTES = 100_000


class Revocation(msgspec.Struct, forbid_unknown_fields=True):
    """Which tokens of an account end; null: all."""

    only: Literal["refresh", "access"] | None = None


class ClockStep(msgspec.Struct, forbid_unknown_fields=True):
    """How far the simulator's clock moves on, in seconds."""

    advance_s: float


class Control:
    """The control side of one cloud. `after_change` saves the state and applies the faults."""

    def __init__(self, cloud: Cloud, after_change: Callable[[], Awaitable[None]]) -> None:
        self._cloud = cloud
        self._after_change = after_change

    def app(self, secret_path: str) -> Starlette:
        """The application, reachable only below `secret_path`."""
        return Starlette(
            routes=[Mount(f"/{secret_path}", routes=self.routes())],
            exception_handlers={HTTPException: _refuse, ValueError: _refuse},
        )

    def routes(self) -> list[BaseRoute]:
        """Every control route, relative to the control address."""
        return [
            Route("/_sim/faults", self.add_fault, methods=["POST"]),
            Route("/_sim/faults", self.list_faults, methods=["GET"]),
            Route("/_sim/faults", self.clear_faults, methods=["DELETE"]),
            Route("/_sim/accounts/{email}", self.patch_account, methods=["PATCH"]),
            Route("/_sim/accounts/{email}/revoke", self.revoke, methods=["POST"]),
            Route("/_sim/accounts/{email}/codes", self.read_codes, methods=["GET"]),
            Route("/_sim/clock", self.move_clock, methods=["POST"]),
            Route("/_sim/limits", self.set_limits, methods=["POST"]),
            Route("/_sim/rotation", self.set_rotation, methods=["POST"]),
            Route("/_sim/integration", self.set_integration, methods=["POST"]),
            Route("/_sim/integration/revoke", self.revoke_machine_tokens, methods=["POST"]),
            Route("/_sim/integration/forget", self.forget_batches, methods=["POST"]),
            Route("/_sim/clients/{cnpj}/revoke", self.revoke_key, methods=["POST"]),
            Route("/_sim/documents", self.read_documents, methods=["GET"]),
            Route("/_sim/journal", self.read_journal, methods=["GET"]),
        ]

    async def add_fault(self, request: Request) -> Response:
        """Set one fault; it is in force when this answers."""
        body = await _read(request, dict[str, Any])
        if body.get("kind") not in KINDS:
            known = ", ".join(KINDS)
            raise HTTPException(400, f"Unknown fault kind; there are: {known}")
        self._cloud.set_fault(_convert(body, Fault))
        await self._after_change()
        return self._faults()

    async def list_faults(self, _request: Request) -> Response:
        """The faults that are set."""
        return self._faults()

    async def clear_faults(self, _request: Request) -> Response:
        """Take all faults away."""
        self._cloud.clear_faults()
        await self._after_change()
        return self._faults()

    async def patch_account(self, request: Request) -> Response:
        """Change any seed field of an account."""
        change = await _read(request, AccountPatch)
        try:
            account = self._cloud.patch_account(request.path_params["email"], change)
        except UnknownAccount as error:
            raise HTTPException(404, "No account has this e-mail") from error
        except EmailTaken as error:
            raise HTTPException(409, "Another account has this e-mail") from error
        await self._after_change()
        return JSONResponse(_show(account))

    async def revoke(self, request: Request) -> Response:
        """End the tokens of an account."""
        asked = await _read(request, Revocation)
        try:
            self._cloud.revoke(request.path_params["email"], asked.only)
        except UnknownAccount as error:
            raise HTTPException(404, "No account has this e-mail") from error
        await self._after_change()
        return Response(status_code=204)

    async def read_codes(self, request: Request) -> Response:
        """What an authenticator app shows, what was sent, and the recovery code."""
        try:
            return JSONResponse(self._cloud.codes(request.path_params["email"]))
        except UnknownAccount as error:
            raise HTTPException(404, "No account has this e-mail") from error

    async def move_clock(self, request: Request) -> Response:
        """Move the simulator's clock on."""
        step = await _read(request, ClockStep)
        now = self._cloud.advance(step.advance_s)
        await self._after_change()
        return JSONResponse({"now": _rfc3339(now)})

    async def set_limits(self, request: Request) -> Response:
        """Set or lift limits."""
        self._cloud.set_limits(await _read(request, LimitsPatch))
        await self._after_change()
        return JSONResponse(msgspec.to_builtins(self._cloud.world.limits))

    async def set_rotation(self, request: Request) -> Response:
        """Change how refresh tokens are exchanged."""
        self._cloud.set_rotation(await _read(request, Rotation))
        await self._after_change()
        return JSONResponse(msgspec.to_builtins(self._cloud.world.tokens.state.rotation))

    async def set_integration(self, request: Request) -> Response:
        """Change how batches are treated."""
        levers = self._cloud.set_integration(await _read(request, LeversPatch))
        await self._after_change()
        return JSONResponse(msgspec.to_builtins(levers))

    async def revoke_machine_tokens(self, _request: Request) -> Response:
        """End every token of a program."""
        self._cloud.revoke_machine_tokens()
        await self._after_change()
        return Response(status_code=204)

    async def forget_batches(self, _request: Request) -> Response:
        """Lose the batches that are not processed yet."""
        self._cloud.forget_batches()
        await self._after_change()
        return Response(status_code=204)

    async def revoke_key(self, request: Request) -> Response:
        """End a company's integration key."""
        self._cloud.revoke_key(request.path_params["cnpj"])
        await self._after_change()
        return Response(status_code=204)

    async def read_documents(self, _request: Request) -> Response:
        """What has been stored by now."""
        return JSONResponse(
            [
                msgspec.to_builtins(document) | {"stored_at": _rfc3339(document.stored_at)}
                for document in self._cloud.documents()
            ]
        )

    async def read_journal(self, request: Request) -> Response:
        """The journal as a list, oldest first; the total is in a header."""
        since = request.query_params.get("since", "0")
        if not (since.isascii() and since.isdigit()):
            raise HTTPException(400, "`since` must be the number of an entry")
        entries = [
            msgspec.to_builtins(entry) | {"at": _rfc3339(entry.at)}
            for entry in self._cloud.journal(int(since[:15]))
        ]
        return JSONResponse(entries, headers={"x-journal-total": str(self._cloud.journal_total)})

    def _faults(self) -> Response:
        return JSONResponse(msgspec.to_builtins(self._cloud.faults.active()))


async def _read(request: Request, kind: type[T]) -> T:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > _MAX_BODY_BYTES:
            raise HTTPException(413, "The request is too large")
    try:
        return msgspec.json.decode(data or b"{}", type=kind)
    except msgspec.MsgspecError as error:
        raise HTTPException(400, str(error)) from error


def _convert(body: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(body, kind)
    except msgspec.MsgspecError as error:
        raise HTTPException(400, str(error)) from error


async def _refuse(_request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code)
    return JSONResponse({"error": str(error)}, 400)


def _show(account: Account) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(account)
    del shown["password"]
    return shown | {"updated_at": _rfc3339(account.updated_at)}


def _rfc3339(at: float) -> str:
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
