"""The vault's key in the OS keyring, by way of `keyring`, which is imported on first use only.

Backends are chosen here and anew each time: `keyring` itself remembers for good what it found first,
and at login the agent may be earlier than the keyring. Only the systems' own keyrings are taken, never
one that writes plain text or that stores nothing. Calls block; a locked keyring may ask the person.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import sys
from typing import TYPE_CHECKING

from onvio_agent.store.key_places import KeyUnusable, PlaceClosed
from onvio_agent.store.sealing import KEY_BYTES

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_LINUX = ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring")
_BY_PLATFORM = {
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS.Keyring",),
}
_NOT_A_KEYRING = ("keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer")


class KeyRing:
    """`KeyPlace` in the keyring entry (`service`, `account`)."""

    kind = "keyring"

    def __init__(self, service: str, account: str) -> None:
        self._service = service
        self._account = account

    def read(self) -> bytes | None:
        """The key; `PlaceClosed` for whatever the keyring answers instead."""
        text = self._get(_open_backend())
        return None if text is None else _decoded(text)

    def create(self, key: bytes) -> bytes:
        """A keyring that was found need not store: what was written is read back."""
        backend = _open_backend()
        text = self._get(backend)
        if text is not None:
            with contextlib.suppress(KeyUnusable):
                return _decoded(text)
        text = base64.b64encode(key).decode()
        self._set(backend, text)
        if self._get(backend) != text:
            raise PlaceClosed("the keyring does not keep what it is given")
        return key

    def replace(self, key: bytes) -> None:
        """Written over what lies there, and read back."""
        backend, text = _open_backend(), base64.b64encode(key).decode()
        self._set(backend, text)
        if self._get(backend) != text:
            raise PlaceClosed("the keyring does not keep what it is given")

    def remove(self) -> None:
        """Deleted, where there is anything."""
        backend = _open_backend()
        if self._get(backend) is None:
            return
        try:
            backend.delete_password(self._service, self._account)
        except Exception as error:  # whatever a backend raises
            raise PlaceClosed(type(error).__name__) from error

    def _get(self, backend: KeyringBackend) -> str | None:
        try:
            return backend.get_password(self._service, self._account)
        except Exception as error:  # whatever a backend raises
            raise PlaceClosed(type(error).__name__) from error

    def _set(self, backend: KeyringBackend, text: str) -> None:
        try:
            backend.set_password(self._service, self._account, text)
        except Exception as error:  # whatever a backend raises
            raise PlaceClosed(type(error).__name__) from error


def _open_backend() -> KeyringBackend:
    try:
        backend = _chosen() or _best()
        if backend is None or not _is_trusted(backend):
            raise PlaceClosed("no keyring of the system")
        if type(backend).__module__ == "keyring.backends.SecretService":
            _refuse_locked_secret_service()
    except PlaceClosed:
        raise
    except Exception as error:  # whatever a backend raises
        raise PlaceClosed(type(error).__name__) from error
    return backend


def _chosen() -> KeyringBackend | None:
    """The backend that the environment or keyring's own settings name."""
    from keyring import core

    return core.load_env() or core.load_config()


def _best() -> KeyringBackend | None:
    from keyring import core

    found: list[KeyringBackend] = []
    for name in _BY_PLATFORM.get(sys.platform, _LINUX):
        try:
            found.append(core.load_keyring(name))
        except Exception:  # noqa: S112 - not this one; each says so in its own way
            continue
    return max(found, key=lambda backend: float(backend.priority), default=None)


def _is_trusted(backend: KeyringBackend) -> bool:
    module = type(backend).__module__
    return module.startswith("keyring.backends.") and module not in _NOT_A_KEYRING


def _refuse_locked_secret_service() -> None:
    """Asks before the backend would open a prompt, which blocks where there is a display."""
    import secretstorage

    with contextlib.closing(secretstorage.dbus_init()) as bus:
        # Raises where there is no default collection: the backend would prompt to make one.
        if secretstorage.collection.get_collection_by_alias(bus, "default").is_locked():
            raise PlaceClosed("locked")


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyUnusable("not a key") from error
    if len(key) != KEY_BYTES:
        raise KeyUnusable("not a key")
    return key
