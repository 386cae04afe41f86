"""How to reach the running agent: the file that it leaves for its clients, and how it proves itself.

The file holds the token that opens the control API, new at each boot, so it is for this user alone.
A client must not send that token to whoever happens to answer at the port: it asks for `proof` first.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import sys
from pathlib import Path

import msgspec

from onvio_agent.errors import Failed

NONCE_MIN, NONCE_MAX = 16, 128
"""Characters of a nonce, hex digits: enough to be unguessable, too few to be a burden."""

_MAX_BYTES = 4096


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """What a client needs to know of the running agent."""

    pid: int
    port: int
    api_version: int
    boot_id: str
    token: str

    def __repr__(self) -> str:  # a token must not reach a log by way of an error text
        return f"Runtime(pid={self.pid}, port={self.port})"


def proof(token: str, nonce: str, boot_id: str) -> str:
    """HMAC-SHA256 with key `token` over `nonce` followed by `boot_id`, all as written; hex."""
    return hmac.new(token.encode(), (nonce + boot_id).encode(), hashlib.sha256).hexdigest()


def write_runtime(path: Path, runtime: Runtime) -> None:
    """Replace the file in one step; nobody but this user can ever read it. Raises OSError."""
    draft = path.with_name(f"{path.name}.{runtime.pid}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(msgspec.json.encode(runtime) + b"\n")
        draft.replace(path)
    except OSError:  # a full disk: leave nothing half made
        draft.unlink(missing_ok=True)
        raise


def read_runtime(path: Path) -> Runtime | None:
    """The file's content; None where there is none (yet) or it is not such a file.

    Raises `Failed('request.denied')` where somebody else owns the file or can read it: its token may
    be known, its port may be theirs.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    with open(handle, "rb") as file:
        _refuse_shared(handle, path)
        data = file.read(_MAX_BYTES)
    try:
        return msgspec.json.decode(data, type=Runtime)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _refuse_shared(handle: int, path: Path) -> None:
    """On Windows the folder's access list, which the file inherits, keeps others out."""
    if sys.platform != "win32":
        state = os.fstat(handle)
        private = stat.S_ISREG(state.st_mode) and not state.st_mode & 0o077
        if not private or state.st_uid != os.getuid():
            raise Failed("agent.exposed", path=path)
