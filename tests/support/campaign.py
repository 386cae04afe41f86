"""What the long tests on real processes share: an office that runs, and figures that are told.

Why: a campaign is worth its count; with several workers, what a test prints is seen by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.office import Profile
from support.sim import Simulator

Tell = Callable[..., None]
"""`tell(campaign, **figures)`: whole numbers are summed over all tests, others give the largest."""


@contextmanager
def running_office(
    folder: Path, *logins: str, **settings: object
) -> Iterator[tuple[Simulator, Profile]]:
    """A simulator and an agent, the Gerente and `logins` connected; both are ended afterwards."""
    simulator = Simulator(folder / "simulator")
    try:
        profile = Profile(folder / "home", simulator, **settings)
        try:
            profile.seat(*logins)
            yield simulator, profile
        finally:
            profile.kill()
    finally:
        simulator.kill()  # also where a test has stopped it with SIGSTOP


def summed(told: Iterable[tuple[str, dict[str, float]]]) -> list[str]:
    """One line for each campaign, in the order in which they were first told."""
    totals: dict[str, dict[str, float]] = {}
    for campaign, figures in told:
        total = totals.setdefault(campaign, {})
        for name, figure in figures.items():
            join = max if isinstance(figure, float) else lambda a, b: a + b
            total[name] = join(total[name], figure) if name in total else figure
    return [
        f"{campaign}: " + ", ".join(f"{_text(figure)} {name}" for name, figure in total.items())
        for campaign, total in totals.items()
    ]


def _text(figure: float) -> str:
    return f"{figure:.1f}" if isinstance(figure, float) else str(figure)
