"""When things happen."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator


def poisson(rng: random.Random, mean_s: float, end_s: float) -> Iterator[float]:
    """Instants, on average each `mean_s` seconds, up to `end_s`."""
    when = rng.expovariate(1.0 / mean_s)
    while when < end_s:
        yield when
        when += rng.expovariate(1.0 / mean_s)


def span_s(rng: random.Random, low: float, high: float) -> float:
    """A duration between, each order of magnitude as likely as another."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))
