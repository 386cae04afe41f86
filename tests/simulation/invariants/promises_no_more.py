"""No verdict, and nothing that a face is told, holds for longer than the answer it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onvio_agent.contract.status import IconState
from onvio_agent.verdict.facts import Limits
from simulation.invariants import Invariant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onvio_agent.office.model import User
    from onvio_agent.world import Publication, World
    from simulation.life import Life

LIMITS = Limits()  # as the settings have them unless somebody changes them
ROUNDED_S = 0.002
"""Remaining times are told in whole milliseconds, rounded up."""


class PromisesNoMore(Invariant):
    """Validity counts from the sending of what ONVIO answered (the ledger knows it), and ages on
    the clock that cannot be set; an answer that was asked for earlier never counts as the newer."""

    sampled_each = 10

    def __init__(self) -> None:
        self._heard: dict[object, float] = {}

    def on_boot(self, life: Life) -> None:
        self._heard.clear()

    def on_publication(self, life: Life, publication: Publication) -> None:
        self._check(life, publication.world, publication.users)

    on_renewal = on_publication

    def on_sample(self, life: Life, seconds: float) -> None:
        hub = life.agent.desk.hub
        self._check(life, hub.world, hub.office.users)
        self._look(life)

    def _check(self, life: Life, world: World, users: Iterable[User]) -> None:
        limits, ledger = LIMITS, life.ledger
        connection = world.connection
        self._in_order(life, "connection", connection.heard_at)
        end = connection.valid_until
        if end is not None and end > ledger.probed_at + limits.connection_valid_s + ROUNDED_S:
            life.violate("promises-more", f"the connection, by {end - ledger.probed_at:.1f} s")
        for user in users:
            link, account = world.links[user.id], user.link.account
            self._in_order(life, (user.id, user.link.generation), link.heard_at)
            if account is None or link.valid_until is None:
                continue
            proven_at = ledger.proven_at.get(account.sub, float("-inf"))
            if link.valid_until > proven_at + limits.link_valid_s + ROUNDED_S:
                life.violate("promises-more", f"{user.login} {link.valid_until - proven_at:.1f} s")

    def _in_order(self, life: Life, key: object, heard_at: float) -> None:
        if heard_at < self._heard.get(key, heard_at):
            life.violate("heard-backwards", str(key))
        self._heard[key] = heard_at

    def _look(self, life: Life) -> None:
        """What a face would show now, and for how long it may go on without news."""
        hub = life.agent.desk.hub
        hub._tick = lambda now: None  # a look must not bring about what nobody has announced
        seen = hub.snapshot()
        del hub._tick
        for user, shown in zip(hub.office.users, seen.users, strict=True):
            account, ttl_s = user.link.account, shown.link.ttl_s
            if shown.icon.state is not IconState.GREEN or account is None:
                continue
            proven_at = life.ledger.proven_at.get(account.sub, float("-inf"))
            left_s = proven_at + life.settings.links.valid_s - life.universe.true
            if ttl_s is None or ttl_s > left_s + ROUNDED_S:
                life.violate("promises-more", f"{user.login}'s face {ttl_s} s instead of {left_s}")
