"""Browsers without a wire: the simulated sign-in page filled in, and landings in the same process.

Why: what a browser brings back, twice, late or forged, can be forced here.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from onvio_agent.actions.landing import Landed, OnReturn
from onvio_agent.simulator.model import Cloud
from onvio_agent.simulator.wire import CloudRequest, CloudResponse
from onvio_agent.supervise import Tasks

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class MemoryLanding:
    """One landing; `come_back` is the browser's request."""

    def __init__(self, number: int, on_return: OnReturn) -> None:
        self.redirect_uri = f"http://127.0.0.1:{number}/callback"
        self.is_open = True
        self._on_return = on_return

    def close(self) -> None:
        """Take nobody in."""
        self.is_open = False

    async def come_back(self, query: str) -> Landed:
        """What the page shows."""
        return await self._on_return(query)


class MemoryLandings:
    """All that were opened, newest last."""

    def __init__(self) -> None:
        self.all: list[MemoryLanding] = []

    async def open(self, tasks: Tasks, on_return: OnReturn) -> MemoryLanding:
        """Nothing listens anywhere."""
        self.all.append(MemoryLanding(40_000 + len(self.all), on_return))
        return self.all[-1]


def sign_in_page(cloud: Cloud, url: str) -> CloudResponse:
    """The page at the address that the agent gave."""
    parts = urlsplit(url)
    return cloud.handle(CloudRequest("auth", "GET", parts.path, parts.query))


def fill_in(cloud: Cloud, page: CloudResponse, **typed: str) -> CloudResponse:
    """What comes of these entries and a click on *Entrar* (`answer="no"`: *Cancelar*)."""
    form = urlencode(hidden_fields(page.body) | {"answer": "yes"} | typed)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return cloud.handle(CloudRequest("auth", "POST", "/authorize", "", kind, form.encode()))


def hidden_fields(page: bytes) -> dict[str, str]:
    """The form's hidden fields, as a browser would send them."""
    return {name: unescape(value) for name, value in FIELD.findall(page.decode())}


def brought_back(answer: CloudResponse) -> str:
    """The query that the browser is sent back with."""
    assert answer.status == 302, answer
    return urlsplit(answer.headers["location"]).query


def browse(cloud: Cloud, url: str, email: str, password: str, **more: Any) -> str:
    """All of it: the query with which the browser comes back."""
    page = sign_in_page(cloud, url)
    return brought_back(fill_in(cloud, page, username=email, password=password, **more))
