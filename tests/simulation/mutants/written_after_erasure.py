"""What waited to be written of a person is written although they were erased meanwhile."""

from __future__ import annotations

from onvio_agent.store import history
from simulation.mutants.switches import given

NAME = "written-after-erasure"
WHY = "What waited to be written of a person is written although they were erased meanwhile."
SEED, HOURS = 3, 24.0

apply = given(history, "_INSERT", history._INSERT.partition("WHERE")[0])
