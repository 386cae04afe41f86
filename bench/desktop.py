"""A desktop that shows icons, for a tray to be measured on: a bus of its own and a watcher on it.

`python -m bench.desktop ADDRESS` is the watcher; it says "ready", and "item" for each icon that came.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

WATCHER = "org.kde.StatusNotifierWatcher"


@contextlib.contextmanager
def open_desktop() -> Iterator[tuple[str, subprocess.Popen[str]] | None]:
    """The bus' address and the watcher; None where there is no dbus-daemon to be had."""
    if shutil.which("dbus-daemon") is None:
        yield None
        return
    with contextlib.ExitStack() as ending:
        bus = _start(ending, "dbus-daemon", "--session", "--nofork", "--print-address=1")
        address = _line(bus)
        watcher = _start(ending, sys.executable, "-m", "bench.desktop", address)
        assert _line(watcher) == "ready"
        yield address, watcher


def await_item(watcher: subprocess.Popen[str]) -> None:
    """Wait until an icon has come."""
    assert _line(watcher) == "item"


def _start(ending: contextlib.ExitStack, *command: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    ending.enter_context(process)
    ending.callback(process.kill)
    return process


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def _watch(address: str) -> None:
    from dbus_fast import Message, Variant
    from dbus_fast.aio import MessageBus

    def handle(message: Message) -> Message | None:
        if message.member == "RegisterStatusNotifierItem":
            print("item", flush=True)
            return Message.new_method_return(message)
        if message.member == "Get":  # IsStatusNotifierHostRegistered
            return Message.new_method_return(message, "v", [Variant("b", True)])
        return None

    bus = await MessageBus(bus_address=address).connect()
    bus.add_message_handler(handle)
    await bus.request_name(WATCHER)
    print("ready", flush=True)
    await bus.wait_for_disconnect()


if __name__ == "__main__":
    with contextlib.suppress(EOFError):
        asyncio.run(_watch(sys.argv[1]))
