"""The transport over real sockets and real TLS: what each way of failing becomes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ssl
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from onvio_agent.errors import Failed
from onvio_agent.onvio.errors import CloudError, NotSent, Uncertain
from onvio_agent.onvio.httpx_transport import BODY_MAX, IN_FLIGHT_MAX, HttpxTransport
from onvio_agent.onvio.transport import Request, Response, bearer
from support.servers import HOST, Authority, Peer, Script, serving, unused_port

GET = Request(target="api", method="GET", path="/x", headers=bearer("token-de-acesso"))
POST = Request(
    target="api", method="POST", path="/oauth/token", form=(("refresh_token", "token-de-renovo"),)
)
DEADLINE_S = 5.0
SHORT_S = 0.3
FILES_DIR = Path("/proc/self/fd")


def open_files() -> int:
    """How many files and sockets this process has open."""
    return len(list(FILES_DIR.iterdir()))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextlib.asynccontextmanager
async def transport_to(
    port: int, *, ca_file: str = "", host: str = HOST, scheme: str = "https", proxy: str = ""
) -> AsyncIterator[HttpxTransport]:
    base = f"{scheme}://{host}:{port}"
    transport = HttpxTransport(
        api_url=base,
        auth_url=base,
        version="0",
        ca_file=ca_file,
        proxy_for=lambda _url: proxy or None,
    )
    try:
        yield transport
    finally:
        await transport.aclose()


async def attempt(
    transport: HttpxTransport, request: Request, deadline_s: float = DEADLINE_S
) -> CloudError:
    """The error that sending `request` ends in."""
    with pytest.raises(CloudError) as caught:
        await transport.send(request, deadline_s=deadline_s)
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.detail
    assert "token-de" not in shown
    assert error.__context__ is None
    assert error.__cause__ is None
    return error


def fail(
    script: Script,
    authority: Authority,
    request: Request,
    *,
    context: ssl.SSLContext | None = None,
    deadline_s: float = DEADLINE_S,
    trusted: bool = True,
    plain: bool = False,
) -> tuple[type[CloudError], str]:
    """(class, reason) of sending `request` to a server that follows `script`."""

    async def run() -> CloudError:
        served = None if plain else context or authority.server()
        async with (
            serving(script, served) as port,
            transport_to(port, ca_file=str(authority.ca_path) if trusted else "") as transport,
        ):
            return await attempt(transport, request, deadline_s)

    error = asyncio.run(run())
    assert error.target == "api"
    return type(error), error.reason


async def answer_all(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.answer()


async def be_silent(peer: Peer) -> None:
    await peer.wait_closed()


async def read_and_be_silent(peer: Peer) -> None:
    await peer.request()
    await peer.wait_closed()


async def read_and_close(peer: Peer) -> None:
    await peer.request()


async def read_and_reset(peer: Peer) -> None:
    await peer.request()
    peer.abort()


async def cut_body(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{")


async def cut_headers(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-le")


async def drip(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while True:
        await peer.send(b" ")
        await asyncio.sleep(0.02)


async def speak_another_protocol(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"220 mail.example ESMTP\r\n\r\n")
    await peer.wait_closed()


async def flood(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        await peer.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


@pytest.mark.parametrize("request_", [GET, POST])
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (read_and_close, "network.interrupted"),
        (read_and_reset, "network.interrupted"),
        (cut_body, "network.interrupted"),
        (cut_headers, "network.interrupted"),
        (speak_another_protocol, "onvio.unexpected_answer"),
        (flood, "onvio.unexpected_answer"),
    ],
)
def test_after_sending_every_failure_is_uncertain(
    authority: Authority, script: Script, request_: Request, reason: str
) -> None:
    assert fail(script, authority, request_) == (Uncertain, reason)


@pytest.mark.parametrize("script", [read_and_be_silent, drip])
def test_a_deadline_hit_after_sending_is_uncertain(authority: Authority, script: Script) -> None:
    outcome = fail(script, authority, POST, deadline_s=SHORT_S)
    assert outcome == (Uncertain, "network.timeout")


def test_a_deadline_hit_before_sending_is_not_sent(authority: Authority) -> None:
    outcome = fail(be_silent, authority, POST, plain=True, deadline_s=SHORT_S)
    assert outcome == (NotSent, "network.timeout")


@pytest.mark.skipif(not FILES_DIR.is_dir(), reason="open files are counted in /proc")
@pytest.mark.parametrize("cancelled", [False, True])
def test_a_handshake_that_is_given_up_leaves_no_open_connection(*, cancelled: bool) -> None:
    async def run() -> int:
        async with serving(be_silent) as port, transport_to(port) as transport:
            before = open_files()
            for _ in range(5):
                task = asyncio.create_task(transport.send(POST, deadline_s=0.1))
                if cancelled:
                    await asyncio.sleep(0.05)
                    task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            await asyncio.sleep(0.05)
            return open_files() - before

    gc.disable()
    try:
        assert asyncio.run(run()) <= 0
    finally:
        gc.enable()


def test_a_server_that_hangs_up_in_the_handshake_was_not_sent_anything(
    authority: Authority,
) -> None:
    async def hang_up(peer: Peer) -> None:
        peer.abort()

    assert fail(hang_up, authority, POST, plain=True) == (NotSent, "network.interrupted")


def test_a_server_that_speaks_no_tls_is_a_failed_secure_connection(authority: Authority) -> None:
    async def greet(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert fail(greet, authority, GET, plain=True) == (NotSent, "tls.failed")


@pytest.mark.parametrize(
    ("days", "names", "reason"),
    [
        ((-9, -1), (HOST,), "tls.expired"),
        ((1, 9), (HOST,), "tls.expired"),
        ((-9, 9), ("onvio.example",), "tls.wrong_name"),
        ((-9, 9), ("127.0.0.2",), "tls.wrong_name"),
    ],
)
def test_a_certificate_out_of_date_or_of_another_name_is_told_apart(
    authority: Authority, days: tuple[float, float], names: tuple[str, ...], reason: str
) -> None:
    context = authority.server(names, days)
    assert fail(answer_all, authority, POST, context=context) == (NotSent, reason)


def test_a_certificate_of_a_stranger_is_not_trusted(authority: Authority) -> None:
    assert fail(answer_all, authority, POST, trusted=False) == (NotSent, "tls.untrusted")


def test_a_refused_connection_is_not_sent(authority: Authority) -> None:
    async def run(host: str) -> CloudError:
        async with transport_to(unused_port(), host=host) as transport:
            return await attempt(transport, POST)

    for host in (HOST, "localhost"):
        error = asyncio.run(run(host))
        assert (type(error), error.reason) == (NotSent, "network.refused")


def test_a_name_that_does_not_exist_is_a_matter_of_dns() -> None:
    async def run() -> CloudError:
        async with transport_to(443, host="onvio.invalid") as transport:
            return await attempt(transport, POST, 30)

    error = asyncio.run(run())
    assert (type(error), error.reason) == (NotSent, "network.dns")


def test_a_value_that_no_header_can_hold_is_not_sent_and_not_shown(authority: Authority) -> None:
    for token in ("token-de-acesso\r\nX-Evil: 1", "token-de-ação", "token-de-\x00"):
        request = Request(target="api", method="GET", path="/x", headers=bearer(token))
        assert fail(answer_all, authority, request) == (NotSent, "onvio.unexpected_answer")


def test_a_connection_that_the_server_closed_while_idle_is_no_failure(
    authority: Authority,
) -> None:
    async def answer_once(peer: Peer) -> None:
        await peer.request()
        await peer.answer(body=b'{"connection":%d}' % peer.number)

    async def run() -> list[bytes]:
        bodies = []
        async with (
            serving(answer_once, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            for request in (GET, POST, GET):
                response = await transport.send(request, deadline_s=DEADLINE_S)
                bodies.append(response.body)
                await asyncio.sleep(0.05)  # the server's farewell must arrive
        return bodies

    assert asyncio.run(run()) == [b'{"connection":%d}' % number for number in (1, 2, 3)]


@pytest.mark.parametrize("reset", [False, True])
def test_a_kept_connection_that_dies_under_a_request_is_replaced_for_reads_only(
    authority: Authority, *, reset: bool
) -> None:
    async def die_at_the_second(peer: Peer) -> None:
        await peer.request()
        await peer.answer(body=b"%d" % peer.number)
        await peer.request()
        if reset:
            peer.abort()

    async def run() -> None:
        async with (
            serving(die_at_the_second, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            await transport.send(GET, deadline_s=DEADLINE_S)
            again = await transport.send(GET, deadline_s=DEADLINE_S)
            assert again.body == b"2"
            error = await attempt(transport, Request(target="api", method="POST", path="/x"))
            assert (type(error), error.reason) == (Uncertain, "network.interrupted")

    asyncio.run(run())


def test_a_form_never_travels_on_a_kept_connection(authority: Authority) -> None:
    async def number(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(body=b"%d" % peer.number)

    async def run() -> list[bytes]:
        async with (
            serving(number, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            answers = [
                await transport.send(request, deadline_s=DEADLINE_S)
                for request in (GET, POST, POST, GET)
            ]
        return [answer.body for answer in answers]

    assert asyncio.run(run()) == [b"1", b"2", b"3", b"1"]


def test_at_most_eight_requests_are_in_flight_and_waiting_counts_for_the_deadline(
    authority: Authority,
) -> None:
    now = most = 0

    async def be_slow(peer: Peer) -> None:
        nonlocal now, most
        while True:
            await peer.request()
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.1)
            now -= 1
            await peer.answer()

    async def run() -> None:
        async with (
            serving(be_slow, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            await asyncio.gather(*(transport.send(GET, deadline_s=20) for _ in range(30)))
            busy = [
                asyncio.create_task(transport.send(GET, deadline_s=20))
                for _ in range(IN_FLIGHT_MAX)
            ]
            await asyncio.sleep(0)
            error = await attempt(transport, POST, 0.02)
            assert (type(error), error.reason) == (NotSent, "network.timeout")
            await asyncio.gather(*busy)

    asyncio.run(run())
    assert most == IN_FLIGHT_MAX


def test_redirects_are_not_followed_and_cookies_not_returned(authority: Authority) -> None:
    seen: list[tuple[str, dict[str, str]]] = []

    async def redirect(peer: Peer) -> None:
        while True:
            first, headers, _ = await peer.request()
            seen.append((first, headers))
            await peer.answer(302, b"", location="/elsewhere", set_cookie="a=b; Path=/")

    async def run() -> Response:
        async with (
            serving(redirect, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            await transport.send(GET, deadline_s=DEADLINE_S)
            return await transport.send(GET, deadline_s=DEADLINE_S)

    assert asyncio.run(run()).status == 302
    assert [first for first, _ in seen] == ["GET /x HTTP/1.1"] * 2
    assert "cookie" not in seen[1][1]


def test_the_request_arrives_as_it_was_meant(authority: Authority) -> None:
    seen: list[tuple[str, dict[str, str], bytes]] = []

    async def record(peer: Peer) -> None:
        while True:
            seen.append(await peer.request())
            await peer.answer()

    request = Request(
        target="auth",
        method="POST",
        path="/oauth/token",
        query=(("página", "1&2"),),
        form=(("password", "a+b &=ção%"), ("client_id", "app")),
    )

    async def run() -> int:
        async with (
            serving(record, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            await transport.send(request, deadline_s=DEADLINE_S)
            await transport.send(GET, deadline_s=DEADLINE_S)
            return port

    port = asyncio.run(run())
    first, headers, body = seen[0]
    assert first == "POST /oauth/token?p%C3%A1gina=1%262 HTTP/1.1"
    assert body == b"password=a%2Bb+%26%3D%C3%A7%C3%A3o%25&client_id=app"
    assert headers["host"] == f"{HOST}:{port}"
    assert headers["user-agent"] == "onvio-agent/0"
    assert headers["accept"] == "application/json"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen[1][1]["authorization"] == "Bearer token-de-acesso"
    assert "content-length" not in seen[1][1]


def test_the_largest_answer_allowed_is_taken_whole(authority: Authority) -> None:
    async def be_large(peer: Peer) -> None:
        await peer.request()
        await peer.answer(body=b" " * BODY_MAX)

    async def run() -> Response:
        async with (
            serving(be_large, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            return await transport.send(GET, deadline_s=DEADLINE_S)

    assert len(asyncio.run(run()).body) == BODY_MAX


def test_a_cancelled_request_gives_its_place_back(authority: Authority) -> None:
    async def run() -> None:
        async with (
            serving(read_and_be_silent, authority.server()) as port,
            transport_to(port, ca_file=str(authority.ca_path)) as transport,
        ):
            for _ in range(IN_FLIGHT_MAX + 1):
                task = asyncio.create_task(transport.send(GET, deadline_s=DEADLINE_S))
                await asyncio.sleep(0.05)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                assert task.cancelled()

    asyncio.run(run())


def test_an_old_companys_authority_is_trusted_on_every_python(tmp_path: Path) -> None:
    old = Authority(tmp_path, "Antiga", strict=False)

    async def run() -> Response:
        async with (
            serving(answer_all, old.server()) as port,
            transport_to(port, ca_file=str(old.ca_path)) as transport,
        ):
            return await transport.send(GET, deadline_s=DEADLINE_S)

    assert asyncio.run(run()).status == 200


def test_an_authority_added_to_the_system_is_trusted_without_a_restart(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle_path = tmp_path / "bundle.pem"
    bundle_path.write_bytes(Authority(tmp_path, "Outra").ca_path.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle_path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))

    async def run() -> Response:
        async with serving(answer_all, authority.server()) as port, transport_to(port) as transport:
            error = await attempt(transport, GET)
            assert error.reason == "tls.untrusted"
            with bundle_path.open("ab") as bundle:
                bundle.write(authority.ca_path.read_bytes())
            return await transport.send(GET, deadline_s=DEADLINE_S)

    assert asyncio.run(run()).status == 200


@pytest.mark.parametrize("contents", [None, b"", b"no certificate"])
def test_a_ca_file_that_cannot_be_used_is_said_at_once(
    tmp_path: Path, contents: bytes | None
) -> None:
    path = tmp_path / "empresa.pem"
    if contents is not None:
        path.write_bytes(contents)

    async def run() -> None:
        async with transport_to(1, ca_file=str(path)):
            pass

    with pytest.raises(Failed) as caught:
        asyncio.run(run())
    assert caught.value.code == "settings.invalid"
    assert str(path) in str(caught.value.fields["detail"])


@pytest.mark.parametrize("proxy", ["socks5://proxy.example:1080", "gopher://x", "http://x:y"])
def test_a_proxy_address_that_cannot_be_used_is_said_without_its_password(proxy: str) -> None:
    async def run() -> None:
        async with transport_to(1, proxy=proxy.replace("//", "//ana:segredo@")):
            pass

    with pytest.raises(Failed) as caught:
        asyncio.run(run())
    assert "segredo" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("407 X\r\nProxy-Authenticate: Basic realm=\"x\"", "network.proxy_password"),
        ("407 X\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM",
         "network.proxy_scheme"),
        ("407 X\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: Basic realm=\"x\"",
         "network.proxy_password"),
        ("405 Method Not Allowed", "network.proxy_unexpected"),
        ("403 Forbidden", "network.proxy_denied"),
        ("503 Service Unavailable", "network.proxy_no_way"),
        ("504 Gateway Timeout", "network.proxy_no_way"),
    ],
)  # fmt: skip
def test_a_proxy_that_lets_nothing_through_is_not_sent(status: str, reason: str) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.request()
        await peer.send(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())
        await peer.wait_closed()

    async def run() -> CloudError:
        async with serving(refuse) as port:
            proxy = f"http://ana:segredo@{HOST}:{port}"
            async with transport_to(443, host="onvio.example", proxy=proxy) as transport:
                return await attempt(transport, POST)

    error = asyncio.run(run())
    assert (type(error), error.reason) == (NotSent, reason)
    assert "segredo" not in str(error)


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b""])
def test_what_does_not_answer_as_a_proxy_is_not_sent(answer: bytes) -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)

    async def run() -> CloudError:
        async with serving(talk) as port:
            proxy = f"http://ana:segredo@{HOST}:{port}"
            async with transport_to(443, host="onvio.example", proxy=proxy) as transport:
                return await attempt(transport, POST)

    error = asyncio.run(run())
    assert (type(error), error.reason) == (NotSent, "network.proxy_unexpected")
    assert "segredo" not in str(error)


def test_through_a_proxy_that_is_not_there_nothing_is_sent() -> None:
    async def run() -> CloudError:
        proxy = f"http://{HOST}:1"
        async with transport_to(443, host="onvio.example", proxy=proxy) as transport:
            return await attempt(transport, POST)

    error = asyncio.run(run())
    assert (type(error), error.reason) == (NotSent, "network.proxy_unreachable")


def test_through_a_proxy_silence_before_the_tunnel_is_not_sent() -> None:
    async def run() -> CloudError:
        async with serving(read_and_be_silent) as port:
            proxy = f"http://{HOST}:{port}"
            async with transport_to(443, host="onvio.example", proxy=proxy) as transport:
                return await attempt(transport, POST, SHORT_S)

    error = asyncio.run(run())
    assert (type(error), error.reason) == (NotSent, "network.proxy_no_way")
