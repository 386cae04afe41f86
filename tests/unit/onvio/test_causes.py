"""Which reason a failed attempt to connect has, from the chain of exceptions alone."""

from __future__ import annotations

import errno
import os
import socket
import ssl

import pytest

from onvio_agent.onvio.causes import chain, connect_reason, proxy_connect_reason, proxy_reason


def os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def wrapped(*causes: Exception) -> Exception:
    """As a connection library wraps them: an own error over one cause or a group."""
    outer = OSError("All connection attempts failed")
    outer.__cause__ = causes[0] if len(causes) == 1 else ExceptionGroup("several", list(causes))
    shell = RuntimeError("ConnectError")
    shell.__cause__ = outer
    return shell


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    error.verify_message = "told"
    return error


@pytest.mark.parametrize(
    ("causes", "reason"),
    [
        ([socket.gaierror(socket.EAI_NONAME, "Name or service not known")], "network.dns"),
        ([UnicodeError("label too long")], "network.dns"),
        ([os_error(errno.ECONNREFUSED)], "network.refused"),
        ([os_error(errno.EPERM)], "network.refused"),
        ([os_error(errno.EACCES)], "network.refused"),
        ([os_error(errno.ENETUNREACH)], "network.none"),
        ([os_error(errno.EHOSTUNREACH)], "network.none"),
        ([os_error(errno.ETIMEDOUT)], "network.timeout"),
        ([os_error(errno.ECONNRESET)], "network.interrupted"),
        ([os_error(errno.ENETUNREACH), os_error(errno.ECONNREFUSED)], "network.refused"),
        ([os_error(errno.ENETUNREACH), os_error(errno.ETIMEDOUT)], "network.timeout"),
        ([os_error(errno.ENETUNREACH), os_error(errno.ENETUNREACH)], "network.none"),
        ([ssl.SSLError(1, "wrong version number")], "tls.failed"),
        ([EOFError()], "network.interrupted"),
    ],
)
def test_the_layer_that_broke_names_the_reason(causes: list[Exception], reason: str) -> None:
    assert connect_reason(wrapped(*causes))[0] == reason


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "network.proxy_unreachable"),
        (os_error(errno.ECONNREFUSED), "network.proxy_unreachable"),
        (os_error(errno.ETIMEDOUT), "network.proxy_unreachable"),
        (os_error(errno.EHOSTUNREACH), "network.proxy_unreachable"),
        (os_error(errno.ENETUNREACH), "network.none"),
        (os_error(errno.ECONNRESET), "network.proxy_unexpected"),
        (certificate_error(18), "tls.untrusted"),
    ],
)
def test_before_the_proxy_lets_it_through_the_proxy_is_named(cause: Exception, reason: str) -> None:
    assert proxy_connect_reason(wrapped(cause))[0] == reason


def test_what_a_proxy_answers_names_the_reason() -> None:
    expected = {
        "network.proxy_unexpected": (400, 404, 405, 501),
        "network.proxy_auth": (407,),
        "network.proxy_denied": (302, 401, 403, 451),
        "network.proxy_no_way": (500, 502, 503, 504),
    }
    for reason, statuses in expected.items():
        assert {proxy_reason(status) for status in statuses} == {reason}


@pytest.mark.parametrize(
    ("offered", "signed_in", "reason"),
    [
        ("", False, "network.proxy_auth"),
        ("", True, "network.proxy_password"),
        ('Basic realm="proxy"', False, "network.proxy_auth"),
        ('Basic realm="proxy"', True, "network.proxy_password"),
        ('Negotiate, NTLM, basic realm="x"', True, "network.proxy_password"),
        ("NTLM", False, "network.proxy_scheme"),
        ("Negotiate, NTLM", True, "network.proxy_scheme"),
        ('Digest realm="Basic, x", nonce="a"', True, "network.proxy_scheme"),
        ('Digest realm="a \\" , Basic", nonce="a"', False, "network.proxy_scheme"),
    ],
)
def test_a_proxy_that_wants_a_sign_in_is_told_by_what_it_offers(
    offered: str, signed_in: bool, reason: str
) -> None:
    assert proxy_reason(407, offered, signed_in=signed_in) == reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        *((code, "tls.untrusted") for code in (18, 19, 20, 21, 0x800B0109, 0x800B010A, -67843)),
        *((code, "tls.expired") for code in (9, 10, 0x800B0101, -67818, 0x800B0101 - (1 << 32))),
        *((code, "tls.wrong_name") for code in (62, 64, 0x800B010F, -67602)),
        *((code, "tls.failed") for code in (0, 23, -1)),
    ],
)
def test_a_certificate_is_judged_by_the_systems_own_code(code: int, reason: str) -> None:
    assert connect_reason(wrapped(certificate_error(code))) == (reason, f"told (code {code})")


def test_a_circle_of_causes_ends() -> None:
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__cause__, second.__cause__ = second, first
    assert list(chain(first)) == [first, second]
