"""What a broken or refused call to the agent means, as the exception that is raised for it.

Light, like the client itself. An adapter: it may wait.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from onvio_agent.errors import AgentError, Failed, NotRunning, Refused, WrongUsage
from onvio_agent.lock import is_held
from onvio_agent.runtime import Runtime
from onvio_config.paths import Paths

_POLL_S = 0.02
_DYING_S = 1.0  # how long after a broken call the lock of a killed agent may still be seen held
_KINDS: dict[int, type[AgentError]] = {
    kind.exit_code: kind for kind in (WrongUsage, NotRunning, Refused, Failed)
}


class _Reason(msgspec.Struct):
    code: str
    exit_code: int
    fields: dict[str, Any] = {}


class _Answer(msgspec.Struct):
    error: _Reason


def gone(paths: Paths, runtime: Runtime, code: str = "agent.not_answering") -> AgentError:
    """Why a call failed: the agent has ended, or it does not answer.

    A killed agent's lock is free an instant after its connections have broken.
    """
    deadline = time.monotonic() + _DYING_S
    while is_held(paths.lock_path):
        if time.monotonic() >= deadline:
            break
        time.sleep(_POLL_S)
    else:
        return NotRunning("agent.not_running")
    return Failed(code, pid=runtime.pid)


def told_error(data: bytes) -> AgentError:
    """The agent's own error, as the exception that it was there."""
    try:
        reason = msgspec.json.decode(data, type=_Answer).error
        return _KINDS.get(reason.exit_code, Failed)(reason.code, **reason.fields)
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError):
        return Failed("internal.error")
