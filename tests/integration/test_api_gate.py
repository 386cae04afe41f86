"""Who is let in by the control API, and who is turned away: every case on the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from onvio_agent.api.bodies import BODY_MAX_BYTES
from onvio_agent.api.stream import STREAMS_MAX
from onvio_agent.runtime import proof
from support.aio import on_loop
from support.apis import BOOT_ID, TOKEN, Served, next_event, read_answer, served
from support.desks import bench

NONCE = "0123456789abcdef"

ROUTES = [
    ("GET", "/v1/status"),
    ("GET", "/metrics"),
    ("GET", "/v1/stream"),
    ("POST", "/v1/reconnect"),
    ("PUT", "/v1/intent"),
    ("PUT", "/v1/workstation"),
    ("POST", "/v1/stop"),
    ("GET", "/v1/users"),
    ("POST", "/v1/users"),
    ("POST", "/v1/users/import"),
    ("GET", "/v1/users/ana"),
    ("PUT", "/v1/users/ana/link"),
    ("PUT", "/v1/users/ana/portal"),
    ("PUT", "/v1/users/ana/name"),
    ("POST", "/v1/users/ana/link/browser"),
    ("POST", "/v1/users/ana/portal/browser"),
    ("POST", "/v1/users/ana/inactivate"),
    ("POST", "/v1/users/ana/activate"),
    ("POST", "/v1/users/ana/promote"),
    ("GET", "/v1/sync"),
    ("GET", "/v1/sync/documents"),
    ("POST", "/v1/sync/documents"),
    ("GET", "/v1/sync/documents/{sha256}"),
    ("GET", "/v1/sync/documents/{sha256}/content"),
    ("POST", "/v1/sync/retry"),
    ("POST", "/v1/sync/cancel"),
    ("POST", "/v1/panel"),
    ("GET", "/v1/vault"),
    ("POST", "/v1/vault/rotate"),
    ("POST", "/v1/vault/renew"),
    ("GET", "/v1/revocations"),
    ("POST", "/v1/revocations/all"),
    ("GET", "/v1/users/ana/data"),
    ("DELETE", "/v1/users/ana"),
    ("POST", "/v1/sync/clients"),
    ("PUT", "/v1/sync/clients/{name}"),
    ("DELETE", "/v1/sync/clients/{name}"),
    ("GET", "/v1/dialogues/1"),
    ("POST", "/v1/dialogues/1/code"),
    ("DELETE", "/v1/dialogues/1"),
    ("POST", "/v1/sessions"),
    ("DELETE", "/v1/sessions"),
    ("GET", "/nothing/here"),
    ("POST", "/v1/hello"),
    ("GET", "/v1/hello/"),
    ("GET", "//v1/hello"),
]


@on_loop
async def test_without_the_token_nothing_but_hello_is_answered(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        for method, path in ROUTES:
            for given in (None, "", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer", "ção"):
                answer = await api.ask(method, path, authorization=given)
                assert (answer.status, answer.code) == (403, "request.denied"), (method, path)
        assert not api.stop_requested.is_set()
        answer = await api.ask("GET", f"/v1/hello?nonce={NONCE}", authorization=None)
        assert answer.status == 200


@on_loop
async def test_hello_proves_the_token_and_reveals_nothing_of_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        answer = await api.ask("GET", f"/v1/hello?nonce={NONCE}", authorization=None)
        assert answer.json == {
            "api_version": 1,
            "version": "0",
            "boot_id": BOOT_ID,
            "pid": 1,
            "proof": proof(TOKEN, NONCE, BOOT_ID),
        }
        assert TOKEN.encode() not in answer.body
        for nonce in ("", "0123", "0" * 129, "g" * 16, "%00" * 16, "%D9%A3" * 16):
            bad = await api.ask("GET", f"/v1/hello?nonce={nonce}")
            assert (bad.status, bad.code) == (400, "request.invalid")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"host": None}, None),  # no HTTP/1.1 at all
        ({"host": "127.0.0.1"}, "host"),
        ({"host": "127.0.0.1:1"}, "host"),
        ({"host": "localhost.evil.example:{port}"}, "host"),
        ({"host": "evil.example:{port}"}, "host"),
        ({"host": "127.0.0.2:{port}"}, "host"),
        ({"host": "127.0.0.1:{port}@evil.example"}, "host"),
        ({"origin": "http://evil.example"}, "origin"),
        ({"origin": "null"}, "origin"),
        ({"origin": "http://127.0.0.1:1"}, "origin"),
        ({"origin": "http://127.0.0.1"}, "origin"),
        ({"origin": "https://127.0.0.1:{port}"}, "origin"),
        ({"origin": "http://localhost:{port}"}, "origin"),  # ours, but not the one asked
        ({"sec_fetch_site": "cross-site"}, "site"),
        ({"sec_fetch_site": "same-site"}, "site"),
        ({"origin": "http://127.0.0.1:{port}", "sec_fetch_site": "cross-site"}, "site"),
    ],
)
@on_loop
async def test_a_foreign_name_or_page_is_turned_away_even_with_the_token(
    tmp_path: Path, headers: dict[str, str | None], why: str | None
) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        sent = {name: value and value.format(port=api.port) for name, value in headers.items()}
        for method, path in (("GET", "/v1/status"), ("POST", "/v1/stop"), ("GET", "/v1/hello")):
            answer = await api.ask(method, path, **sent)
            assert answer.status == (403 if why else 400)
            assert why is None or answer.json["error"]["fields"] == {"detail": why}
        assert not api.stop_requested.is_set()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "localhost:{port}"},
        {"host": "[::1]:{port}"},
        {"origin": "http://127.0.0.1:{port}"},
        {"host": "localhost:{port}", "origin": "http://localhost:{port}"},
        {"sec_fetch_site": "same-origin", "origin": "http://127.0.0.1:{port}"},
        {"sec_fetch_site": "none"},
    ],
)
@on_loop
async def test_our_own_names_and_pages_are_let_in(tmp_path: Path, headers: dict[str, str]) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        sent = {name: value.format(port=api.port) for name, value in headers.items()}
        assert (await api.ask("GET", "/v1/status", **sent)).status == 200
        assert (await api.ask("POST", "/v1/reconnect", {}, **sent)).status == 200


@on_loop
async def test_a_header_sent_twice_does_not_slip_through(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        own, good = f"host: 127.0.0.1:{api.port}\r\n", f"authorization: Bearer {TOKEN}\r\n"
        for extra in ("authorization: Bearer x\r\n", "origin: http://evil.example\r\n"):
            for head in (own + good + extra, own + extra + good):
                sent = f"GET /v1/status HTTP/1.1\r\n{head}connection: close\r\n\r\n"
                assert read_answer(await api.raw(sent.encode())).status == 403


@on_loop
async def test_the_wrong_method_path_or_kind_of_body_is_named(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        wrong = [
            (await api.ask("GET", "/v1/reconnect"), 405),
            (await api.ask("DELETE", "/v1/status"), 405),
            (await api.ask("HEAD", "/v1/status"), 405),
            (await api.ask("OPTIONS", "/v1/stop"), 405),
            (await api.ask("TRACE", "/v1/status"), 405),
            (await api.ask("GET", "/v1"), 404),
            (await api.ask("GET", "/v1/status/"), 404),
            (await api.ask("GET", "/v1/users/ana/unknown"), 404),
            (await api.ask("POST", "/v1/reconnect", {}, content_type=None), 415),
            (await api.ask("POST", "/v1/reconnect", {}, content_type="text/plain"), 415),
            (
                await api.ask(
                    "POST", "/v1/reconnect", {}, content_type="application/x-www-form-urlencoded"
                ),
                415,
            ),
            (
                await api.ask(
                    "POST", "/v1/reconnect", {}, content_type="application/json; charset=latin-1"
                ),
                415,
            ),
        ]
        for answer, status in wrong:
            assert answer.status == status
            assert answer.headers["connection"] == "close"
        right = await api.ask(
            "POST", "/v1/reconnect", {}, content_type="application/JSON; Charset=UTF-8"
        )
        assert right.status == 200


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "login"),
        (b"{", "truncated"),
        (b"null", "object"),
        (b"[]", "object"),
        (b'{"login":"x"}', "name"),
        (b'{"login":1,"name":"x"}', "$.login"),
        (b'{"login":"x","name":"x","role":"manager"}', "role"),
        (b'{"login":"x","name":"' + b"y" * 201 + b'"}', "$.name"),
        (b'{"login":"\xff","name":"x"}', ""),
        (b"[" * 30000, ""),
    ],
)
@on_loop
async def test_a_body_that_is_not_as_documented_is_refused_with_the_place(
    tmp_path: Path, body: bytes, says: str
) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        before = at.desk.hub.office
        await api.sign_in()
        answer = await api.ask("POST", "/v1/users", body)
        assert (answer.status, answer.code) == (400, "request.invalid")
        assert says in answer.json["error"]["fields"]["detail"]
        assert at.desk.hub.office == before


@on_loop
async def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        head = (
            f"POST /v1/reconnect HTTP/1.1\r\nhost: 127.0.0.1:{api.port}\r\n"
            f"authorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n"
        )
        announced = f"{head}content-length: {BODY_MAX_BYTES + 1}\r\n\r\n".encode()
        assert read_answer(await api.raw(announced)).status == 413
        many = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
        chunked = f"{head}transfer-encoding: chunked\r\n\r\n".encode() + many * 3
        assert read_answer(await api.raw(chunked)).status == 413


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/status HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET /v1/status HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
        b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 100_000 + b"\r\n\r\n",
        bytes(range(256)) * 4,
    ],
)
@on_loop
async def test_what_is_no_http_ends_the_connection_and_nothing_else(
    tmp_path: Path, sent: bytes
) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        back = await api.raw(sent)
        assert back == b"" or back.startswith((b"HTTP/1.1 400", b"HTTP/1.1 403"))
        assert (await api.ask("GET", "/v1/status")).status == 200
        assert not any("crashed" in line for line in at.lines.lines)


@on_loop
async def test_refusals_are_logged_without_secrets(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.ask("GET", "/v1/status?key=geheim-1", authorization="Bearer geheim-2")
        await api.ask("POST", "/v1/sessions", {"login": "gerente", "senha": "geheim-3"})
        await api.ask("POST", "/v1/sessions", {"login": "gerente", "password": ["geheim-4"]})
        await api.ask("GET", "/v1/status", host="evil.example")
        refused = [json.loads(line) for line in at.lines.lines if "api.refused" in line]
        assert [entry["why"] for entry in refused] == ["token", "host"]
        assert not any("geheim" in line for line in at.lines.lines)


@on_loop
async def test_streams_are_limited_and_a_place_is_free_again_when_one_ends(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        streams = [await api.open_stream() for _ in range(STREAMS_MAX)]
        for reader, _writer in streams:
            assert (await next_event(reader))[0] == "snapshot"
        refused = await api.ask("GET", "/v1/stream")
        assert (refused.status, refused.code) == (503, "request.denied")
        streams[0][1].close()
        await wait_until(lambda: not api.server.parts.streams.is_full)
        _reader, writer = await api.open_stream()
        for each in [writer, *(writer for _reader, writer in streams)]:
            each.close()


async def wait_until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.005)


def test_all_routes_are_tried_here(tmp_path: Path) -> None:
    asyncio.run(_compare(tmp_path))


async def _compare(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        known = _routes_of(api) - {("GET", "/v1/hello")}
        tried = {
            (method, path.replace("/ana", "/{login}").replace("/dialogues/1", "/dialogues/{id}"))
            for method, path in ROUTES
        }
        assert known <= tried


def _routes_of(api: Served) -> set[tuple[str, str]]:
    found = set()
    for route in api.server.config.app.routes:  # type: ignore[union-attr]
        found |= {(method, route.path) for method in route.methods - {"HEAD"}}
    return found
