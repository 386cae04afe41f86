"""Whom the agent trusts: what the operating system trusts, and what the office adds.

One context is shared by everything that talks to ONVIO. Verification must never be weakened here
beyond what the comment on strictness says.
"""

from __future__ import annotations

import os
import ssl
import sys

from onvio_agent.errors import Failed, fill
from onvio_agent.i18n import _


class Trust:
    """One TLS context; `refresh` has it follow the system's certificates where it has to be told.

    truststore means the same on Linux but reads the whole bundle for each new connection: 20 ms of
    CPU each time, more than an hour of idling may cost. A plain `ssl.SSLContext` it is, not a
    subclass: for anything else the HTTP client keeps threads of its own.
    """

    def __init__(self, ca_file: str = "") -> None:
        """Trusts the system's certificates and those in `ca_file` (path of a PEM file, or empty).

        Raises `Failed` with `settings.invalid` where `ca_file` cannot be read or holds none.
        """
        self._bundle_path = _bundle_path()
        self._seen: tuple[int, int] | None = None
        self.context = _context(own=self._bundle_path is None)
        # Never strict X.509 (some default contexts turn it on from Python 3.13): it refuses the CAs
        # of many companies' proxies (no key identifier, no critical basic constraints), which the
        # operating system itself accepts.
        self.context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if ca_file:
            trouble = _load(self.context, ca_file)
            if trouble:
                raise Failed("settings.invalid", detail=f"tls.ca_file {ca_file}: {trouble}")

    def refresh(self) -> None:
        """Before each request: read the system's bundle if it has changed. Costs microseconds."""
        if self._bundle_path is None:
            return
        now = _version(self._bundle_path)
        if now != self._seen:
            self._seen = now
            self.context.set_default_verify_paths()


def _bundle_path() -> str | None:
    """Where OpenSSL looks, on the platforms where that is what the system trusts."""
    return ssl.get_default_verify_paths().cafile if sys.platform == "linux" else None


def _context(*, own: bool) -> ssl.SSLContext:
    """`own`: the platform verifies by itself, and always by what it trusts at that moment."""
    if not own:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _version(path: str) -> tuple[int, int]:
    """What changes when the file does; (0, 0) where there is none (any more)."""
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _load(context: ssl.SSLContext, ca_file: str) -> str:
    """Add the certificates in `ca_file`; what went wrong, or an empty text."""
    try:
        context.load_verify_locations(cafile=ca_file)
    except ssl.SSLError:
        return _("no certificate in it (PEM is expected)")
    except OSError as error:
        told = fill(
            _("it cannot be read ({error})"), {"error": error.strerror or type(error).__name__}
        )
        return fill(_("{trouble}; a PEM file is expected"), {"trouble": told})
    except ValueError:  # a NUL in the path
        return _("it cannot be read")
    return ""
