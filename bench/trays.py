"""What the icon costs when nothing happens, on a desktop that shows it by StatusNotifierItem.

That is the dearest of its ways: a plain X11 panel takes less.
"""

from __future__ import annotations

import subprocess
import sys

from bench import idle
from bench.desktop import await_item, open_desktop
from bench.office import Office


def measure(office: Office, settle_s: float, over_s: float) -> idle.Idle | None:
    """The tray beside a running agent; None where no desktop can be made."""
    with open_desktop() as desktop:
        if desktop is None:
            return None
        address, watcher = desktop
        environ = office.environ | {"DBUS_SESSION_BUS_ADDRESS": address}
        tray = subprocess.Popen(
            [sys.executable, "-P", "-m", "onvio_tray"], env=environ, stderr=subprocess.DEVNULL
        )
        try:
            await_item(watcher)
            return idle.measure(tray.pid, settle_s, over_s)
        finally:
            tray.terminate()
            tray.wait()
