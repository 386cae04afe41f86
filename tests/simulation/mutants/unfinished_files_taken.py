"""A file is taken while somebody still writes it."""

from __future__ import annotations

from onvio_agent.sync import inbox
from simulation.mutants.switches import given, together

NAME = "unfinished-files-taken"
WHY = "A file is taken while somebody still writes it."
SEED, HOURS = 40, 24.0

apply = together(
    given(inbox, "RIPE_S", float("-inf")),
    given(inbox, "is_ripe", lambda _intake: True),
)
