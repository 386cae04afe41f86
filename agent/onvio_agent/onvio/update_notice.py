"""Whether the administrator's address names a newer version than this one.

Nobody is asked unless `update.url` is set. What comes back is foreign: it is bounded, read strictly,
and only ever shown; nothing is fetched or installed.
"""

from __future__ import annotations

import re

import msgspec

from onvio_agent.contract.status import Newer
from onvio_agent.onvio.transport import Request, Transport

BODY_MAX_BYTES = 4_096
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){1,3}\Z")
_PAGE = re.compile(r"https://[!-~]{1,300}\Z")


class _Answer(msgspec.Struct):
    version: str
    page: str = ""


async def ask_newer(transport: Transport, own: str, *, deadline_s: float) -> Newer | None:
    """One request to the address that `transport` stands for; None where nothing is newer.

    Raises `CloudError`, or `ValueError` for an answer that is not the documented one.
    """
    request = Request(target="api", method="GET", path="")
    response = await transport.send(request, deadline_s=deadline_s)
    if response.status != 200 or len(response.body) > BODY_MAX_BYTES:
        raise ValueError(f"status {response.status}, {len(response.body)} bytes")
    try:
        answer = msgspec.json.decode(response.body, type=_Answer)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    if not _VERSION.match(answer.version):
        raise ValueError("no version")
    if _parts(answer.version) <= _parts(own):
        return None
    page = answer.page if _PAGE.match(answer.page) else ""
    return Newer(version=answer.version, page=page)


def _parts(version: str) -> tuple[int, ...]:
    """`1.10` is above `1.9`; what follows the numbers does not count."""
    numbers = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    parts = [int(part) for part in numbers[0].split(".")] if numbers else []
    return tuple(parts + [0] * (4 - len(parts)))
