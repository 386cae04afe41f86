"""Why a connection failed, read from the chain of exceptions that a library raised. Pure.

Knows sockets' and TLS' errors, no HTTP library's. An office's IT sees the reason that is chosen
here: of several causes the one that says most about the layer that broke.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator

_UNTRUSTED, _EXPIRED, _WRONG_NAME = "tls.untrusted", "tls.expired", "tls.wrong_name"

_VERIFY_REASONS = {
    # OpenSSL's X509_V_ERR_*: issuer not found, not yet valid, expired, self-signed, …
    **dict.fromkeys((2, 18, 19, 20, 21, 24, 27, 28), _UNTRUSTED),
    **dict.fromkeys((9, 10), _EXPIRED),
    **dict.fromkeys((62, 64), _WRONG_NAME),  # host name, IP address
    # Windows' CERT_E_*: EXPIRED, VALIDITYPERIODNESTING, CN_NO_MATCH, UNTRUSTEDROOT, CHAINING, …
    **dict.fromkeys((0x800B0101, 0x800B0102), _EXPIRED),
    0x800B010F: _WRONG_NAME,
    **dict.fromkeys((0x800B0109, 0x800B010A, 0x800B0112), _UNTRUSTED),
    # macOS' errSec*: CertificateExpired, CertificateNotValidYet, HostNameMismatch, NotTrusted, …
    **dict.fromkeys((-67818, -67819), _EXPIRED),
    -67602: _WRONG_NAME,
    **dict.fromkeys((-67843, -25318), _UNTRUSTED),
}

_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
_FORBIDDEN = (errno.ECONNREFUSED, errno.EACCES, errno.EPERM)  # the last two: a local firewall
_CUT = (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE)
_NO_TLS_FAULT = (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLEOFError)
"""Part of every handshake, or a peer that only went away."""
_ORDER = ("network.refused", "network.timeout", "network.interrupted", "network.none")

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_AT_PROXY = {
    **dict.fromkeys(
        ("network.dns", "network.refused", "network.timeout"), "network.proxy_unreachable"
    ),
    "network.interrupted": "network.proxy_unexpected",
}
_NO_PROXY = (400, 404, 405, 501)
"""What servers say that do not know CONNECT."""


def connect_reason(error: BaseException) -> tuple[str, str]:
    """(reason code, English detail) of an attempt to connect that failed with `error`."""
    causes = list(chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return verify_reason(cause)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return "network.dns", cause.strerror or "the name was not found"
        if isinstance(cause, UnicodeError):
            return "network.dns", "the host name is not valid"
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _NO_TLS_FAULT):
            return "tls.failed", getattr(cause, "reason", None) or "handshake failed"
    found = {_socket_reason(cause): cause for cause in causes if isinstance(cause, OSError)}
    for reason in _ORDER:
        if reason in found:
            return reason, found[reason].strerror or type(found[reason]).__name__
    return "network.interrupted", "the connection was closed while it was being made"


def proxy_connect_reason(error: BaseException) -> tuple[str, str]:
    """As `connect_reason`, of an attempt that `error` ended before the proxy had let it through."""
    reason, detail = connect_reason(error)
    if reason == "network.none" and any(
        isinstance(cause, OSError) and cause.errno == errno.EHOSTUNREACH for cause in chain(error)
    ):  # nobody at the proxy's address; a way there is
        return "network.proxy_unreachable", detail
    return _AT_PROXY.get(reason, reason), detail


def proxy_reason(status: int, offered: str = "", *, signed_in: bool = False) -> str:
    """The reason code of a proxy's answer to CONNECT other than 2xx.

    `offered`: its `Proxy-Authenticate`, several joined with commas; `signed_in`: it was given a user and
    a password (Basic, the only kind that the agent knows).
    """
    if status == 407:
        kinds = _schemes(offered)
        if kinds and "basic" not in kinds:
            return "network.proxy_scheme"
        return "network.proxy_password" if signed_in else "network.proxy_auth"
    if status in _NO_PROXY:
        return "network.proxy_unexpected"
    if 500 <= status <= 599:  # the proxy works and could not reach ONVIO
        return "network.proxy_no_way"
    return "network.proxy_denied"


def _schemes(offered: str) -> list[str]:
    """The kinds of sign-in in such a header: `Basic realm="a, b", NTLM` → basic, ntlm."""
    words = [part.split(maxsplit=1)[:1] for part in _QUOTED.sub('""', offered).split(",")]
    return [word.casefold() for found in words for word in found if "=" not in word]


def verify_reason(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """(reason code, English detail) of a certificate that was not accepted."""
    code = getattr(error, "verify_code", -1)
    told = getattr(error, "verify_message", "") or "certificate verify failed"
    known = _VERIFY_REASONS.get(code)
    if known is None and code < 0:  # a Windows status read as a signed number
        known = _VERIFY_REASONS.get(code & 0xFFFFFFFF)
    return known or "tls.failed", f"{told} (code {code})"


def chain(error: BaseException) -> Iterator[BaseException]:
    """`error`, what caused it, and what caused that, groups opened; each once, outermost first."""
    pending: list[BaseException] = [error]
    seen: list[BaseException] = []
    while pending:
        current = pending.pop(0)
        if any(current is known for known in seen):
            continue
        seen.append(current)
        yield current
        if isinstance(current, BaseExceptionGroup):
            pending.extend(current.exceptions)
        cause = current.__cause__ or current.__context__
        if cause is not None:
            pending.append(cause)


def _socket_reason(error: OSError) -> str:
    if error.errno in _FORBIDDEN:
        return "network.refused"
    if error.errno in _NO_ROUTE:
        return "network.none"
    if error.errno in _CUT:
        return "network.interrupted"
    if isinstance(error, TimeoutError):
        return "network.timeout"
    return ""
