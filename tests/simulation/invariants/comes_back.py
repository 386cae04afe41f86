"""Nobody stays grey for nothing: when all has been well for a while, the icon is green."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState, IntentState, Situation
from simulation.invariants import Invariant, icons_of
from simulation.invariants.is_silent import is_manager, manager_stands

if TYPE_CHECKING:
    from onvio_agent.office.model import Office, User
    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from simulation.life import Life

WITHIN_S = 180.0
"""A probe after at most 30 s, a check that is spread over 30 s and waits 30 s, twice."""


class ComesBack(Invariant):
    """Well: network, cloud, disk, keyring and intent; the account is good and its session lives;
    the link was not ended; ONVIO has asked for no silence."""

    def __init__(self) -> None:
        self._grey_since: dict[int, float] = {}
        self._named: dict[str, tuple[float, float]] = {}
        self._unanswered: dict[int, None] = {}

    def on_boot(self, life: Life) -> None:
        self._grey_since.clear()
        self._unanswered.clear()
        now = life.universe.true
        for target, (until, whole_s) in self._named.items():
            if until > now - 1.0:  # its end is known by the wall clock only, which may be wrong
                self._named[target] = (now + whole_s, whole_s)

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        if answer.status < 500 and "json" in answer.headers.get("content-type", "json"):
            self._unanswered.pop(id(request), None)
        wait = answer.headers.get("retry-after", "")
        if answer.status in (429, 503) and wait.isdigit():
            self._named[request.target] = (life.universe.true + int(wait), float(wait))

    def on_sent(self, life: Life, request: Request) -> None:
        self._unanswered[id(request)] = None

    def on_over(self, life: Life, request: Request) -> None:
        if self._unanswered.pop(id(request), 0) is None:  # it has failed: all was not well
            self._grey_since.clear()

    def on_sample(self, life: Life, seconds: float) -> None:
        hub, awake = life.agent.desk.hub, life.universe.loop_time()
        well, office, icons = self._is_well(life), hub.office, icons_of(life)
        for user in office.users:
            icon = icons[user.id]
            green = icon.state is IconState.GREEN
            if green or not well or not _may_be_green(life, office, user):
                self._grey_since.pop(user.id, None)
            elif awake > self._grey_since.setdefault(user.id, awake) + WITHIN_S:
                life.violate("stays-grey", f"{user.login} {icon.reason}")

    def _is_well(self, life: Life) -> bool:
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


def _may_be_green(life: Life, office: Office, user: User) -> bool:
    link, account = user.link, user.link.account
    if user.situation is Situation.INACTIVE or account is None:
        return False
    if not link.confirmed or link.ended is not None or not manager_stands(office):
        return False
    truth = life.cloud.world.accounts.by_sub(account.sub)
    if truth.state != "active" or (is_manager(user) and truth.role != "administrator"):
        return False
    owner = life.cloud.world.tokens.owner(life.ledger.current.get(user.id, ""))
    return owner == account.sub
