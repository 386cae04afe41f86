"""Which way of showing an icon the session offers now. Loads nothing that it does not choose."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from onvio_tray.backends.base import Backend, BackendGone, Callbacks


def choose(wanted: str, callbacks: Callbacks) -> Backend:
    """The backend for a value of `tray.backend`, forced unless that is "auto".

    Raises `BackendGone` where this session offers none, yet.
    """
    return _BUILD[wanted if wanted != "auto" else _offered()](callbacks)


def _offered() -> str:
    if sys.platform in ("win32", "darwin"):
        return "pystray"
    from onvio_tray.backends.sni_probe import has_host

    if has_host():
        return "sni"
    if not os.environ.get("DISPLAY"):
        raise BackendGone("no display, and no desktop that shows items")
    from onvio_tray.backends.x11 import has_panel

    if has_panel():
        return "x11"
    raise BackendGone("no panel that shows icons")


def _sni(callbacks: Callbacks) -> Backend:
    from onvio_tray.backends.sni import SniBackend

    return SniBackend(callbacks)


def _x11(callbacks: Callbacks) -> Backend:
    from onvio_tray.backends.x11 import X11Backend

    return X11Backend(callbacks)


def _pystray(callbacks: Callbacks) -> Backend:
    from onvio_tray.backends.pystray_ import PystrayBackend

    return PystrayBackend(callbacks)


_BUILD: dict[str, Callable[[Callbacks], Backend]] = {"sni": _sni, "x11": _x11, "pystray": _pystray}
