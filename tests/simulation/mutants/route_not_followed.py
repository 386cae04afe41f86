"""Signs of the network are not followed: a lost route shows at the next check."""

from __future__ import annotations

from onvio_agent.watch.network import NetworkWatch
from simulation.mutants.switches import given

NAME = "route-not-followed"
WHY = "Signs of the network are not followed: a lost route shows at the next check."
SEED, HOURS = 2, 24.0

apply = given(NetworkWatch, "_on_sign", lambda _self: None)
