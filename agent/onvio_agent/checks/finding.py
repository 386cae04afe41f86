"""How a check ends other than well. A check returns its detail, or raises one of these."""

from __future__ import annotations

from onvio_agent.contract import reasons
from onvio_agent.onvio.errors import clean


class Broken(Exception):
    """The rung broke: a reason of the catalogue, and what was seen (cleaned and cut)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reasons.get(reason).code
        self.detail = clean(detail)
        super().__init__(f"{self.reason}: {self.detail}")


class Untried(Exception):
    """Nothing could be learnt here, which is no fault of this rung; `detail` says why."""

    def __init__(self, detail: str) -> None:
        self.detail = clean(detail)
        super().__init__(self.detail)
