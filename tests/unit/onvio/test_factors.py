"""What ONVIO tells of second factors is read tolerantly, and the cheapest for people is chosen."""

from __future__ import annotations

import pytest

from onvio_agent.onvio.factors import Authenticator, choose, is_recovery_code, read_authenticators

APP = {"id": "totp|dev_1", "authenticator_type": "otp", "active": True}
MAIL = {
    "id": "email|dev_2",
    "authenticator_type": "oob",
    "active": True,
    "oob_channel": "email",
    "name": "a***@\u202eescr***",
}
RECOVERY = {"id": "recovery-code|dev_3", "authenticator_type": "recovery-code", "active": True}


def test_what_is_known_is_read_and_cleaned() -> None:
    app, mail = read_authenticators([APP, MAIL])
    assert app == Authenticator(id="totp|dev_1", kind="otp")
    assert (mail.kind, mail.channel, mail.name) == ("oob", "email", "a***@ escr***")


@pytest.mark.parametrize(
    "strange",
    [
        None,
        "otp",
        {},
        {"id": 7, "authenticator_type": "otp"},
        {"id": "", "authenticator_type": "otp"},
        {"id": "x" * 301, "authenticator_type": "otp"},
        {"id": "x", "authenticator_type": "webauthn-roaming", "active": True},
        APP | {"active": False},
    ],
)
def test_what_is_not_known_is_left_out(strange: object) -> None:
    assert read_authenticators([strange]) == ()


def test_an_apps_code_is_preferred_and_a_recovery_code_comes_last() -> None:
    everything = read_authenticators([RECOVERY, MAIL, APP])
    assert [choose(everything[:count]) for count in (3, 2, 1, 0)] == [
        everything[2],
        everything[1],
        everything[0],
        None,
    ]


@pytest.mark.parametrize(
    ("code", "recovers"),
    [("123456", False), ("1234567890", False), ("ABCD", True), ("12345678901", True)],
)
def test_a_recovery_code_is_told_by_its_look(code: str, recovers: bool) -> None:
    assert is_recovery_code(code) is recovers
