"""The menu of the StatusNotifierItem, as com.canonical.dbusmenu asks for it.

A line keeps its number as long as this tray lives, and no other line ever gets it: a click on a menu
that has changed meanwhile does what was read, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dbus_fast import Variant

from onvio_tray import icons
from onvio_tray.backends.base import MenuItem
from onvio_tray.backends.dbus import Interface, Method

PATH = "/MenuBar"
_NAME = "com.canonical.dbusmenu"
_ROOT = 0
_ICON_SIZE = 16  # pixels; menus of every desktop know this size
_VERSION = 3
_SIGNALS = {"LayoutUpdated": "ui", "ItemsPropertiesUpdated": "a(ia{sv})a(ias)"}

Properties = dict[str, Variant]
Emit = Callable[..., None]


class DBusMenu:
    """`changed` compares and says what is new; everything else answers the desktop."""

    def __init__(self, chosen: Callable[[str], None]) -> None:
        self._chosen = chosen
        self._items: dict[int, MenuItem] = {}
        self._numbers: dict[str, int] = {}
        self._revision = 1
        self.interface = Interface(
            PATH,
            _NAME,
            self._interface_properties,
            {
                "GetLayout": Method("iias", "u(ia{sv}av)", self._layout),
                "GetGroupProperties": Method("aias", "a(ia{sv})", self._group),
                "GetProperty": Method("is", "v", self._property),
                "Event": Method("isvu", "", self._event),
                "EventGroup": Method("a(isvu)", "ai", self._events),
                "AboutToShow": Method("i", "b", lambda _number: [False]),
                "AboutToShowGroup": Method("ai", "aiai", lambda _numbers: [[], []]),
            },
            _SIGNALS,
        )

    def changed(self, menu: Sequence[MenuItem], emit: Emit) -> None:
        """Show `menu` from now on; `emit(signal, *body)` tells the desktop, if there is news."""
        before, self._items = self._items, self._numbered(menu)
        if list(before) != list(self._items):
            self._revision += 1
            emit("LayoutUpdated", self._revision, _ROOT)
            return
        differing = [number for number, item in self._items.items() if before[number] != item]
        if not differing:
            return
        gone = [
            [number, names]
            for number in differing
            if (names := [n for n in self._of(before[number]) if n not in self._of_number(number)])
        ]
        emit("ItemsPropertiesUpdated", [[n, self._of_number(n)] for n in differing], gone)

    def _numbered(self, menu: Sequence[MenuItem]) -> dict[int, MenuItem]:
        keys = [item.id or f"#{place}" for place, item in enumerate(menu)]
        for key in keys:
            self._numbers.setdefault(key, len(self._numbers) + 1)
        return {self._numbers[key]: item for key, item in zip(keys, menu, strict=True)}

    def _of_number(self, number: int) -> Properties:
        return self._of(self._items[number])

    def _of(self, item: MenuItem) -> Properties:
        if item.separator:
            return {"type": Variant("s", "separator")}
        properties = {
            "label": Variant("s", item.label.replace("_", "__")),  # one marks a key to press
            "enabled": Variant("b", item.enabled and bool(item.id)),
        }
        if item.icon:
            picture = icons.png_path(item.icon, _ICON_SIZE)
            properties["icon-data"] = Variant("ay", picture.read_bytes())
        return properties

    def _interface_properties(self) -> Properties:
        return {
            "Version": Variant("u", _VERSION),
            "TextDirection": Variant("s", "ltr"),
            "Status": Variant("s", "normal"),
            "IconThemePath": Variant("as", []),
        }

    def _layout(self, parent: int, depth: int, names: list[str]) -> list[Any]:
        if parent != _ROOT:  # no line has lines below it
            shown = self._picked(parent, names) if parent in self._items else {}
            return [self._revision, [parent, shown, []]]
        lines = [
            Variant("(ia{sv}av)", [number, self._picked(number, names), []])
            for number in self._items
            if depth != 0
        ]
        root = {"children-display": Variant("s", "submenu")}
        return [self._revision, [_ROOT, root, lines]]

    def _picked(self, number: int, names: list[str]) -> Properties:
        """No names: all of them."""
        properties = self._of_number(number)
        return {name: properties[name] for name in names or properties if name in properties}

    def _group(self, numbers: list[int], names: list[str]) -> list[Any]:
        known = [number for number in numbers or self._items if number in self._items]
        return [[[number, self._picked(number, names)] for number in known]]

    def _property(self, number: int, name: str) -> list[Any]:
        item = self._items.get(number)
        return [(self._of(item) if item else {}).get(name, Variant("s", ""))]

    def _event(self, number: int, event: str, _data: Variant, _at: int) -> list[Any]:
        item = self._items.get(number)
        if event == "clicked" and item and item.id and item.enabled:
            self._chosen(item.id)
        return []

    def _events(self, events: list[list[Any]]) -> list[Any]:
        for event in events:
            self._event(*event)
        return [[event[0] for event in events if event[0] not in self._items]]
