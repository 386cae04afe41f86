"""Who is let into the panel and who is turned away, and that it is logged: every case on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.api.tickets import TICKET_S
from onvio_agent.panel.gate import BODY_MAX_BYTES
from onvio_agent.panel.visits import VISIT_IDLE_S
from support.aio import on_loop
from support.apis import served
from support.desks import Bench, bench
from support.panels import Visitor


@asynccontextmanager
async def visited(folder: Path) -> AsyncIterator[tuple[Bench, Visitor]]:
    async with bench(folder) as at, served(at.desk) as api:
        visitor = Visitor(api)
        await visitor.enter()
        yield at, visitor


def refusals(at: Bench) -> list[Any]:
    return [entry["why"] for entry in at.events("api.refused")]


@on_loop
async def test_a_one_time_link_opens_the_panel_and_binds_the_browser(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        visitor = Visitor(api)
        entered = await visitor.enter()
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert f"path={visitor.base}/" in cookie
        page = await visitor.ask("GET", "/")
        assert page.status == 200
        for name, value in {
            "content-security-policy": "default-src 'self'",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "cache-control": "no-store",
            "cross-origin-resource-policy": "same-origin",
        }.items():
            assert value in page.headers[name]
        assert refusals(at) == []
        assert len(at.events("panel.entered")) == 1
        assert visitor.base not in "".join(at.lines.lines)


@on_loop
async def test_a_link_is_good_once_and_for_half_a_minute(tmp_path: Path) -> None:
    async with visited(tmp_path) as (at, visitor):
        link = (await visitor.link()).removeprefix(visitor.base)
        assert (await visitor.ask("GET", link, cookie=None)).status == 200
        again = await visitor.ask("GET", link, cookie=None)
        assert again.status == 403
        assert "set-cookie" not in again.headers
        late = (await visitor.link()).removeprefix(visitor.base)
        at.pass_time(TICKET_S)
        assert (await visitor.ask("GET", late)).status == 403
        assert (await visitor.ask("GET", "/enter")).status == 403
        assert refusals(at) == ["ticket"]


@pytest.mark.parametrize(
    ("method", "headers", "why", "status"),
    [
        ("GET", {"host": "painel.example:80"}, "host", 403),
        ("GET", {"host": "127.0.0.1:1"}, "host", 403),
        ("GET", {"origin": "http://painel.example"}, "origin", 403),
        ("GET", {"sec_fetch_site": "cross-site"}, "site", 403),
        ("GET", {"sec_fetch_site": "same-site"}, "site", 403),
        ("GET", {"cookie": None}, "visit", 403),
        ("GET", {"cookie": "onvio_panel=" + "0" * 64}, "visit", 403),
        ("PUT", {}, "method", 405),
        ("POST", {"origin": "http://painel.example"}, "origin", 403),
        ("POST", {"origin": "null"}, "origin", 403),
        ("POST", {"origin": "http://127.0.0.1:1"}, "origin", 403),  # another port of this host
        ("POST", {"sec_fetch_site": "same-site"}, "site", 403),
        ("POST", {"sec_fetch_site": "none", "origin": None}, "site", 403),
        ("POST", {"sec_fetch_site": None, "origin": None}, "origin", 403),
        ("POST", {"cookie": None}, "visit", 403),
        ("POST", {"content_type": "application/json"}, "content-type", 415),
        ("POST", {"content_length": str(BODY_MAX_BYTES + 1)}, "size", 413),
        ("POST", {"content_length": None, "transfer_encoding": "chunked"}, "size", 413),
    ],
)
@on_loop
async def test_what_no_page_of_ours_sends_is_refused_and_logged(
    tmp_path: Path, method: str, headers: dict[str, str | None], why: str, status: int
) -> None:
    async with visited(tmp_path) as (at, visitor):
        path = "/reconnect" if method == "POST" else "/"
        answer = await visitor.ask(method, path, **headers)
        assert answer.status == status
        assert refusals(at) == [why]
        assert b"Helena" not in answer.body


@pytest.mark.parametrize("token", ["", "0" * 64, "ação"])
@on_loop
async def test_a_form_without_this_visits_token_is_refused_and_logged(
    tmp_path: Path, token: str
) -> None:
    async with visited(tmp_path) as (at, visitor):
        answer = await visitor.ask("POST", "/reconnect", {"form_token": token})
        assert answer.status == 403
        assert refusals(at) == ["form"]


@on_loop
async def test_the_token_of_one_browser_is_no_good_in_another(tmp_path: Path) -> None:
    async with visited(tmp_path) as (at, visitor):
        other = Visitor(visitor.api)
        await other.enter()
        answer = await other.ask("POST", "/reconnect", {"form_token": visitor.form_token})
        assert answer.status == 403
        assert refusals(at) == ["form"]


@pytest.mark.parametrize(
    "name",
    [
        "../templates/base.html",
        "..%2ftemplates%2fbase.html",
        "%2e%2e/x",
        "style.css%00",
        "/etc/passwd",
    ],
)
@on_loop
async def test_no_path_leads_out_of_the_static_files(tmp_path: Path, name: str) -> None:
    async with visited(tmp_path) as (at, visitor):
        assert (await visitor.ask("GET", "/static/style.css")).status == 200
        assert (await visitor.ask("GET", f"/static/{name}")).status == 404
        assert refusals(at) == ["path"]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"form_token",
        b"a=%ff%fe",
        b"&".join(b"a=1" for _ in range(100)),
        b"form_token=" + b"x" * 5000,
    ],
)
@on_loop
async def test_a_body_that_is_no_form_of_ours_is_refused(tmp_path: Path, body: bytes) -> None:
    async with visited(tmp_path) as (at, visitor):
        answer = await visitor.ask("POST", "/reconnect", body)
        assert answer.status in (400, 413)
        assert refusals(at)[0] in ("form", "size")


@on_loop
async def test_a_body_that_drips_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onvio_agent.api.bodies.BODY_LIMIT_S", 0.05)
    async with visited(tmp_path) as (at, visitor):
        answer = await visitor.ask("POST", "/reconnect", b"form", content_length="400")
        assert answer.status == 408
        assert refusals(at) == ["slow"]


@on_loop
async def test_a_browser_that_nobody_uses_for_long_must_come_in_anew(tmp_path: Path) -> None:
    async with visited(tmp_path) as (at, visitor):
        at.pass_time(VISIT_IDLE_S - 1)
        assert (await visitor.ask("GET", "/")).status == 200
        at.pass_time(VISIT_IDLE_S - 1)
        assert (await visitor.ask("GET", "/")).status == 200
        at.pass_time(VISIT_IDLE_S)
        assert (await visitor.ask("GET", "/")).status == 403
        assert refusals(at) == ["visit"]


@on_loop
async def test_the_panels_path_is_another_in_each_run_and_known_to_nobody_else(
    tmp_path: Path,
) -> None:
    async with visited(tmp_path) as (at, visitor), served(at.desk) as other:
        elsewhere = Visitor(other)
        elsewhere.base = visitor.base
        answer = await elsewhere.ask("GET", "/")
        assert (answer.status, answer.code) == (403, "request.denied")


@on_loop
async def test_markup_in_a_name_stays_text(tmp_path: Path) -> None:
    async with visited(tmp_path) as (_at, visitor):
        await visitor.api.sign_in()
        name = "<script>alert(1)</script>\"'"
        await visitor.api.ask("POST", "/v1/users", {"login": "<b>x</b>", "name": name})
        page = (await visitor.ask("GET", "/?search=<i>")).body + (
            await visitor.ask("GET", "/")
        ).body
        assert b"<script>alert" not in page
        assert b"<b>x" not in page
        assert b"<i>" not in page
        assert b"&lt;script&gt;alert" in page


@on_loop
async def test_markup_in_what_a_reason_names_stays_text(tmp_path: Path) -> None:
    async with visited(tmp_path) as (_at, visitor):
        await visitor.ask("POST", "/reconnect", {"login": "<script>alert(1)</script>"})
        page = (await visitor.ask("GET", "/")).body
        assert b"<script>alert" not in page
        assert b"&lt;script&gt;alert(1)" in page


@on_loop
async def test_a_head_that_drips_is_cut_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onvio_agent.api.serve.HEAD_LIMIT_S", 0.05)
    async with visited(tmp_path) as (at, visitor):
        assert await visitor.api.raw(f"GET {visitor.base}/ HTTP/1.1\r\nhost:".encode()) == b""
        assert refusals(at) == ["slow"]


@on_loop
async def test_the_stream_tells_that_something_has_changed_and_no_more(tmp_path: Path) -> None:
    async with visited(tmp_path) as (at, visitor):
        reader, writer = await visitor.api.connect()
        head = f"GET {visitor.base}/stream HTTP/1.1\r\nhost: 127.0.0.1:{visitor.api.port}\r\n"
        writer.write(f"{head}cookie: {visitor.cookie}\r\n\r\n".encode())
        async with asyncio.timeout(10):
            said = await reader.readuntil(b"}\n\n")
        assert b"text/event-stream" in said
        assert b'event: snapshot\ndata: {"revision":' in said
        assert b"gerente" not in said
        writer.close()
        denied = await visitor.ask("GET", "/stream", cookie=None)
        assert denied.status == 403
        assert refusals(at) == ["visit"]
