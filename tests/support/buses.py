"""A private session bus, and on it a desktop that shows items: watcher, host and notifications.

Why: the icon's own D-Bus side is tested against real messages, without a panel. Runs on a loop and a
thread of its own; every method here may be called from the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import pytest
from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

T = TypeVar("T")
WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
ITEM_PATH = "/StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
NOTIFICATIONS = "org.freedesktop.Notifications"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_WAIT_S = 60.0


def eventually(true: Callable[[], object], what: str, within_s: float = _WAIT_S) -> None:
    """Wait until it holds; the failure says what did not."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.005)


class Bus:
    """A dbus-daemon for this test alone."""

    def __init__(self) -> None:
        command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        assert self.address, "dbus-daemon did not start"

    def stop(self) -> None:
        """End it; whoever is connected loses the connection."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextlib.contextmanager
def private_bus() -> Iterator[Bus]:
    """A bus for one test, which is skipped where there is no dbus-daemon."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon (Debian: dbus)")
    bus = Bus()
    try:
        yield bus
    finally:
        bus.stop()


class Desktop:
    """Watcher, host and notification service on one connection; `leave` and `enter` as crashes do."""

    def __init__(self, address: str, *, host: bool = True, notifications: bool = True) -> None:
        self._address = address
        self.host = host
        self._notifications = notifications
        self.items: list[str] = []
        self.signals: list[str] = []
        self.notices: list[tuple[str, Any]] = []
        self._bus: MessageBus | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.enter()

    def enter(self) -> None:
        """Take the names: the panel is there."""
        self._do(self._enter())

    def leave(self) -> None:
        """Lose the connection: the panel has crashed."""
        bus, self._bus = self._bus, None
        self.items.clear()
        if bus is not None:
            self._do(self._left(bus))

    def close(self) -> None:
        """End it all."""
        self.leave()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def say_host(self, present: bool) -> None:
        """A host comes or goes while the watcher stays."""
        self.host = present
        member = f"StatusNotifierHost{'R' if present else 'Unr'}egistered"
        assert self._bus is not None
        signal = Message.new_signal(WATCHER_PATH, WATCHER, member)
        self._loop.call_soon_threadsafe(self._bus.send, signal)

    def wait_item(self) -> str:
        """The bus name of the one item, once it has registered."""
        eventually(lambda: self.items, "an item registers")
        return self.items[-1]

    def property_of(self, name: str, interface: str = ITEM, path: str = ITEM_PATH) -> Any:
        """What the item answers."""
        return self.call("Get", "ss", interface, name, interface=_PROPERTIES, path=path)[0].value

    def pixmap(self, size: int) -> bytes:
        """The icon of that many pixels."""
        pixmaps = self.property_of("IconPixmap")
        (found,) = [bytes(data) for width, height, data in pixmaps if width == height == size]
        return found

    def click(self, member: str = "Activate") -> None:
        """As a person clicks."""
        self.call(member, "ii", 10, 10, interface=ITEM)

    def menu(self) -> list[tuple[int, dict[str, Any]]]:
        """The lines: number and properties."""
        _revision, (_root, _shown, lines) = self.menu_call("GetLayout", "iias", 0, -1, [])
        pairs = [line.value[:2] for line in lines]
        return [(number, {name: v.value for name, v in shown.items()}) for number, shown in pairs]

    def choose(self, number: int) -> None:
        """As a person chooses a line."""
        self.menu_call("Event", "isvu", number, "clicked", Variant("s", ""), 0)

    def menu_call(self, member: str, signature: str, *body: Any) -> list[Any]:
        """Any question to the menu."""
        return self.call(member, signature, *body, interface=MENU, path="/MenuBar")

    def call(
        self, member: str, signature: str, *body: Any, interface: str, path: str = ITEM_PATH
    ) -> list[Any]:
        """Any question to the item; an error is raised as `DBusError`."""
        message = Message(
            destination=self.items[-1],
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        assert self._bus is not None
        reply = self._do(self._bus.call(message))
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or "", str(reply.body))
        return list(reply.body)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(_WAIT_S)

    async def _left(self, bus: MessageBus) -> None:
        bus.disconnect()
        with contextlib.suppress(EOFError, OSError):  # the bus itself may have gone
            await bus.wait_for_disconnect()

    async def _enter(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._handle)
        rule = f"type='signal',interface='{ITEM}'"
        for member, signature, body in (
            ("AddMatch", "s", [rule]),
            ("AddMatch", "s", [rule.replace(ITEM, MENU)]),
            ("RequestName", "su", [WATCHER, 0]),
            *([("RequestName", "su", [NOTIFICATIONS, 0])] if self._notifications else []),
        ):
            bus_name = "org.freedesktop.DBus"
            message = Message(
                destination=bus_name,
                path="/org/freedesktop/DBus",
                interface=bus_name,
                member=member,
                signature=signature,
                body=body,
            )
            await self._bus.call(message)

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is MessageType.SIGNAL:
            if message.interface in (ITEM, MENU):
                self.signals.append(str(message.member))
            return None
        key = (message.interface, message.member)
        if key == (WATCHER, "RegisterStatusNotifierItem"):
            self.items.append(message.body[0])
            return Message.new_method_return(message)
        if key == (_PROPERTIES, "Get") and message.body[0] == WATCHER:
            return Message.new_method_return(message, "v", [Variant("b", self.host)])
        if message.interface == NOTIFICATIONS:
            return self._notice(message)
        return None

    def _notice(self, message: Message) -> Message | None:
        self.notices.append((str(message.member), list(message.body)))
        if message.member == "Notify":
            return Message.new_method_return(message, "u", [message.body[1] or 7])
        if message.member == "GetCapabilities":
            return Message.new_method_return(message, "as", [["body", "body-markup"]])
        return Message.new_method_return(message)
