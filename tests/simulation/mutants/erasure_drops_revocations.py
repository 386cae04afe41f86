"""With a person who is erased go the tokens of which ONVIO has yet to be told."""

from __future__ import annotations

from onvio_agent.store import person
from simulation.mutants.switches import given

NAME = "erasure-drops-revocations"
WHY = "With a person who is erased go the tokens of which ONVIO has yet to be told."
SEED, HOURS = 3, 24.0

apply = given(person, "_ERASE", (*person._ERASE, "DELETE FROM revocations WHERE user_id = :id"))
