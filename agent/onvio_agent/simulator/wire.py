"""What goes into the cloud model and what comes out: plain requests and answers, no sockets.

Why: the same model is called directly by a simulation and through HTTPS by the server.
It must not know how bytes travel.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec

Target = Literal["auth", "api"]
TARGETS: tuple[Target, ...] = ("auth", "api")


class CloudRequest(msgspec.Struct, frozen=True):
    """One request. Header names are lower case; `path` is decoded and has no query."""

    target: Target
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: bytes = b""


class CloudResponse(msgspec.Struct, frozen=True):
    """One answer. Header names are lower case; `content-length` is added by the door."""

    status: int
    headers: dict[str, str]
    body: bytes


class Trace(msgspec.Struct):
    """What a handler learnt about a request, for the journal. Never a secret itself."""

    grant_type: str | None = None
    account: str | None = None
    client_id: str | None = None
    error: str | None = None
    token_fingerprint: str | None = None
    issued_fingerprint: str | None = None


class MalformedBody(ValueError):
    """The body is no form and no JSON object of strings, or names a field twice."""


def json_answer(status: int, body: Any, headers: dict[str, str] | None = None) -> CloudResponse:
    """A JSON answer that nobody may cache."""
    all_headers = {"content-type": "application/json", "cache-control": "no-store"}
    return CloudResponse(status, all_headers | (headers or {}), msgspec.json.encode(body))


def oauth_error(
    trace: Trace,
    status: int,
    error: str,
    description: str,
    headers: dict[str, str] | None = None,
    **more: str,
) -> CloudResponse:
    """An error in the shape of RFC 6749 section 5.2, as Auth0 words it."""
    trace.error = error
    return json_answer(status, {"error": error, "error_description": description} | more, headers)


def fingerprint(token: str) -> str:
    """Twelve hex digits that tell tokens apart in the journal without giving one away."""
    return sha256(token.encode()).hexdigest()[:12]


def read_fields(request: CloudRequest) -> dict[str, str]:
    """The fields of a form or of a flat JSON object. Raises MalformedBody."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            return msgspec.json.decode(request.body, type=dict[str, str])
        if kind == "application/x-www-form-urlencoded":
            return _read_form(request.body.decode())
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise MalformedBody(str(error)) from error
    raise MalformedBody("unsupported content type")


def _read_form(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=50)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedBody("a field is given twice")
    return fields


def read_bearer(request: CloudRequest) -> str | None:
    """The bearer token of the request, or None where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def read_basic(request: CloudRequest) -> tuple[str, str] | None:
    """Client id and secret of an HTTP Basic header, or None."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, secret
