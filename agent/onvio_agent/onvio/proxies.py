"""Which proxy leads to ONVIO, by the settings, the environment and the system's own settings.

Only looks; it opens no connection. PAC files and NTLM are not understood (docs/known-issues.md).
A proxy's address may hold a password: it must not be logged.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, getproxies_environment, proxy_bypass

from onvio_agent.errors import Failed, fill
from onvio_agent.i18n import N_, _
from onvio_config.load import short
from onvio_config.model import Proxy, Settings

NO_PROXY = "none"
_SCHEMES = ("http", "https")
_TROUBLES = {
    FileNotFoundError: N_("there is no such file"),
    PermissionError: N_("it may not be read"),
    IsADirectoryError: N_("it is a folder"),
    UnicodeError: N_("it is no text file"),
}


def refuse_unusable(settings: Settings) -> None:
    """Raises `Failed` (settings.invalid) where a proxy that would be gone through cannot be used."""
    for url in (settings.onvio.api_url, settings.onvio.auth_url, settings.update.url):
        if url:
            chosen_proxy(url, settings.proxy)


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
        told = _("{name}: {found} is no proxy that the agent understands; http://host:port is expected "
                 "(no SOCKS, no PAC file). Correct it, or set proxy.url.")  # fmt: skip
        name = named_in(url, Proxy()) or _("the system's settings")
        raise Failed("settings.invalid", detail=fill(told, {"name": name, "found": short(address)}))
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
        # a port beyond 65535 raises
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _password_in(path: str) -> str:
    if not path:
        return ""
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.readline(1000).rstrip("\r\n")
    except (OSError, ValueError) as error:
        known = next((told for kind, told in _TROUBLES.items() if isinstance(error, kind)), "")
        trouble = _(known or N_("it cannot be read"))
    told = _("proxy.password_file {path}: {trouble}. Correct the path, or leave it empty.")
    raise Failed("settings.invalid", detail=fill(told, {"path": path, "trouble": trouble}))
