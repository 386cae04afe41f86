"""The icon on desktops with a StatusNotifierWatcher: KDE, LXQt, Xfce, GNOME with its extension.

One event loop on one bus connection. Everything waits for events; only the sign of life has a timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

from dbus_fast import DBusError, Message

from onvio_agent.contract.status import IconState
from onvio_tray.backends.base import HEARTBEAT_S, BackendGone, Callbacks, Shown
from onvio_tray.backends.dbus import Bus
from onvio_tray.backends.dbusmenu import DBusMenu
from onvio_tray.backends.notices import Notice, Notices
from onvio_tray.backends.sni_item import NAME, Item

WATCHER = (
    "org.kde.StatusNotifierWatcher",
    "/StatusNotifierWatcher",
    "org.kde.StatusNotifierWatcher",
)
PATIENCE_S = 15.0
"""Seconds in which a panel that went away may come back before another kind is looked for. 15: a
desktop starts a crashed panel again within a few seconds, after several crashes a little later."""

_HOST_SIGNALS = ("StatusNotifierHostRegistered", "StatusNotifierHostUnregistered")
_UNTIL_TOLD = Shown(icon=IconState.GREY, tooltip="", menu=())


class _Stopped(Exception):
    """`stop` was called."""


class SniBackend:
    """A StatusNotifierItem of our own; see `onvio_tray.backends.base.Backend`."""

    name = "sni"

    def __init__(self, callbacks: Callbacks, *, patience_s: float = PATIENCE_S) -> None:
        self._callbacks = callbacks
        self._patience_s = patience_s
        self._shown = _UNTIL_TOLD
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._stopping = False
        self._notices = Notices()

    def run(self) -> None:
        """See `Backend.run`."""
        with contextlib.suppress(_Stopped):
            asyncio.run(self._serve())

    def show(self, shown: Shown) -> None:
        """See `Backend.show`."""
        self._shown = shown
        self._in_loop(self._news.set)

    def notify(self, title: str, body: str) -> bool:
        """See `Backend.notify`."""
        notice = Notice(title, body, self._shown.icon)
        self._in_loop(lambda: self._notices.want(notice))
        return True

    def withdraw(self) -> None:
        """See `Backend.withdraw`."""
        self._in_loop(lambda: self._notices.want(None))

    def stop(self) -> None:
        """See `Backend.stop`."""
        self._stopping = True
        self._in_loop(self._news.set)

    def _in_loop(self, work: Callable[[], object]) -> None:
        loop = self._loop
        if loop is None:
            work()
            return
        with contextlib.suppress(RuntimeError):  # it has ended meanwhile
            loop.call_soon_threadsafe(work)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        item = Item(self._shown, self._callbacks.on_click)
        menu = DBusMenu(self._callbacks.on_menu)
        bus = await Bus.connect([item.interface, menu.interface])
        try:
            await asyncio.gather(
                bus.gone(),
                self._draw(bus, item, menu),
                _Host(bus, self._patience_s).follow(),
                self._notices.serve(bus),
            )
        finally:
            bus.close()

    async def _draw(self, bus: Bus, item: Item, menu: DBusMenu) -> None:
        """Show the latest, and say every now and then that this loop lives."""
        while not self._stopping:
            self._news.clear()
            shown = self._shown
            item.changed(shown, lambda *signal: bus.emit(item.interface, *signal))
            menu.changed(shown.menu, lambda *signal: bus.emit(menu.interface, *signal))
            self._callbacks.heartbeat()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._news.wait()
        raise _Stopped


class _Host:
    """Whether somebody shows items; registers ours with each new watcher."""

    def __init__(self, bus: Bus, patience_s: float) -> None:
        self._bus = bus
        self._patience_s = patience_s
        self._heard = asyncio.Event()
        self._service = f"{NAME}-{os.getpid()}-1"
        self._is_registered = False

    async def follow(self) -> None:
        """For ever; raises `BackendGone` when nobody has shown items for so long."""
        await self._bus.own(self._service)
        owners = f"sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{WATCHER[0]}'"
        await self._bus.listen(owners, self._on_signal)
        await self._bus.listen(f"interface='{WATCHER[2]}'", lambda _message: None)
        while True:
            self._heard.clear()
            present = await self._register()
            try:
                async with asyncio.timeout(None if present else self._patience_s):
                    await self._heard.wait()
            except TimeoutError as error:
                raise BackendGone("no panel shows items") from error

    async def _register(self) -> bool:
        """Whether a watcher has taken our item, and some host shows it."""
        try:
            if not self._is_registered:
                await self._bus.call(WATCHER, "RegisterStatusNotifierItem", "s", self._service)
                self._is_registered = True
            return bool(await self._bus.property_of(WATCHER, "IsStatusNotifierHostRegistered"))
        except DBusError:
            return False

    def _on_signal(self, message: Message) -> None:
        if message.member == "NameOwnerChanged" and message.body[0] == WATCHER[0]:
            self._is_registered = False
            self._heard.set()
        elif message.member in _HOST_SIGNALS:
            self._heard.set()
