"""What can go wrong, one file each. Add a file with `plan(life)`, and one line to `ALL`.

`plan` draws from a stream of its own and says when what happens, by `life.happen`; each such event
has a number by which it can be left out when a failing life is shrunk.
"""

from __future__ import annotations

from simulation.faults import (
    accounts,
    ambushes,
    browsers,
    bugs,
    changed_minds,
    cloud,
    documents,
    farewells,
    handovers,
    leavers,
    machine,
    network,
    nights,
    resets,
    second_factors,
    sessions,
    staff,
    two_waits,
    walls,
)

ALL = (
    network,
    cloud,
    accounts,
    resets,
    walls,
    machine,
    nights,
    staff,
    ambushes,
    bugs,
    second_factors,
    documents,
    leavers,
    handovers,
    two_waits,
    changed_minds,
    browsers,
    sessions,
    farewells,
)
