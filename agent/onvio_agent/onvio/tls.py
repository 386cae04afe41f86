"""Whom the agent trusts: what the operating system trusts, and what the office adds.

One context is shared by everything that talks to ONVIO. Verification must never be weakened here
beyond what the comment on strictness says.
"""

from __future__ import annotations

import os
import ssl
import sys
from typing import Any

from onvio_agent.errors import Failed


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Trusts the system's certificates and those in `ca_file` (path of a PEM file, or empty).

    Raises `Failed` with `settings.invalid` where `ca_file` cannot be read or holds none.
    """
    context = _system_context()
    # Never strict X.509 (some default contexts turn it on from Python 3.13): it refuses the CAs of
    # many companies' proxies (no key identifier, no critical basic constraints), which the
    # operating system itself accepts.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if ca_file:
        trouble = _load(context, ca_file)
        if trouble:
            raise Failed("settings.invalid", detail=f"tls.ca_file {ca_file}: {trouble}")
    return context


class DefaultPlaces(ssl.SSLContext):
    """Trusts what lies where OpenSSL looks; read again, without a restart, when it has changed.

    truststore means the same on Linux but reads the whole bundle for each new connection: 20 ms of
    CPU each time, more than an hour of idling may cost.
    """

    _seen: tuple[int, int] | None = None

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """As the base class'; called once for each new connection."""
        bundle_path = ssl.get_default_verify_paths().cafile
        now = _version(bundle_path) if bundle_path else (0, 0)
        if now != self._seen:
            self._seen = now
            self.set_default_verify_paths()
        return super().wrap_bio(*args, **kwargs)


def _system_context() -> ssl.SSLContext:
    if sys.platform == "linux" and ssl.get_default_verify_paths().cafile:
        return DefaultPlaces(ssl.PROTOCOL_TLS_CLIENT)
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
        return "no certificate in it (PEM is expected)"
    except OSError as error:
        return error.strerror or type(error).__name__
    except ValueError:  # a NUL in the path
        return "not a path"
    return ""
