"""The registry of Windows, as far as starting at login needs it. Not tried on a real Windows."""

from __future__ import annotations

import sys

from onvio_agent.autostart.place import NAME, refused

if sys.platform == "win32":
    import winreg

    class WindowsRegistry:
        """See `run_key.Registry`."""

        def get(self, key: str, *, all_users: bool) -> str | bytes | None:
            """See `run_key.Registry.get`."""
            try:
                with winreg.OpenKey(_root(all_users), key) as opened:
                    value, _kind = winreg.QueryValueEx(opened, NAME)
            except OSError:
                return None
            return value if isinstance(value, str | bytes) else None

        def put(self, key: str, value: str, *, all_users: bool) -> None:
            """See `run_key.Registry.put`."""
            try:
                with winreg.CreateKeyEx(_root(all_users), key, 0, winreg.KEY_SET_VALUE) as opened:
                    winreg.SetValueEx(opened, NAME, 0, winreg.REG_SZ, value)
            except OSError as error:
                raise refused(key) from error

        def drop(self, key: str, *, all_users: bool) -> None:
            """See `run_key.Registry.drop`."""
            try:
                with winreg.OpenKey(_root(all_users), key, 0, winreg.KEY_SET_VALUE) as opened:
                    winreg.DeleteValue(opened, NAME)
            except FileNotFoundError:
                return
            except OSError as error:
                raise refused(key) from error

    def _root(all_users: bool) -> int:
        return winreg.HKEY_LOCAL_MACHINE if all_users else winreg.HKEY_CURRENT_USER
