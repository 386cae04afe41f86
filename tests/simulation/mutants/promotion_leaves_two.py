"""Handing over leaves the former Gerente his role; only the constraint is in the way."""

from __future__ import annotations

from onvio_agent.store import users
from simulation.mutants.switches import given

NAME = "promotion-leaves-two"
WHY = "Handing over leaves the former Gerente his role; only the constraint is in the way."
SEED, HOURS = 1, 24.0

apply = given(users, "_DEMOTE_ALL", "UPDATE users SET changed_at = ? WHERE role = 'manager'")
