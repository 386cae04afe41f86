"""Handing over leaves the former Gerente his role; only the constraint is in the way."""

from __future__ import annotations

from onvio_agent.store import users
from simulation.mutants.switches import given

NAME = "promotion-leaves-two"
WHY = "Handing over leaves the former Gerente his role; only the constraint is in the way."
FOUND_BY, SEED, HOURS = "", 0, 0.0

apply = given(users, "_DEMOTE_ALL", "UPDATE users SET changed_at = ? WHERE role = 'manager'")
