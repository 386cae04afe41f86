"""A connection to the session bus: what is called, what is offered, what is heard.

Thin on purpose: dbus-fast's own classes for offered interfaces ask for annotations that no type
checker understands. A table of methods and a function that gives the properties are enough here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import (
    DBusError,
    DBusFastError,
    ErrorType,
    Message,
    MessageFlag,
    MessageType,
    SignatureTree,
    Variant,
)
from dbus_fast.aio import MessageBus

from onvio_tray.backends import session_bus
from onvio_tray.backends.base import BackendGone

ANSWER_S = 5.0
"""Seconds to wait for another program's answer. 5: a busy desktop takes one or two."""

_PROPERTIES = "org.freedesktop.DBus.Properties"
_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_BUS = "org.freedesktop.DBus"
_BUS_PATH = "/org/freedesktop/DBus"


@dataclass(frozen=True)
class Method:
    """`answer` gets the arguments (of signature `takes`) and returns values of signature `gives`."""

    takes: str
    gives: str
    answer: Callable[..., Sequence[Any]]


@dataclass(frozen=True)
class Interface:
    """What one object offers under one name. `properties` is asked anew each time."""

    path: str
    name: str
    properties: Callable[[], Mapping[str, Variant]]
    methods: Mapping[str, Method]
    signals: Mapping[str, str] = field(default_factory=dict)


class Bus:
    """One connection. All of it on one event loop."""

    def __init__(self, bus: MessageBus, offered: Sequence[Interface]) -> None:
        self._bus = bus
        self._offered = {(each.path, each.name): each for each in offered}
        self._listeners: list[Callable[[Message], None]] = []
        bus.add_message_handler(self._handle)

    @classmethod
    async def connect(cls, offered: Sequence[Interface]) -> Bus:
        """Raises `BackendGone` where there is no bus or it lets nobody in."""
        address = session_bus.address()
        if not address:
            raise BackendGone("no session bus")
        try:
            async with asyncio.timeout(ANSWER_S):
                return cls(await MessageBus(bus_address=address).connect(), offered)
        except (OSError, EOFError, TimeoutError, DBusFastError, ValueError) as error:
            raise BackendGone(f"no session bus: {error}") from error

    async def gone(self) -> None:
        """Until the connection ends; raises `BackendGone` then."""
        try:
            await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # the library's
        except (OSError, EOFError, DBusFastError) as error:
            raise BackendGone(f"the session bus has gone: {error!r}") from error
        raise BackendGone("the session bus has gone")

    def close(self) -> None:
        """End the connection; what was offered goes with it."""
        self._bus.disconnect()

    async def call(
        self, to: tuple[str, str, str], member: str, signature: str = "", *body: Any
    ) -> list[Any]:
        """Ask (bus name, path, interface); raises `DBusError` for a refusal or silence."""
        name, path, interface = to
        message = Message(
            destination=name,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        try:
            async with asyncio.timeout(ANSWER_S):
                reply = await self._bus.call(message)
        except TimeoutError as error:
            raise DBusError(ErrorType.NO_REPLY, f"{name} does not answer") from error
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or "", str(reply.body[0]) if reply.body else "")
        return list(reply.body)

    async def property_of(self, to: tuple[str, str, str], name: str) -> Any:
        """A property's value; raises `DBusError` like `call`."""
        (variant,) = await self.call((*to[:2], _PROPERTIES), "Get", "ss", to[2], name)
        return variant.value

    def emit(self, interface: Interface, member: str, *body: Any) -> None:
        """Send one of the interface's signals."""
        signature = interface.signals[member]
        self._bus.send(
            Message.new_signal(interface.path, interface.name, member, signature, list(body))
        )

    async def listen(self, rule: str, heard: Callable[[Message], None]) -> None:
        """Call `heard` with every signal from now on, those of the match rule among them."""
        self._listeners.append(heard)
        await self.call((_BUS, _BUS_PATH, _BUS), "AddMatch", "s", f"type='signal',{rule}")

    async def own(self, name: str) -> None:
        """Take a well-known name; nobody else wants ours."""
        await self.call((_BUS, _BUS_PATH, _BUS), "RequestName", "su", name, 0)

    def _handle(self, message: Message) -> Message | bool:
        if message.message_type is MessageType.SIGNAL:
            for heard in self._listeners:
                heard(message)
            return False
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        answer = self._answer(message)
        silent = bool(message.flags & MessageFlag.NO_REPLY_EXPECTED)
        return answer is not None if silent or answer is None else answer

    def _answer(self, message: Message) -> Message | None:
        """None: not ours, the library says so."""
        path, body = message.path or "", message.body
        if message.interface == _PROPERTIES and message.member in ("Get", "GetAll"):
            offered = self._offered.get((path, str(body[0])))
            if offered is None:
                return None
            values = offered.properties()
            if message.member == "GetAll":
                return Message.new_method_return(message, "a{sv}", [dict(values)])
            value = values.get(str(body[1]))
            return Message.new_method_return(message, "v", [value]) if value else None
        if message.interface == _INTROSPECTABLE and message.member == "Introspect":
            here = [each for each in self._offered.values() if each.path == path]
            return Message.new_method_return(message, "s", [described(here)]) if here else None
        offered = self._offered.get((path, message.interface or ""))
        method = offered.methods.get(message.member or "") if offered else None
        if method is None or message.signature != method.takes:
            return None
        return Message.new_method_return(message, method.gives, list(method.answer(*body)))


def described(interfaces: Sequence[Interface]) -> str:
    """The introspection document of an object."""
    parts = []
    for each in interfaces:
        lines = [
            f'<property name="{name}" type="{variant.signature}" access="read"/>'
            for name, variant in each.properties().items()
        ]
        lines += [
            f'<method name="{name}">{_arguments(m.takes, "in")}{_arguments(m.gives, "out")}</method>'
            for name, m in each.methods.items()
        ]
        lines += [
            f'<signal name="{name}">{_arguments(signature, "out")}</signal>'
            for name, signature in each.signals.items()
        ]
        parts.append(f'<interface name="{each.name}">{"".join(lines)}</interface>')
    return f"<node>{''.join(parts)}</node>"


def _arguments(signature: str, direction: str) -> str:
    return "".join(
        f'<arg type="{each.signature}" direction="{direction}"/>'
        for each in SignatureTree(signature).types
    )
