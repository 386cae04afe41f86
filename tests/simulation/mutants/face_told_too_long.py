"""Faces are told a remaining time that counts anew with each look."""

from __future__ import annotations

from onvio_agent import view
from simulation.mutants.switches import rewritten

NAME = "face-told-too-long"
WHY = "Faces are told a remaining time that counts anew with each look."
FOUND_BY, SEED, HOURS = "", 0, 0.0

apply = rewritten(view._ttl_s, "valid_until - now.mono", "900.0")
