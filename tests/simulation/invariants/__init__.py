"""What must hold after every step, one file each. Add a file, and one line to `ALL`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onvio_agent.world import Publication
    from simulation.life import Life


class Invariant:
    """Override what is needed. `on_sample` is called each `seconds` of true time."""

    def on_publication(self, life: Life, publication: Publication) -> None:
        """The hub has published."""

    def on_sample(self, life: Life, seconds: float) -> None:
        """Time has passed."""

    def at_end(self, life: Life) -> None:
        """The life is over, after hours of calm."""


from simulation.invariants.converges import Converges  # noqa: E402
from simulation.invariants.green_is_proven import GreenIsProven  # noqa: E402
from simulation.invariants.manager_rule import ManagerRule  # noqa: E402
from simulation.invariants.revoked_in_the_end import RevokedInTheEnd  # noqa: E402
from simulation.invariants.stays_bounded import StaysBounded  # noqa: E402
from simulation.invariants.tells_the_truth import TellsTheTruth  # noqa: E402
from simulation.invariants.unique import Unique  # noqa: E402

ALL: tuple[type[Invariant], ...] = (
    GreenIsProven,
    TellsTheTruth,
    ManagerRule,
    Unique,
    RevokedInTheEnd,
    Converges,
    StaysBounded,
)
