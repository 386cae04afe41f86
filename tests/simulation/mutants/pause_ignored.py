"""Links go on being checked during a pause."""

from __future__ import annotations

from onvio_agent.watch.links import LinksWatch
from simulation.mutants.switches import rewritten

NAME = "pause-ignored"
WHY = "Links go on being checked during a pause."
SEED, HOURS = 1, 24.0

apply = rewritten(
    LinksWatch._follow,
    "running and world.connection.state is ConnectionState.ONLINE",
    "not running or world.connection.state is ConnectionState.ONLINE",
)
