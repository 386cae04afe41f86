"""What a rung has seen is told in the user's language, a system's own words in parentheses."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator

import pytest

from onvio_agent import i18n
from onvio_agent.checks import dns, http, proxy, tcp
from onvio_agent.checks.finding import Broken, seen
from onvio_agent.checks.net import way_to
from onvio_agent.i18n import set_language
from onvio_agent.onvio.errors import NotSent, Target
from onvio_agent.onvio.user_api import UserApi
from support.aio import on_loop
from support.nets import PaperNet

URL = "https://api.onvio.example"
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))


@pytest.fixture(autouse=True)
def _in_portuguese() -> Iterator[None]:
    before = i18n.current_language()
    set_language("pt_BR")
    yield
    set_language(before)


class Away(UserApi):
    """An interface whose proxy wants a password."""

    def __init__(self) -> None:
        """Asks nobody."""

    async def probe(self, target: Target = "api") -> None:
        raise NotSent("network.proxy_auth", detail="proxy: HTTP 407", target=target)


@on_loop
async def test_every_rung_of_the_way_speaks_portuguese() -> None:
    straight, through = way_to(URL, None), way_to(URL, "http://ana:senha@proxy.example:3128")
    nobody = PaperNet(
        names={"proxy.example": ["10.0.0.9"], "api.onvio.example": ["203.0.113.7"]},
        answers={443: REFUSED, 3128: REFUSED},
    )
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known").strerror
    tries = (
        (dns.check(PaperNet(), straight), f"api.onvio.example: o nome não foi encontrado ({unknown})"),
        (tcp.check(nobody, straight), "a conexão foi recusada (Connection refused)"),
        (proxy.check(nobody, through),
         "proxy proxy.example:3128: a conexão foi recusada (Connection refused)"),
        (http.check(Away()), "O proxy pede usuário e senha (proxy: HTTP 407)"),
    )  # fmt: skip
    for check, told in tries:
        with pytest.raises(Broken) as caught:
            await check
        assert caught.value.detail == told


def test_where_nothing_was_told_no_parentheses_are() -> None:
    assert seen("tls.failed", "") == "não há conexão segura"
