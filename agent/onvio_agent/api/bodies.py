"""What clients may send, field by field, and how much of it. Everything in it is foreign.

Passwords pass through here: no body has a `repr`, and no message names a value of theirs.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta
from starlette.requests import Request

from onvio_agent.api.answers import invalid
from onvio_agent.contract.status import IntentState
from onvio_agent.errors import WrongUsage
from onvio_agent.office.user_list import FILE_MAX_BYTES
from onvio_agent.plain_text import clean, cut
from onvio_agent.sync.document import BYTES_MAX as DOCUMENT_BYTES_MAX

BODY_MAX_BYTES = 64 * 1024
"""The largest real body has a login, an e-mail and a password."""

IMPORT_MAX_BYTES = FILE_MAX_BYTES * 4 // 3 + 1024
"""A list of users in base64, and the rest of its body."""

DOCUMENT_MAX_BYTES = DOCUMENT_BYTES_MAX * 4 // 3 + 4096
"""A fiscal document in base64, and the rest of its body."""

LARGER = {"/v1/users/import": IMPORT_MAX_BYTES, "/v1/sync/documents": DOCUMENT_MAX_BYTES}
"""Paths whose bodies may be larger than `BODY_MAX_BYTES`."""

BODY_LIMIT_S = 10.0
"""A client on this very machine needs milliseconds."""

Name = Annotated[str, Meta(max_length=200)]
Email = Annotated[str, Meta(max_length=320)]
Password = Annotated[str, Meta(max_length=1024)]

S = TypeVar("S", bound="Body")


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all."""

    def __repr__(self) -> str:
        return type(self).__name__


class Reconnect(Body, frozen=True, kw_only=True):
    """`login`: that user alone; None: everybody."""

    login: Name | None = None


class SetIntent(Body, frozen=True, kw_only=True):
    """`for_s`: seconds of the pause; None: until somebody resumes."""

    state: IntentState
    for_s: float | None = None


class SetWorkstation(Body, frozen=True, kw_only=True):
    """`login`: whose workstation it is; empty: nobody's in particular."""

    login: Name


class AddUser(Body, frozen=True, kw_only=True):
    """A new user."""

    login: Name
    name: Name


class RenameUser(Body, frozen=True, kw_only=True):
    """Another name."""

    name: Name


class ImportUsers(Body, frozen=True, kw_only=True):
    """The office's list. `file`: its bytes in base64."""

    file: bytes
    dry_run: bool = False
    skip_bad: bool = False


class LinkUser(Body, frozen=True, kw_only=True):
    """*Usuário no ONVIO* and *Senha* (S4)."""

    email: Email
    password: Password
    administrator_confirmed: bool = False
    office_confirmed: bool = False
    just_reset: bool = False


class ConfirmPortal(Body, frozen=True, kw_only=True):
    """The same once more (S6)."""

    email: Email
    password: Password
    just_reset: bool = False


class ConfirmByBrowser(Body, frozen=True, kw_only=True):
    """*Entrar pelo navegador*. `email`: filled in on ONVIO's page."""

    email: Email | None = None


class LinkByBrowser(ConfirmByBrowser, frozen=True, kw_only=True):
    """The same for a link."""

    administrator_confirmed: bool = False
    office_confirmed: bool = False


class GiveCode(Body, frozen=True, kw_only=True):
    """The second factor's code, or a recovery code."""

    code: Annotated[str, Meta(max_length=200)]


class Inactivate(Body, frozen=True, kw_only=True):
    """*Inativo* (S8). `successor`: the login of the next Gerente."""

    confirmed: bool
    successor: Name | None = None


class Activate(Body, frozen=True, kw_only=True):
    """*Ativo* again."""


class Promote(Body, frozen=True, kw_only=True):
    """The role of Gerente."""

    administrator_confirmed: bool = False


class SignIn(Body, frozen=True, kw_only=True):
    """The Gerente's password in this agent."""

    login: Name
    password: Password


class AddSyncClient(Body, frozen=True, kw_only=True):
    """A company whose documents are delivered. `key`: the one that the office made for it."""

    name: Name
    cnpj: Annotated[str, Meta(max_length=30)]
    key: Password
    folder: Annotated[str, Meta(max_length=1000)]


class ChangeSyncClient(Body, frozen=True, kw_only=True):
    """Whether anything is sent for it."""

    paused: bool


class AddDocument(Body, frozen=True, kw_only=True):
    """A document for a client. `data`: its bytes in base64; `name`: how it is shown."""

    client: Name
    name: Annotated[str, Meta(max_length=1000)]
    data: bytes


class RetryDocuments(Body, frozen=True, kw_only=True):
    """`sha256`: that document, or the only one that begins so; None: everything that waits, and with
    `refused` what ONVIO has refused. `client`: of that one alone."""

    sha256: Annotated[str, Meta(max_length=64)] | None = None
    refused: bool = False
    client: Name | None = None


class CancelDocument(Body, frozen=True, kw_only=True):
    """A document that was not sent yet; with `sent` also one that may have arrived."""

    sha256: Annotated[str, Meta(max_length=64)]
    sent: bool = False


def body_max_bytes(path: str) -> int:
    """How much may be sent to `path`."""
    return LARGER.get(path, BODY_MAX_BYTES)


async def body_of(request: Request, shape: type[S]) -> S:
    """The request's body as `shape`; no body is an empty object.

    Raises `WrongUsage('request.invalid')` with the path of what is wrong, or turns away a body that
    is too large or too slow.
    """
    data = await read_body(request, body_max_bytes(request.scope["path"]))
    try:
        return msgspec.json.decode(data or b"{}", type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WrongUsage("request.invalid", detail=cut(clean(str(error)))) from None


async def read_body(request: Request, most: int) -> bytes:
    """The bytes of the body, turned away where they are more than `most` or come too slowly."""
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_LIMIT_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > most:
                    raise invalid("size", 413)
    except TimeoutError:
        raise invalid("slow", 408) from None
    return bytes(data)
