"""What is refused is dropped for a while, and not for ever."""

from __future__ import annotations

from starlette.types import Message

from onvio_agent.panel.linger import DROPPED_MAX_BYTES, lingering
from support.aio import on_loop

CHUNK = b"a" * 1024 * 1024


@on_loop
async def test_an_answer_is_whole_before_anything_is_dropped_and_a_body_without_end_is_left() -> (
    None
):
    said: list[Message] = []
    heard: list[int] = []

    async def receive() -> Message:
        heard.append(len(said))
        return {"type": "http.request", "body": CHUNK, "more_body": True}

    async def send(message: Message) -> None:
        said.append(message)

    answer = lingering(receive, send)
    await answer({"type": "http.response.start", "status": 413, "headers": []})
    await answer({"type": "http.response.body", "body": b"too large"})
    assert [message.get("body") for message in said] == [None, b"too large", b""]
    assert [message.get("more_body") for message in said] == [None, True, False]
    assert heard == [2] * (DROPPED_MAX_BYTES // len(CHUNK))
