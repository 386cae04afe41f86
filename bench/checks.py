"""What one check of a link costs, beside bare httpx asking the same of the same server.

Both run in this process, in turns, on kept connections. The agent's side is all of it: the action,
token and turn, the transport, the verdict, the publication, every listener and what they re-arm.
"""

from __future__ import annotations

import asyncio
import ssl
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx

from bench.office import Office
from onvio_agent.actions.check_link import check_link
from onvio_agent.agent import Agent, assemble
from onvio_agent.app import machine_of, process_of
from onvio_agent.clock import SystemClock
from onvio_agent.log import build_log
from onvio_agent.onvio.oauth import USERINFO_PATH
from onvio_agent.store.exec import ThreadExec
from onvio_agent.store.sqlite import open_store
from onvio_config.load import load


class Checks(NamedTuple):
    """Medians in milliseconds of processor time; `times` is the median of the pairs' quotients."""

    check_ms: float
    httpx_ms: float
    times: float


def measure(office: Office, rounds: int, each: int) -> Checks:
    """`rounds` turns of `each` checks and of as many requests of bare httpx."""
    return asyncio.run(_measure(office, rounds, each))


async def _measure(office: Office, rounds: int, each: int) -> Checks:
    async with _agent_of(office) as agent, _client_of(office) as client:
        desk = agent.desk
        user_id = desk.hub.office.users[-1].id
        url = office.ready["auth_url"] + USERINFO_PATH
        headers = {"Authorization": f"Bearer {desk.cached[user_id].tokens.access_token}"}

        async def check() -> None:
            await check_link(desk, user_id)

        async def ask() -> None:
            (await client.get(url, headers=headers)).raise_for_status().json()

        await check(), await ask()  # connected and warm
        pairs = [(await _cost_ms(check, each), await _cost_ms(ask, each)) for _ in range(rounds)]
    return Checks(
        statistics.median(check_ms for check_ms, _ in pairs),
        statistics.median(ask_ms for _, ask_ms in pairs),
        statistics.median(check_ms / ask_ms for check_ms, ask_ms in pairs),
    )


@asynccontextmanager
async def _agent_of(office: Office) -> AsyncIterator[Agent]:
    """The agent as `app.py` composes it, without its control API, once everybody is green."""
    settings, paths = load(office.paths, office.environ).settings, office.paths
    clock, exec_ = SystemClock(), ThreadExec()
    log = build_log(paths.log_dir, clock=clock)
    store = await open_store(paths.store_path, exec_, clock_wall=clock.wall)
    machine = machine_of(settings, paths, clock, exec_, store, log)
    agent = await assemble(settings, machine, process_of(machine))
    agent.start()
    async for _ in agent.desk.hub.changes():
        if not any(icon.reason for icon in agent.desk.hub.icons(clock.mono())[1].values()):
            break
    yield agent
    await agent.stop()
    await store.close()
    await exec_.close()


def _client_of(office: Office) -> httpx.AsyncClient:
    context = ssl.create_default_context(cafile=office.ready["ca_file"])
    return httpx.AsyncClient(verify=context, trust_env=False)


async def _cost_ms(work: Callable[[], Awaitable[None]], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        await work()
    return (time.process_time() - began) / times * 1000
