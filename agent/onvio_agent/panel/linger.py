"""A refusal that a browser gets to read while it still sends what is refused.

A connection that is closed with a body unread is reset, and the browser shows a broken connection in
place of the page. So the page is sent whole, then what comes is dropped for a while, then it is closed.
"""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Send

DROPPED_MAX_BYTES = 64 * 1024 * 1024
"""The largest file that a person takes for a list; here it takes half a second."""

LINGER_S = 3.0
"""Whoever sends nothing, or slowly, waits for no page."""


def lingering(receive: Receive, send: Send) -> Send:
    """`send` for a whole answer, which ends only once the request's body was dropped, or is too much."""

    async def linger(message: Message) -> None:
        if message["type"] != "http.response.body" or message.get("more_body", False):
            await send(message)
            return
        await send({**message, "more_body": True})
        await _drop(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return linger


async def _drop(receive: Receive) -> None:
    dropped = 0
    try:
        async with asyncio.timeout(LINGER_S):
            while dropped < DROPPED_MAX_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return
