"""A file that was replaced meanwhile is put away unread."""

from __future__ import annotations

from onvio_agent.sync.placing import Placing
from simulation.mutants.switches import given

NAME = "replaced-files-moved"
WHY = "A file that was replaced meanwhile is put away unread."
SEED, HOURS = 50, 24.0

apply = given(Placing, "_is_it", lambda *_arguments: True)
