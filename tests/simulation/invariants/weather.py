"""Whether all is well around the agent: what several promises depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IntentState
from simulation.invariants import Invariant
from simulation.invariants.is_silent import is_manager, manager_stands

if TYPE_CHECKING:
    from onvio_agent.office.model import Office, User
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from simulation.life import Life


class Weather(Invariant):
    """Well: network, cloud, disk, keyring and intent; ONVIO has asked for no silence. It promises
    nothing itself; others ask for it by `life.weather`. `troubled_at`: when a request last failed, in true seconds."""

    def __init__(self) -> None:
        self.troubled_at = float("-inf")
        self._named: dict[str, tuple[float, float]] = {}
        self._answered: Request | None = None  # well, a moment ago

    def on_boot(self, life: Life) -> None:
        now = life.universe.true
        for target, (until, whole_s) in self._named.items():
            if until > now - 1.0:  # its end is known by the wall clock only, which may be wrong
                self._named[target] = (now + whole_s, whole_s)

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        if answer.status < 500 and "json" in answer.headers.get("content-type", "json"):
            self._answered = request
        if answer.status in (429, 503):
            wait = answer.headers.get("retry-after", "")
            if wait.isdigit():
                named = (life.universe.true + int(wait), float(wait))
                self._named[request.target] = max(self._named.get(request.target, named), named)

    def on_over(self, life: Life, request: Request) -> None:
        if self._answered is not request:  # it has failed: all was not well
            self.troubled_at = life.universe.true

    def is_well(self, life: Life) -> bool:
        """At this instant."""
        now = life.universe.true
        return (
            life.wire.is_calm
            and not life.cloud.faults.active()
            and not life.disk.is_full
            and not life.disk.slow_s
            and not life.vault_locked
            and all(until < now for until, _whole in self._named.values())
            and life.agent.desk.hub.intent.state is IntentState.RUN
        )


def account_is_good(life: Life, office: Office, user: User) -> bool:
    """Whether ONVIO would say so of that user's account, and knows the session; and whom S2 holds."""
    account = user.link.account
    if account is None or not (manager_stands(office) or is_manager(user)):
        return False
    truth = life.cloud.world.accounts.by_sub(account.sub)
    if truth.state != "active" or (is_manager(user) and truth.role != "administrator"):
        return False
    return life.cloud.world.tokens.owner(life.ledger.current.get(user.id, "")) == account.sub
