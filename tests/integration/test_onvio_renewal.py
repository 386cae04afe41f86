"""After a change of the network nothing is sent on a connection from before, and nothing is cut."""

from __future__ import annotations

import asyncio
from pathlib import Path

from onvio_agent.onvio.httpx_transport import HttpxTransport
from onvio_agent.onvio.transport import Request
from support.aio import on_loop
from support.servers import HOST, Authority, Peer, serving

GET = Request(target="api", method="GET", path="/x")
DEADLINE_S = 5.0


async def tell_number(peer: Peer) -> None:
    """Each answer tells on which connection it came."""
    while True:
        await peer.request()
        await peer.answer(body=b"%d" % peer.number)


@on_loop
async def test_what_follows_a_change_makes_a_new_connection(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with serving(tell_number, authority.server()) as port:
        base = f"https://{HOST}:{port}"
        ca_file = str(authority.ca_path)
        transport = HttpxTransport(api_url=base, auth_url=base, version="0", ca_file=ca_file)
        numbers = []
        for _ in range(3):
            answers = [await transport.send(GET, deadline_s=DEADLINE_S) for _ in range(2)]
            numbers += [answer.body for answer in answers]
            await transport.renew()
        await transport.aclose()
        assert numbers == [b"1", b"1", b"2", b"2", b"3", b"3"]


@on_loop
async def test_what_is_under_way_at_a_change_ends_as_it_would_have(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hesitate(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await go_on.wait()
        await peer.answer()

    async with serving(hesitate, authority.server()) as port:
        base = f"https://{HOST}:{port}"
        ca_file = str(authority.ca_path)
        transport = HttpxTransport(api_url=base, auth_url=base, version="0", ca_file=ca_file)
        sending = asyncio.create_task(transport.send(GET, deadline_s=DEADLINE_S))
        await asyncio.wait_for(asked.wait(), DEADLINE_S)
        await transport.renew()
        go_on.set()
        assert (await sending).status == 200
        await transport.aclose()
