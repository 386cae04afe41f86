"""A click does not ask again after an end that ONVIO can take back."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import given

NAME = "click-lifts-no-end"
WHY = "A click does not ask again after an end that ONVIO can take back."
SEED, HOURS = 8, 24.0

apply = given(check_link, "_MAY_BE_LIFTED", ())
