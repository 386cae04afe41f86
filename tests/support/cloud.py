"""The cloud model called directly, with a clock that stands still until it is told to move.

Why: the model's rules are tested without sockets and without waiting.
It must not be used where the wire matters; `support.sim` is for that.
"""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import urlencode

import msgspec

from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.seed import Seed, read_seed
from onvio_agent.simulator.wire import CloudRequest, CloudResponse, Target
from support.sim import CLIENT_ID, office_seed, password_of

FORM = {"content-type": "application/x-www-form-urlencoded"}
OFFLINE = "openid profile email offline_access"
START_AT = 1_800_000_000.0


class DirectCloud:
    """A cloud with the office of `office_seed`, asked without a wire. `now` may be set."""

    def __init__(self, **seed_changes: Any) -> None:
        self.now = START_AT
        self.seed: Seed = read_seed(msgspec.json.encode(office_seed(**seed_changes)))
        self.cloud = Cloud(self.seed, rng=random.Random(1), now=lambda: self.now)

    def ask(
        self, target: Target, method: str, path: str, body: str = "", **headers: str
    ) -> CloudResponse:
        """One request; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = path.partition("?")
        return self.cloud.handle(CloudRequest(target, method, path, query, named, body.encode()))

    def post(self, path: str, **fields: str) -> CloudResponse:
        """A form to the token server; the right client_id unless given."""
        form = {"client_id": CLIENT_ID} | fields
        return self.ask("auth", "POST", path, urlencode(form), content_type=FORM["content-type"])

    def sign_in(self, email: str, password: str = "", scope: str = OFFLINE) -> CloudResponse:
        """The password grant; the account's first password unless given."""
        password = password or password_of(email)
        return self.post(
            "/oauth/token", grant_type="password", username=email, password=password, scope=scope
        )

    def refresh(self, token: str) -> CloudResponse:
        """The refresh grant."""
        return self.post("/oauth/token", grant_type="refresh_token", refresh_token=token)

    def userinfo(self, access: str) -> CloudResponse:
        """Who the access token belongs to."""
        return self.ask("auth", "GET", "/userinfo", authorization=f"Bearer {access}")

    def client_info(self, access: str, page: int = 1) -> CloudResponse:
        """The office as the holder of the token sees it."""
        path = f"/dominio/integration/v2/client/info?pageIndex={page}"
        return self.ask("api", "GET", path, authorization=f"Bearer {access}")


def read(response: CloudResponse) -> Any:
    """The decoded body."""
    return msgspec.json.decode(response.body)


def error_of(response: CloudResponse) -> tuple[int, str]:
    """Status and `error`."""
    return response.status, read(response)["error"]
