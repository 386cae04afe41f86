"""A newer version is asked for at the administrator's address alone, read strictly, and said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.contract.status import Newer
from onvio_agent.onvio.httpx_transport import HttpxTransport, updates_of
from onvio_agent.onvio.update_notice import BODY_MAX_BYTES, ask_newer
from onvio_agent.watch.updates import EVERY_S, FIRST_S, UpdateWatch
from onvio_config.model import Settings, Tls, Update
from support.aio import on_loop
from support.desks import Bench, bench
from support.servers import HOST, Authority, Peer, Script, serving


def newer(version: str, page: str = "") -> Newer:
    return Newer(version=version, page=page)


class Publisher:
    """A server with TLS that says which version is the newest, and counts who asked."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.body = body
        self.status = status
        self.asked: list[str] = []

    async def __call__(self, peer: Peer) -> None:
        line, headers, _body = await peer.request()
        self.asked.append(f"{line} {headers.get('user-agent')}")
        await peer.answer(self.status, self.body)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def to(port: int, authority: Authority) -> HttpxTransport:
    return updates_of(
        Settings(
            update=Update(url=f"https://{HOST}:{port}/newest.json"),
            tls=Tls(ca_file=str(authority.ca_path)),
        )
    )


async def told(script: Script, authority: Authority, own: str = "1.9.0") -> Newer | None:
    async with serving(script, authority.server()) as port:
        transport = to(port, authority)
        try:
            return await ask_newer(transport, own, deadline_s=5)
        finally:
            await transport.aclose()


@on_loop
async def test_a_higher_number_is_newer_and_the_same_or_a_lower_one_is_not(
    authority: Authority,
) -> None:
    answer = Publisher(b'{"version": "1.10", "page": "https://x.example/n"}')
    assert await told(answer, authority) == newer("1.10", "https://x.example/n")
    assert answer.asked == ["GET /newest.json HTTP/1.1 onvio-agent/0.1.0"]
    assert await told(answer, authority, own="1.10.0") is None
    assert await told(answer, authority, own="2.0") is None


@on_loop
async def test_a_page_that_is_no_https_address_is_left_out(authority: Authority) -> None:
    for page in ("javascript:alert(1)", "http://x.example", "https://x.example/a b", "https://"):
        answer = Publisher(f'{{"version": "9.0", "page": "{page}"}}'.encode())
        assert await told(answer, authority) == newer("9.0")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b'{"version": "9.0"}'),
        (200, b"<html>"),
        (200, b'{"version": 9}'),
        (200, b'{"version": "9.0<script>"}'),
        (200, b'{"version": "latest"}'),
        (200, b'{"version": "9.0", "x": "' + b"x" * BODY_MAX_BYTES + b'"}'),
    ],
)
@on_loop
async def test_any_other_answer_is_an_error(status: int, body: bytes, authority: Authority) -> None:
    with pytest.raises(ValueError, match=r"."):
        await told(Publisher(body, status), authority)


async def watched(at: Bench, address: HttpxTransport | None) -> UpdateWatch:
    watch = UpdateWatch(at.desk, at.timer, address)
    watch.start()
    return watch


@on_loop
async def test_without_an_address_nobody_is_asked(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await watched(at, None)
        assert "update" not in at.timer.entries


@on_loop
async def test_it_is_said_once_asked_daily_and_trouble_is_no_trouble(
    tmp_path: Path, authority: Authority
) -> None:
    answer = Publisher(b'{"version": "9.0"}')
    async with bench(tmp_path) as at, serving(answer, authority.server()) as port:
        transport = to(port, authority)
        await watched(at, transport)
        assert at.timer.entries["update"][0] == at.clock.mono() + FIRST_S
        for _ in range(2):
            await at.timer.fire("update")
            assert at.timer.entries["update"][0] == at.clock.mono() + EVERY_S
        assert at.desk.hub.process.newer == newer("9.0")
        assert at.desk.hub.snapshot().agent.newer == newer("9.0")
        assert [each["version"] for each in at.events("update.available")] == ["9.0"]
        answer.body = b"nonsense"
        await at.timer.fire("update")
        await transport.aclose()
        assert at.desk.hub.process.newer == newer("9.0")
        assert len(at.events("update.not_known")) == 1
