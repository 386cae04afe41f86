"""Which proxy leads to ONVIO, by the environment and the system's own settings.

Only looks; it opens nothing. PAC files and NTLM are not understood (see docs/known-issues.md).
A proxy's address may hold a password: it must not be logged.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def system_proxy(url: str) -> str | None:
    """The proxy's address for `url`, or None for a direct way.

    `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case; on Windows and macOS
    the system's settings where those are not set. Loopback is never proxied.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
