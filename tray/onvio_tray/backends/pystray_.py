"""The icon on Windows and macOS, through pystray.

Thin: pystray's loop holds the main thread, and one thread of its making shows what is new. Never run
on a real Windows or macOS; see docs/known-issues.md.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from onvio_agent.contract.status import IconState
from onvio_tray import icons
from onvio_tray.backends.base import HEARTBEAT_S, BackendGone, Callbacks, MenuItem, Shown

_NAME = "onvio-agent"
_SIZE = 64  # pixels; the system makes it smaller, and larger on sharp screens
_LONGEST = 127  # letters of a tooltip on Windows
_MARKS = {IconState.GREEN: "●", IconState.PLAY: "▶", IconState.GREY: "○"}
_UNTIL_TOLD = Shown(icon=IconState.GREY, tooltip="", menu=())


class PystrayBackend:
    """An icon of pystray's; see `onvio_tray.backends.base.Backend`."""

    name = "pystray"

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._shown = _UNTIL_TOLD
        self._news = threading.Event()
        self._stopping = False
        self._icon: Any = None

    def run(self) -> None:
        """See `Backend.run`."""
        try:
            import pystray

            self._icon = pystray.Icon(_NAME, _image(self._shown.icon), menu=self._menu(pystray))
            self._icon.run(setup=self._follow)
        except (ImportError, OSError, NotImplementedError) as error:
            raise BackendGone(f"pystray cannot show an icon: {error}") from error

    def show(self, shown: Shown) -> None:
        """See `Backend.show`."""
        self._shown = shown
        self._news.set()

    def notify(self, title: str, body: str) -> bool:
        """See `Backend.notify`."""
        icon = self._icon
        if icon and icon.HAS_NOTIFICATION:
            with contextlib.suppress(OSError, NotImplementedError):
                icon.notify(body, title)
                return True
        return False

    def withdraw(self) -> None:
        """See `Backend.withdraw`."""
        icon = self._icon
        if icon and icon.HAS_NOTIFICATION:
            with contextlib.suppress(OSError, NotImplementedError):
                icon.remove_notification()

    def stop(self) -> None:
        """See `Backend.stop`."""
        self._stopping = True
        self._news.set()

    def _follow(self, icon: Any) -> None:
        """In pystray's thread, for as long as the icon is there."""
        drawn = _UNTIL_TOLD
        icon.visible = True
        while not self._stopping:
            self._news.clear()
            before, drawn = drawn, self._shown
            if before.icon != drawn.icon:
                icon.icon = _image(drawn.icon)
            if before.tooltip != drawn.tooltip:
                icon.title = drawn.tooltip[:_LONGEST]
            if before.menu != drawn.menu:
                icon.update_menu()
            self._callbacks.heartbeat()
            self._news.wait(HEARTBEAT_S)
        icon.visible = False
        icon.stop()

    def _menu(self, pystray: Any) -> Any:
        """Asked anew by pystray at each `update_menu`; the click is a line that nobody sees."""

        def lines() -> list[Any]:
            click = pystray.MenuItem("", self._on_click, default=True, visible=False)
            return [click, *(self._line(pystray, item) for item in self._shown.menu)]

        return pystray.Menu(lines)

    def _line(self, pystray: Any, item: MenuItem) -> Any:
        if item.separator:
            return pystray.Menu.SEPARATOR
        mark = f"{_MARKS[item.icon]} " if item.icon else ""
        enabled = item.enabled and bool(item.id)
        return pystray.MenuItem(mark + item.label, self._chosen(item.id), enabled=enabled)

    def _chosen(self, id_: str) -> Callable[[], None]:
        return lambda: self._callbacks.on_menu(id_)

    def _on_click(self) -> None:
        self._callbacks.on_click()


def _image(icon: IconState) -> Any:
    from PIL import Image

    return Image.frombytes("RGBA", (_SIZE, _SIZE), icons.pixels(icon, _SIZE).rgba)
