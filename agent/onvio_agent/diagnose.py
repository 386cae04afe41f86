"""Joins the ladder's checks to this profile, for one climb. No behaviour of its own.

What the rungs need is made anew: a climb looks with fresh eyes, and knows of a running agent only
what that tells of itself. `onvio-agent doctor` climbs, and the panel does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from onvio_agent.chance import SystemEntropy
from onvio_agent.checks import clock, disk, dns, http, link, proxy, route, store, tcp, tls, token
from onvio_agent.checks import vault as vault_check
from onvio_agent.checks.explain import Cause, explain
from onvio_agent.checks.finding import Broken
from onvio_agent.checks.ladder import Check, Climb, climb
from onvio_agent.checks.net import Net, Way, way_to
from onvio_agent.checks.sockets import SocketNet
from onvio_agent.clock import Clock, SystemClock
from onvio_agent.contract.diagnosis import Diagnosis, Rung
from onvio_agent.contract.status import Snapshot
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import AgentError, Failed, StoreFailed
from onvio_agent.i18n import _
from onvio_agent.onvio.errors import Target
from onvio_agent.onvio.gate import Gate
from onvio_agent.onvio.httpx_transport import HttpxTransport, transport_of
from onvio_agent.onvio.proxies import chosen_proxy, named_in
from onvio_agent.onvio.tls import Trust
from onvio_agent.onvio.user_api import UserApi
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import SqliteStore
from onvio_agent.store.vault import Vault
from onvio_agent.store.waits import left_s
from onvio_config.model import Settings
from onvio_config.paths import Paths

_TARGETS: tuple[Target, ...] = ("api", "auth")


async def diagnose(
    settings: Settings,
    paths: Paths,
    agent: Snapshot | AgentError | None,
    tell: Callable[[Rung], None] = lambda _rung: None,
    *,
    key: VaultStatus | None = None,
) -> Diagnosis:
    """Climb the ladder once. `agent`: what the running one shows or why it does not answer; None
    without one. `tell`: is called with each rung as soon as it was tried. `key`: the running agent's
    word on its vault, where it gave one.

    Names are looked up by the loop's default executor. Raises `Failed` (settings.invalid).
    """
    url = settings.onvio.api_url
    named_by = named_in(url, settings.proxy) or _("the system's settings")
    way = way_to(url, chosen_proxy(url, settings.proxy), named_by)
    trust = Trust(settings.tls.ca_file)
    trust.refresh()
    net = SocketNet(trust.context)
    clocks, exec_ = SystemClock(), ThreadExec()
    transport = transport_of(settings)

    async def behind(reason: str) -> Cause | None:
        return await explain(reason, net, way, clocks.wall)

    path = paths.store_of(settings.store.path)
    looked: SqliteStore | None = None
    unread: Broken | None = None
    try:
        looked = await store.look(path, exec_)
    except Broken as broken:
        unread = broken
    gate = await _gate(transport, clocks, looked)
    api = UserApi(
        gate,
        clock=clocks,
        deadline_s=settings.links.deadline_s,
        probe_deadline_s=settings.probe.deadline_s,
    )
    checks = _on_the_way(net, way, api, clocks)
    checks |= _beside(settings, paths, agent, exec_, looked, unread, key)
    late = {"dns": dns.unfound(way), "proxy": proxy.silent(way)}
    diagnosis = await climb(checks, Climb(clocks, settings.probe.deadline_s, behind, tell, late))
    await transport.aclose()
    if looked is not None:
        await looked.close()
    await exec_.close()
    return diagnosis


async def explained(reason: str, settings: Settings, clock: Clock) -> str:
    """What is behind a failure of the running agent's, by the checks of the ladder."""
    url = settings.onvio.api_url
    try:
        way = way_to(url, chosen_proxy(url, settings.proxy))
    except Failed:  # the file with the proxy's password was there at the start
        return reason
    cause = await explain(reason, SocketNet(), way, clock.wall)
    return reason if cause is None else cause.reason


def _on_the_way(net: Net, way: Way, api: UserApi, clocks: SystemClock) -> dict[str, Check]:
    async def portal() -> str:
        return _("not asked: HTTPS works")

    return {
        "route": lambda: route.check(net, way),
        "dns": lambda: dns.check(net, way),
        "proxy": lambda: proxy.check(net, way),
        "tcp": lambda: tcp.check(net, way),
        "tls": lambda: tls.check(net, way),
        "http": lambda: http.check(api),
        "portal": portal,
        "clock": lambda: clock.check(net, way, clocks.wall()),
        "token": lambda: token.check(api),
    }


def _beside(
    settings: Settings,
    paths: Paths,
    agent: Snapshot | AgentError | None,
    exec_: ThreadExec,
    looked: SqliteStore | None,
    unread: Broken | None,
    key: VaultStatus | None,
) -> dict[str, Check]:
    async def check_vault() -> str:
        if key is not None:
            return vault_check.check(key)
        if unread is not None:
            return _("not checked: the data file cannot be read")
        if looked is None:
            return _("no data file yet")
        vault = Vault(
            looked,
            exec_,
            kind=settings.vault.kind,
            key_path=paths.key_path,
            random_bytes=SystemEntropy().random_bytes,
        )
        try:
            return vault_check.check(await vault.status())
        except StoreFailed as error:
            raise Broken(error.code, str(error.fields.get("path", ""))) from error

    async def check_store() -> str:
        if unread is not None:
            raise unread
        return await store.check(looked)

    return {
        "link": lambda: link.check(agent),
        "vault": check_vault,
        "store": check_store,
        "disk": lambda: disk.check((paths.data_dir, paths.log_dir)),
    }


async def _gate(transport: HttpxTransport, clocks: SystemClock, kept: SqliteStore | None) -> Gate:
    """The transport, held back where ONVIO has asked the agent to wait: a look is no way around."""
    gate = Gate(transport, clock=clocks, on_hold=lambda _target, _until: None)
    now = clocks.now()
    for retry in await kept.retries() if kept is not None else ():
        for target in _TARGETS:
            if retry.key == target:
                gate.restore({target: now.wall + timedelta(seconds=left_s(retry, now))})
    return gate
