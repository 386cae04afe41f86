"""What the simulated ONVIO knows: office, accounts, tokens, limits, clock, deliveries.

Why: the token server and the interface look at one and the same truth.
It must not answer requests.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec

from onvio_agent.simulator.accounts import Account, Accounts
from onvio_agent.simulator.integration import Integration, IntegrationState
from onvio_agent.simulator.limits import Limits
from onvio_agent.simulator.second_factors import SecondFactors, Waiting
from onvio_agent.simulator.seed import Client, Office, Seed
from onvio_agent.simulator.tokens import Tokens, TokenState


class BrowserCode(msgspec.Struct):
    """An authorization code that a browser carries, by what it was asked for with."""

    sub: str
    scope: str
    nonce: str
    challenge: str
    redirect_uri: str
    expires_at: float
    second_factor: bool


class WorldState(msgspec.Struct):
    """All that survives a restart of the simulator. Faults, windows and journal do not."""

    seed: Seed
    accounts: list[Account]
    tokens: TokenState
    limits: Limits
    advanced_s: float = 0.0
    waiting: dict[str, Waiting] = msgspec.field(default_factory=dict)
    browser_codes: dict[str, BrowserCode] = msgspec.field(default_factory=dict)
    integration: IntegrationState = msgspec.field(default_factory=IntegrationState)


def begin(seed: Seed, now: float) -> WorldState:
    """The state that a seed describes, at `now` (epoch s)."""
    accounts = Accounts.from_seed(seed.accounts, now).everyone()
    return WorldState(seed, accounts, TokenState(), Limits(expires_in_s=seed.expires_in_s))


class World:
    """The living state. `changes` grows with each change that has to survive a restart."""

    def __init__(self, state: WorldState, rng: random.Random, now: Callable[[], float]) -> None:
        self.rng = rng
        self.accounts = Accounts(state.accounts)
        self.tokens = Tokens(state.tokens, rng)
        self.second_factors = SecondFactors(state.waiting, rng)
        self.browser_codes = state.browser_codes
        self.integration = Integration(state.integration)
        self.limits = state.limits
        self.seed = state.seed
        self.advanced_s = state.advanced_s
        self.changes = 0
        # Where the token server is reached, for its discovery document; the door sets it.
        self.auth_url = "https://auth.simulator.invalid"
        self._now = now

    @property
    def office(self) -> Office:
        """The office of the seed."""
        return self.seed.office

    @property
    def clients(self) -> tuple[Client, ...]:
        """The companies of the office."""
        return self.seed.clients

    def now(self) -> float:
        """The simulator's clock, epoch s; it may have been moved on."""
        return self._now() + self.advanced_s

    def changed(self) -> None:
        """Note that something changed which has to survive a restart."""
        self.changes += 1

    def state(self) -> WorldState:
        """The part that survives a restart. Shares its contents: encode it at once."""
        return WorldState(
            self.seed,
            self.accounts.everyone(),
            self.tokens.state,
            self.limits,
            self.advanced_s,
            self.second_factors.waiting,
            self.browser_codes,
            self.integration.state,
        )
