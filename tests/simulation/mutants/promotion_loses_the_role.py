"""Handing over takes the role from one and gives it to nobody."""

from __future__ import annotations

from onvio_agent.store import users
from simulation.mutants.switches import given

NAME = "promotion-loses-the-role"
WHY = "Handing over takes the role from one and gives it to nobody."
SEED, HOURS = 1, 24.0

apply = given(users, "_PROMOTE", "UPDATE users SET role = 'manager', changed_at = ? WHERE id = -?")
