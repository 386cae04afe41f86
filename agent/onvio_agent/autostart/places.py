"""The ways of starting at login that this system has."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from onvio_agent.autostart.place import Place


def icon_place(environ: Mapping[str, str]) -> Place:
    """Where the icon is started from."""
    if sys.platform == "win32":
        from onvio_agent.autostart.run_key import RunKeyPlace
        from onvio_agent.autostart.windows_registry import WindowsRegistry

        return RunKeyPlace(WindowsRegistry())
    if sys.platform == "darwin":
        from onvio_agent.autostart.launchd import LaunchdPlace

        folder = Path("Library", "LaunchAgents")
        return LaunchdPlace(Path.home() / folder, Path("/") / folder)
    from onvio_agent.autostart.xdg import XdgPlace

    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return XdgPlace(_config_home(environ), [Path(each) for each in shared.split(":") if each])


def service_place(environ: Mapping[str, str]) -> Place | None:
    """Where the agent alone is started from; None where this system has no such thing."""
    if sys.platform != "linux":
        return None
    from onvio_agent.autostart.systemd import SystemdPlace

    shared = ("/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user")
    return SystemdPlace(_config_home(environ) / "systemd" / "user", [Path(each) for each in shared])


def _config_home(environ: Mapping[str, str]) -> Path:
    named = environ.get("XDG_CONFIG_HOME")
    return Path(named) if named else Path(environ.get("HOME") or Path.home()) / ".config"
