"""When the agent is killed: rarely, and mostly where it hurts.

A kill point lies before and after each thing that the world sees: a commit, an answer. Points at
which a single-use token is on its way or has just been stored are many times as likely as others.
"""

from __future__ import annotations

import random

from simulation.plan import Plan

CHANCES = {
    "token.before": 0.005,  # asking for tokens: the request has not arrived
    "token.after": 0.005,  # ONVIO has given them, and nobody has heard
    "commit.after": 0.01,  # they are stored, and nobody knows
    "work.before": 0.0001,
    "work.after": 0.0001,
    "answer.before": 0.00005,
    "answer.after": 0.00005,
}
"""Of one point. A life's own factor, from a quarter to four times, makes calm and rough lives."""


class Kills:
    """`asked`: why the process is to be killed before its next step, or None. `struck`: the numbers
    of those that happened, `done`: how many with those that faults asked for."""

    def __init__(self, plan: Plan, rng: random.Random) -> None:
        self._only = plan.only_kills
        self._draw = rng.random
        factor = 2.0 ** rng.uniform(-2.0, 2.0)
        self._chances = {point: chance * factor for point, chance in CHANCES.items()}
        self.met = self.done = 0
        self.struck: list[int] = []
        self.asked: str | None = None

    def strikes(self, point: str) -> bool:
        """Whether it happens at this point; each that would has a number, and may be left out."""
        if self._draw() >= self._chances[point]:
            return False
        self.met += 1
        if self._only is not None and self.met not in self._only:
            return False
        self.struck.append(self.met)
        self.asked = f"{point} #{self.met}"
        return True

    def pause_s(self) -> float:
        """How long the process is away: mostly seconds, now and then a minute."""
        return 2 + 58 * self._draw() ** 4
