"""Random sequences of what people, ONVIO and time do to an office: production actions on a real store.

What must hold after every step is judged by the store's own rows and by the cloud's journal, never by
what the agent believes. `SEQUENCES` says how many; `make torture` lives through more.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Awaitable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from onvio_agent.actions import browser, people, vault
from onvio_agent.actions.dialogue import Wish
from onvio_agent.actions.probe import probe
from onvio_agent.actions.reconnect import reconnect
from onvio_agent.contract.status import IconState, encode
from onvio_agent.errors import AgentError
from onvio_agent.office.model import text_key
from onvio_agent.office.rules import hold_of
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from onvio_agent.simulator.seed import Office
from simulation.life import memory_dir
from support.campaign import Tell
from support.desks import EMAILS, GER, Bench, bench
from support.landings import brought_back, fill_in, sign_in_page
from support.sim import ANA, BRUNO, CARLA, GERENTE, password_of

SEQUENCES = int(os.environ.get("SEQUENCES", "300"))
STEPS = 14

T = TypeVar("T")
people_here = st.sampled_from(sorted(EMAILS))
mailboxes = st.sampled_from([GERENTE, ANA, BRUNO, CARLA])
own_mostly = st.sampled_from([True, True, True, False])
changes = st.sampled_from(
    [
        AccountPatch(state="disabled"),
        AccountPatch(state="active"),
        AccountPatch(role="staff"),
        AccountPatch(role="administrator"),
        AccountPatch(role="unknown"),
        AccountPatch(second_factor="otp"),
        AccountPatch(second_factor=None),
        AccountPatch(name="Outro Nome"),
        AccountPatch(office="unknown"),
        AccountPatch(office=Office("99888777000166")),
        AccountPatch(office=None),
    ]
)
faults = st.sampled_from(["http_500", "http_503", "limited", "html", "content_type"])


class OfficeSequences(RuleBasedStateMachine):
    """An office whose Gerente is connected to begin with, or everybody is."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(
            dir=memory_dir()
        )  # a disk of its own: fsync is not the matter here
        self.runner = asyncio.Runner()
        self.opened: Any = None
        self.at: Bench
        self.seen = 0
        self.has_led: dict[str, None] = {}  # who was the Gerente: nobody vouches for his office
        self.proven: dict[str, float] = {}  # sub: the clock at which ONVIO last told who it is
        self.secrets: dict[str, None] = dict.fromkeys(
            password_of(email) for email in EMAILS.values()
        )

    def run(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return self.runner.run(wait())

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """Refusals and troubles are part of life."""

        async def trying() -> None:
            with contextlib.suppress(AgentError):
                await work
            await self.at.settle()

        self.run(trying())

    def open(self, after: Bench | None = None) -> None:
        self.opened = bench(Path(self.folder.name), after=after)
        self.at = self.run(self.opened.__aenter__())
        self.at.cloud.cloud.world.auth_url = "https://auth.thomsonreuters.com"

    @initialize(everybody=st.booleans())
    def begin(self, everybody: bool) -> None:
        self.open()
        self.attempt(self.at.connect("gerente", *(("ana", "bruno") if everybody else ())))

    @rule(login=people_here, other=mailboxes, own=own_mostly, vouched=st.booleans())
    def link(self, login: str, other: str, own: bool, vouched: bool) -> None:
        email = EMAILS[login] if own else other
        self.attempt(self.at.link(login, email, office_confirmed=vouched))

    @rule(login=people_here, other=mailboxes, own=own_mostly)
    def portal(self, login: str, other: str, own: bool) -> None:
        self.attempt(self.at.portal(login, EMAILS[login] if own else other))

    @rule(
        login=people_here, own=own_mostly, other=mailboxes, what=st.sampled_from(["link", "portal"])
    )
    def by_browser(self, login: str, own: bool, other: str, what: Any) -> None:
        email = EMAILS[login] if own else other
        self.attempt(self._browse(Wish(what=what, actor=GER, login=login), email))

    async def _browse(self, wish: Wish, email: str) -> None:
        opened = await browser.begin(self.at.desk, wish)
        assert opened.browser is not None
        cloud = self.at.cloud.cloud
        page = sign_in_page(cloud, opened.browser.url)
        if page.status == 200 and b"username" in page.body:
            back = fill_in(cloud, page, username=email, password=password_of(email))
            if back.status == 302:
                await self.at.landings.all[-1].come_back(brought_back(back))

    @rule(login=people_here, successor=st.none() | people_here)
    def inactivate(self, login: str, successor: str | None) -> None:
        desk = self.at.desk
        self.attempt(people.inactivate(desk, GER, login, confirmed=True, successor=successor))

    @rule(login=people_here)
    def activate(self, login: str) -> None:
        self.attempt(people.activate(self.at.desk, GER, login))

    @rule(login=people_here, vouched=st.booleans())
    def promote(self, login: str, vouched: bool) -> None:
        self.attempt(people.promote(self.at.desk, GER, login, administrator_confirmed=vouched))

    @rule(email=mailboxes, change=changes)
    def change_account(self, email: str, change: AccountPatch) -> None:
        self.at.cloud.cloud.patch_account(email, change)

    @rule(email=mailboxes)
    def revoke(self, email: str) -> None:
        self.at.cloud.cloud.revoke(email)

    @rule(kind=faults, server=st.sampled_from(["auth", "api", "all"]), times=st.integers(1, 3))
    def fault(self, kind: Any, server: Any, times: int) -> None:
        self.at.cloud.cloud.set_fault(Fault(kind, server, times))

    @rule(seconds=st.sampled_from([1.0, 60.0, 600.0, 4000.0]))
    def wait(self, seconds: float) -> None:
        async def passing() -> None:
            self.at.pass_time(seconds)
            await self.at.settle()

        self.run(passing())

    @rule()
    def click(self) -> None:
        self.attempt(reconnect(self.at.desk))

    @rule()
    def look(self) -> None:
        self.attempt(probe(self.at.desk))

    @rule()
    def new_key(self) -> None:
        self.attempt(vault.rotate_key(self.at.desk, GER))

    @rule()
    def restart(self) -> None:
        before = self.at
        self.check_secrets()
        self.run(self.opened.__aexit__(None, None, None))
        self.open(after=before)

    # -- what must hold

    @invariant()
    def one_active_user_for_each_mailbox_and_person(self) -> None:
        type(self).steps += 1
        linked = [
            u.link.account for u in self.run(self.at.desk.store.office()).users if u.is_active
        ]
        accounts = [account for account in linked if account is not None]
        for keys in (
            [text_key(account.email) for account in accounts],
            [(account.issuer, account.sub) for account in accounts],
        ):
            assert len(keys) == len(dict.fromkeys(keys)), keys

    @invariant()
    def nobody_is_green_against_the_gerente_or_without_a_fresh_word_of_onvio(self) -> None:
        self._read_journal()
        office = self.run(self.at.desk.store.office())
        self.has_led |= dict.fromkeys(user.login for user in office.users if user.is_manager)
        now, valid_s = self.at.clock.mono(), self.at.desk.settings.links.valid_s
        for shown in self.at.desk.hub.snapshot().users:
            if shown.icon.state is not IconState.GREEN:
                continue
            user = office.find(shown.login)
            assert user is not None
            assert user.link.account is not None
            assert user.link.confirmed
            assert user.is_manager or hold_of(office) is None, shown.login
            assert now - self.proven[user.link.account.sub] <= valid_s, shown.login

    @invariant()
    def every_office_is_known_or_somebody_vouched_when_it_was_linked(self) -> None:
        for user in self.run(self.at.desk.store.office()).users:
            account, vouched = user.link.account, user.link.office_vouched
            if account is not None and account.office_cnpj is None and not user.is_manager:
                assert vouched is not None or user.login in self.has_led, user.login

    @invariant()
    def every_token_is_of_a_living_generation(self) -> None:
        for user in self.run(self.at.desk.store.office()).users:
            for generation in range(user.link.generation + 2):
                kept = self.run(self.at.desk.store.tokens(user.id, generation))
                alive = generation == user.link.generation and user.link.account is not None
                assert kept is None or alive, (user.login, generation)

    def _read_journal(self) -> None:
        cloud = self.at.cloud.cloud
        for entry in cloud.journal(self.seen):
            self.seen = entry.n
            if entry.path == "/userinfo" and entry.status == 200 and entry.account:
                account = cloud.world.accounts.by_email(entry.account)
                assert account is not None
                self.proven[account.sub] = self.at.clock.mono()
        tokens = cloud.world.tokens.state
        self.secrets |= dict.fromkeys(tokens.access)
        self.secrets |= dict.fromkeys(family.current for family in tokens.families.values())

    def check_secrets(self) -> None:
        """Neither the log, nor what clients are shown, nor the data file has one in it."""
        shown = "".join(self.at.lines.lines).encode() + encode(self.at.desk.hub.snapshot())
        for path in Path(self.folder.name).glob("agent.db*"):
            shown += path.read_bytes()
        assert [secret for secret in self.secrets if secret.encode() in shown] == []

    def teardown(self) -> None:
        if self.opened is not None:
            self.check_secrets()
            self.run(self.opened.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()


def test_whatever_happens_in_an_office_the_rules_hold(tell: Tell) -> None:
    OfficeSequences.steps = 0
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
        OfficeSequences,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    tell("random sequences of an office", sequences=SEQUENCES, steps=OfficeSequences.steps)
