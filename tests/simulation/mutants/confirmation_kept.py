"""The portal stays confirmed when the user is linked to another person."""

from __future__ import annotations

from onvio_agent.store import people
from simulation.mutants.switches import rewritten

NAME = "confirmation-kept"
WHY = "The portal stays confirmed when the user is linked to another person."
SEED, HOURS = 9, 24.0

apply = rewritten(
    people._same_person,
    "former is not None and (former.issuer, former.sub) == ",
    "former is not None or ",
)
