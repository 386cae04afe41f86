"""Which proxy leads to ONVIO, by the settings, the environment and the system's own settings.

Only looks; it opens no connection. PAC files and NTLM are not understood (docs/known-issues.md).
A proxy's address may hold a password: it must not be logged.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, getproxies_environment, proxy_bypass

from onvio_agent.errors import Failed
from onvio_config.model import Proxy

NO_PROXY = "none"


def chosen_proxy(url: str, wanted: Proxy) -> str | None:
    """The proxy's address for `url` by `wanted`, else by the system, with user and password.

    None for a direct way. Raises `Failed` (settings.invalid) where the password cannot be read or the
    system's proxy is no address.
    """
    if wanted.url == NO_PROXY or is_loopback(url):
        return None
    proxy = wanted.url or system_proxy(url)
    if proxy is None or not wanted.user:
        return proxy
    parts = urlsplit(proxy)
    place = parts.netloc.rpartition("@")[2]
    user = f"{quote(wanted.user, safe='')}:{quote(_password_in(wanted.password_file), safe='')}"
    return parts._replace(netloc=f"{user}@{place}").geturl()


def named_in(url: str, wanted: Proxy) -> str:
    """Which setting or variable names the proxy for `url`; empty where the system's settings do."""
    if wanted.url:
        return "proxy.url"
    named = getproxies_environment()
    found = (scheme for scheme in (urlsplit(url).scheme, "all") if scheme in named)
    return next((f"{scheme.upper()}_PROXY" for scheme in found), "")


def system_proxy(url: str) -> str | None:
    """The proxy's address for `url`, or None for a direct way.

    `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case; on Windows and macOS
    the system's settings where those are not set. Loopback is never proxied. Raises `Failed`
    (settings.invalid) where that is no address.
    """
    parts = urlsplit(url)
    if is_loopback(url):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    address = proxy if "://" in proxy else f"http://{proxy}"
    if not _is_address(address):
        raise Failed("settings.invalid", detail="HTTPS_PROXY or the system's proxy: no host:port")
    return address


def is_loopback(url: str) -> bool:
    """Whether `url` leads to this very machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0  # a port beyond 65535 raises
    except ValueError:
        return False


def _password_in(path: str) -> str:
    if not path:
        return ""
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.readline(1000).rstrip("\r\n")
    except (OSError, UnicodeError, ValueError) as error:
        told = getattr(error, "strerror", None) or "not a text file"
    raise Failed("settings.invalid", detail=f"proxy.password_file {path}: {told}")
