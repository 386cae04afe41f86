"""The simulated ONVIO interface as a signed-in person sees it: office, clients, own role.

Why: the agent's checks are authenticated round trips that must name the account.
It must not keep state of its own, and never show an office key.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from onvio_agent.simulator.accounts import Account
from onvio_agent.simulator.tokens import looks_like_access
from onvio_agent.simulator.wire import (
    CloudRequest,
    CloudResponse,
    Trace,
    fingerprint,
    json_answer,
    read_bearer,
)
from onvio_agent.simulator.world import World

PAGE_SIZE = 50
CLIENT_INFO_PATH = "/dominio/integration/v2/client/info"
STATUS_INFO_PATH = "/dominio/status/v2/integration/info"
_TITLES = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}


class UserApi:
    """Answers what is asked of the target `api` with a person's token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._routes = {
            CLIENT_INFO_PATH: self._client_info,
            STATUS_INFO_PATH: self._status_info,
        }

    def answer(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        """The answer to one request."""
        handler = self._routes.get(request.path)
        if handler is None:
            return self._problem(request, trace, 404, "No such resource.")
        if request.method != "GET":
            allow = {"allow": "GET"}
            return self._problem(request, trace, 405, "Method not allowed.", allow)
        account = self._authenticate(request, trace)
        if isinstance(account, CloudResponse):
            return account
        return handler(request, trace, account)

    def _authenticate(self, request: CloudRequest, trace: Trace) -> Account | CloudResponse:
        token = read_bearer(request)
        if token is None:
            challenge = {"www-authenticate": "Bearer"}
            return self._problem(request, trace, 401, "Access token is missing.", challenge)
        trace.token_fingerprint = fingerprint(token)
        if not looks_like_access(token):
            text = "Failed to decode invalid or incorrectly formatted token."
            return self._problem(request, trace, 400, text)
        access = self._world.tokens.find_access(token)
        account = self._world.accounts.by_sub(access.sub) if access else None
        if access is None or account is None or account.state == "disabled":
            return self._denied(request, trace, "Invalid token")
        trace.account = account.email
        if self._world.now() >= access.expires_at:
            return self._denied(request, trace, "Token has expired")
        return account

    def _client_info(self, request: CloudRequest, trace: Trace, account: Account) -> CloudResponse:
        page = parse_qs(request.query).get("pageIndex", ["1"])[0]
        if not (page.isascii() and page.isdigit() and int(page[:9]) >= 1):
            return self._problem(request, trace, 400, "pageIndex must be a number from 1.")
        clients = self._world.clients
        begin = (int(page[:9]) - 1) * PAGE_SIZE
        own: dict[str, str] = {"email": account.email}
        if account.role not in (None, "unknown"):
            own["role"] = account.role
        body = {
            **self._office_of(account),
            "account": own,
            "clients": [
                {"name": client.name, "cnpj": client.cnpj}
                for client in clients[begin : begin + PAGE_SIZE]
            ],
            "pageIndex": int(page[:9]),
            "totalPages": max(1, -(-len(clients) // PAGE_SIZE)),
        }
        return json_answer(200, body)

    def _status_info(self, request: CloudRequest, trace: Trace, account: Account) -> CloudResponse:
        return json_answer(200, {"status": "ACTIVE", **self._office_of(account)})

    def _office_of(self, account: Account) -> dict[str, object]:
        if account.office == "unknown":
            return {}
        office = account.office or self._world.office
        return {"office": {"cnpj": office.cnpj, "name": office.name}}

    def _denied(self, request: CloudRequest, trace: Trace, detail: str) -> CloudResponse:
        challenge = {"www-authenticate": 'Bearer error="invalid_token"'}
        return self._problem(request, trace, 401, detail, challenge)

    def _problem(
        self,
        request: CloudRequest,
        trace: Trace,
        status: int,
        detail: str,
        headers: dict[str, str] | None = None,
    ) -> CloudResponse:
        trace.error = detail
        return problem(self._world, request.path, status, detail, headers)


def problem(
    world: World, path: str, status: int, detail: str, headers: dict[str, str] | None = None
) -> CloudResponse:
    """An error body in the shape that the interface uses; `status` in it is a text."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Error"),
        "detail": detail,
        "status": str(status),
        "instance": path,
        "api_requestId": f"{world.rng.getrandbits(128):032x}",
    }
    kind = {"content-type": "application/problem+json"}
    return json_answer(status, body, kind | (headers or {}))
