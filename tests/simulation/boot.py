"""How a process of the agent begins: production's own parts, joined as in production.

Only what lies under them is simulated, and nothing of the agent is replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from onvio_agent.agent import Agent, Machine, assemble
from onvio_agent.chance import Streams
from onvio_agent.onvio.transport import Network
from onvio_agent.store.sqlite import open_store
from onvio_agent.timer import Timer
from onvio_agent.world import Process
from onvio_config.model import History, Onvio, Settings, Sync
from onvio_config.model import Vault as VaultSettings
from simulation.browsers import SimLandings
from simulation.deliveries import INBOX
from simulation.machine import SimExec, SimLog, SimSigns, SimStore, SimTimer, SimVault
from simulation.network import DirectNetwork
from simulation.office import CLIENT_ID, CLIENT_SECRET
from simulation.universe import SimClock, SimEntropy

if TYPE_CHECKING:
    from simulation.life import Life

AUTH_URL = "https://auth.simulation.example"
API_URL = "https://api.simulation.example"
SETTINGS = Settings(
    onvio=Onvio(client_id=CLIENT_ID, auth_url=AUTH_URL, api_url=API_URL),
    vault=VaultSettings(kind="file"),
    history=History(retention_days=1),  # a life is short
)


async def start_agent(life: Life, number: int) -> Agent:
    """The agent, assembled and not yet watching; `life.store` and `life.timer` are set on the way."""
    life.cloud.world.auth_url = AUTH_URL
    exec_ = SimExec(life)
    clock = SimClock(life.universe)
    entropy = SimEntropy(life.universe.named(f"entropy-{number}"))
    store = await open_store(life.folder / "agent.db", exec_, clock_wall=clock.wall)
    store.__class__ = SimStore
    store.life = life  # type: ignore[attr-defined]
    life.store = store
    vault = SimVault(
        store,
        exec_,
        kind="file",
        key_path=life.folder / "vault.key",
        random_bytes=entropy.random_bytes,
    )
    vault.life = life

    def timer_of(tasks: Any) -> Timer:
        life.timer = SimTimer(life, tasks)
        return life.timer

    machine = Machine(
        clock=clock,
        entropy=entropy,
        streams=Streams(life.universe.chance * 100_003 + number),
        exec_=exec_,
        store=store,
        vault=vault,
        network=network_of(life),
        folders=life.folders,
        timer_of=timer_of,
        signs=SimSigns(life),
        landings=SimLandings(),
        log=SimLog(life),  # type: ignore[arg-type]
    )
    process = Process(version="sim", pid=number, boot_id=str(number), started_at=clock.wall())
    return await assemble(settings_of(life), machine, process)


def settings_of(life: Life) -> Settings:
    """Where documents are delivered, the program's secret lies in a file of the life's folder."""
    if not life.plan.delivers:
        return SETTINGS
    secret_path = life.folder / "secret"
    secret_path.write_text(CLIENT_SECRET)
    (life.folder / INBOX).mkdir(exist_ok=True)
    sync = Sync(client_id=CLIENT_ID, client_secret_file=str(secret_path), scan_interval_s=60.0)
    return msgspec.structs.replace(SETTINGS, sync=sync)


def network_of(life: Life) -> Network:
    """The way to the cloud's model that the plan says."""
    if life.plan.way == "direct":
        return DirectNetwork(life)
    from simulation.asgi import HttpNetwork  # late: httpx costs more than most lives' start

    return HttpNetwork(life, api_url=API_URL, auth_url=AUTH_URL)
