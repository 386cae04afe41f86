"""Keeps two libraries out of the tray's process that are tried for but not needed: 2.5 MB of its 13.

Importing this is for the program alone, and first of all. The tray speaks plain HTTP to this very
machine, so `http.client` and asyncio need no TLS; msgspec takes from typing what it does not find in
typing_extensions, which would bring the inspection of sources along.
"""

from __future__ import annotations

import sys
from typing import Any

_modules: dict[str, Any] = sys.modules
_modules.setdefault("ssl", None)  # Python's own sign for "not there"
_modules.setdefault("typing_extensions", None)

import msgspec  # noqa: E402, F401 - it has to look while the other is away

if _modules["typing_extensions"] is None:
    del _modules["typing_extensions"]  # whoever really needs it may load it
