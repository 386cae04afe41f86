"""What betrays a sign-in page, and what is ONVIO's own."""

from __future__ import annotations

import pytest

from onvio_agent.checks.net import Answer
from onvio_agent.checks.portal import judge

HOST = "api.onvio.example"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (302, {"location": "http://login.hotel.example/?back=api.onvio.example"}),
        (307, {"location": "https://login.hotel.example/"}),
        (302, {"location": "/login"}),
        (302, {}),
        (200, {"content-type": "Text/HTML"}),
        (511, {"content-type": "text/plain"}),
    ],
)
def test_a_page_or_a_redirect_elsewhere(status: int, headers: dict[str, str]) -> None:
    assert judge(HOST, Answer(status, headers)) is not None


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (301, {"location": f"https://{HOST}/"}),
        (308, {"location": f"https://{HOST}:443/x"}),
        (200, {"content-type": "application/json"}),
        (404, {"content-type": "text/html"}),
        (503, {"content-type": "text/html"}),
    ],
)
def test_onvios_own(status: int, headers: dict[str, str]) -> None:
    assert judge(HOST, Answer(status, headers)) is None
