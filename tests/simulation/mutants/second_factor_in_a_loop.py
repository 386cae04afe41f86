"""A renewal for which ONVIO wants the person is tried again like any trouble."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import given

NAME = "second-factor-in-a-loop"
WHY = "A renewal for which ONVIO wants the person is tried again like any trouble."
SEED, HOURS = 2, 24.0

apply = given(check_link, "_PATIENCE_S", {**check_link._PATIENCE_S, "link.second_factor": 60.0})
