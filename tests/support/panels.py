"""A browser's requests to the panel, byte for byte: with its headers and its cookie, or without.

Why: what the panel refuses is what no well-behaved browser sends. `Visitor.ask` sends a good request
unless told otherwise.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from onvio_agent.actions.manager import set_password
from support.apis import MANAGER_PASSWORD, Answer, Served, read_answer, served
from support.desks import Bench, bench


class Visitor:
    """One browser that came in by a one-time link."""

    def __init__(self, api: Served) -> None:
        self.api = api
        self.base = ""
        self.cookie: str | None = None
        self.form_token = ""

    async def enter(self) -> Answer:
        """Ask for a link, follow it, keep the cookie and the token of the first page's forms."""
        self.base, _, query = (await self.link()).partition("/enter?")
        entered = await self.ask("GET", f"/enter?{query}", cookie=None, sec_fetch_site="cross-site")
        self.cookie = entered.headers["set-cookie"].partition(";")[0]
        page = await self.ask("GET", "/sign-in")
        self.form_token = re.findall(r'name="form_token" value="(\w+)"', page.body.decode())[0]
        return entered

    async def link(self) -> str:
        """A new link's path and query."""
        url = (await self.api.ask("POST", "/v1/panel")).json["url"]
        return str(url.removeprefix(f"http://127.0.0.1:{self.api.port}"))

    async def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | bytes | None = None,
        **headers: str | None,
    ) -> Answer:
        """One request below the panel's path. Header names with underscores; None leaves one out."""
        named: dict[str, str | None] = {
            "host": f"127.0.0.1:{self.api.port}",
            "sec-fetch-site": "same-origin",
            "cookie": self.cookie,
        }
        data = b""
        if method == "POST":
            more = {"form_token": self.form_token}
            data = form if isinstance(form, bytes) else urlencode(more | (form or {})).encode()
            named |= {
                "origin": f"http://127.0.0.1:{self.api.port}",
                "content-type": "application/x-www-form-urlencoded",
                "content-length": str(len(data)),
            }
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        named["connection"] = "close"
        lines = [f"{name}: {value}\r\n" for name, value in named.items() if value is not None]
        head = f"{method} {self.base}{path} HTTP/1.1\r\n{''.join(lines)}\r\n"
        return read_answer(await self.api.raw(head.encode("latin-1") + data))

    async def sign_in(self) -> None:
        """Be the Gerente in this browser."""
        await set_password(self.api.desk.store, self.api.desk.exec, MANAGER_PASSWORD)
        answer = await self.ask(
            "POST", "/sign-in", {"login": "gerente", "password": MANAGER_PASSWORD}
        )
        assert answer.status == 303

    async def page(self, path: str = "/") -> str:
        """A page's text as it would be read, its markup left out."""
        answer = await self.ask("GET", path)
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.body.decode())))

    async def download(self, path: str) -> bytes:
        """A file that comes in chunks, put together."""
        head = f"GET {self.base}{path} HTTP/1.1\r\nhost: 127.0.0.1:{self.api.port}\r\n"
        rest = f"cookie: {self.cookie}\r\nconnection: close\r\n\r\n"
        answer, _, body = (await self.api.raw((head + rest).encode())).partition(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        whole = b""
        while body:
            size, _, body = body.partition(b"\r\n")
            length = int(size, 16)
            whole, body = whole + body[:length], body[length + 2 :]
        return whole

    async def post(self, path: str, **form: str) -> str:
        """Send a form and follow where it leads; what that page says."""
        answer = await self.ask("POST", path, form)
        assert answer.status == 303, answer
        return await self.page(answer.headers["location"].removeprefix(self.base))


@asynccontextmanager
async def office(
    folder: Path, *linked: str, manager: bool = True, own: str = "", **seed: Any
) -> AsyncIterator[tuple[Bench, Visitor]]:
    """A served office and a browser in it; `manager`: signed in as the Gerente. `linked`: who is connected."""
    async with bench(folder, own=own, **seed) as at, served(at.desk) as api:
        await at.connect(*linked)
        visitor = Visitor(api)
        await visitor.enter()
        if manager:
            await visitor.sign_in()
        yield at, visitor
