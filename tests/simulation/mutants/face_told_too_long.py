"""Faces are told a remaining time that counts anew with each look."""

from __future__ import annotations

from onvio_agent import view
from simulation.mutants.switches import rewritten

NAME = "face-told-too-long"
WHY = "Faces are told a remaining time that counts anew with each look."
SEED, HOURS = 1, 24.0

apply = rewritten(view._ttl_s, "valid_until - now.mono", "900.0")
