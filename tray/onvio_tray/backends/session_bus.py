"""Where the session bus is."""

from __future__ import annotations

import os
from urllib.parse import unquote


def address() -> str:
    """As the environment names it, or where systemd puts it; "" where there is none."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    usual = os.path.join(runtime, "bus")
    return named or (f"unix:path={usual}" if runtime and os.path.exists(usual) else "")


def socket_of() -> str:
    """Its socket for `socket.connect` (a leading NUL: an abstract name); "" for none of this kind."""
    for one in address().split(";"):
        kind, _, rest = one.partition(":")
        values = dict(each.partition("=")[::2] for each in rest.split(","))
        if kind == "unix" and values.get("path"):
            return unquote(values["path"])
        if kind == "unix" and values.get("abstract"):
            return "\0" + unquote(values["abstract"])
    return ""
