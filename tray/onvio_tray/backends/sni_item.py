"""The StatusNotifierItem itself: what a desktop may ask about the icon, and what it is told.

Only changes are told: each signal makes the desktop ask for everything again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbus_fast import Variant

from onvio_tray import icons
from onvio_tray.backends import dbusmenu
from onvio_tray.backends.base import Shown
from onvio_tray.backends.dbus import Interface, Method

PATH = "/StatusNotifierItem"
NAME = "org.kde.StatusNotifierItem"
SIZES = (16, 22, 24, 32, 48)
"""Pixels; the usual panels, and twice the usual for sharp screens."""

_TITLE = "ONVIO"
_ID = "onvio-agent"
_SIGNALS = {"NewIcon": "", "NewAttentionIcon": "", "NewToolTip": "", "NewStatus": "s"}


class Item:
    """What is shown now, in the desktop's words."""

    def __init__(self, shown: Shown, on_click: Callable[[], None]) -> None:
        self._shown = shown
        self._on_click = on_click
        self.interface = Interface(
            PATH,
            NAME,
            self._properties,
            {
                "Activate": Method("ii", "", self._clicked),
                "SecondaryActivate": Method("ii", "", self._clicked),
                "ContextMenu": Method("ii", "", lambda _x, _y: []),  # the desktop shows our Menu
                "Scroll": Method("is", "", lambda _delta, _orientation: []),
            },
            _SIGNALS,
        )

    def changed(self, shown: Shown, emit: Callable[..., None]) -> None:
        """Show this from now on; `emit(signal, *body)` tells the desktop what is new."""
        before, self._shown = self._shown, shown
        if before.icon != shown.icon:
            emit("NewIcon")
            emit("NewAttentionIcon")
        if before.tooltip != shown.tooltip:
            emit("NewToolTip")
        if before.attention != shown.attention:
            emit("NewStatus", self._status())

    def _clicked(self, _x: int, _y: int) -> list[Any]:
        self._on_click()
        return []

    def _status(self) -> str:
        return "NeedsAttention" if self._shown.attention else "Active"

    def _properties(self) -> dict[str, Variant]:
        shown = self._shown
        icon = Variant("a(iiay)", [[s, s, icons.pixels(shown.icon, s).argb()] for s in SIZES])
        return {
            "Category": Variant("s", "Communications"),
            "Id": Variant("s", _ID),
            "Title": Variant("s", _TITLE),
            "Status": Variant("s", self._status()),
            "WindowId": Variant("i", 0),
            "IconName": Variant("s", ""),
            "IconPixmap": icon,
            "OverlayIconName": Variant("s", ""),
            "OverlayIconPixmap": Variant("a(iiay)", []),
            "AttentionIconName": Variant("s", ""),
            "AttentionIconPixmap": icon,
            "AttentionMovieName": Variant("s", ""),
            "ToolTip": Variant("(sa(iiay)ss)", ["", [], shown.tooltip, ""]),
            "ItemIsMenu": Variant("b", False),
            "Menu": Variant("o", dbusmenu.PATH),
        }
