"""Who uses the agent: the Gerente and the staff, with what they know and what they do.

They act through the production actions, as the control API does, and never look inside. Refusals
are part of life; any other exception is a violation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onvio_agent.actions import dialogue, personal_data
from onvio_agent.actions import people as people_actions
from onvio_agent.actions.desk import Actor
from onvio_agent.actions.dialogue import Dialogue, Wish
from onvio_agent.actions.intent import pause
from onvio_agent.actions.reconnect import reconnect
from onvio_agent.agent import Agent
from onvio_agent.contract.status import LinkState, Role, Situation
from onvio_agent.errors import AgentError, Failed, Refused
from onvio_agent.office import rules
from onvio_agent.office.model import User
from onvio_agent.simulator.accounts import AccountPatch
from simulation.invariants.clicks_count import LIFTED
from simulation.network import PLANTED

if TYPE_CHECKING:
    from simulation.life import Life

TYPING_S = 60.0
"""Until a code has been found and typed; more than an app shows the same."""
LUNCH_S = 900.0
"""Longer than ONVIO waits for a code."""
TRIES = 4
"""Of a password that was just reset: at once, and after one, two and four more minutes."""
GIVEN_KEPT_S = 3600.0
GERENTE = Actor(is_manager=True)
NOTICE_S = 25 * 60.0
"""How often somebody looks whether an icon asks for a person."""
BROKEN = ("internal.error", "store.corrupt", "store.unwritable", "store.newer", "vault.lost")
"""Answers for which nothing here gives a cause."""


@dataclass
class Given:
    """A password that somebody has typed: it may be sent `left` times more."""

    email: str
    at: float
    left: int
    suspended: float
    is_over: bool = False


class People:
    """`home[login]` is the person's own account, by sub; e-mails and passwords may change."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.rng = life.universe.named("people")
        self.logins = [f"u{number}" for number in range(life.plan.users)]
        subs = [account.sub for account in life.cloud.world.accounts.everyone()]
        self.home = dict(zip(self.logins, subs, strict=False))
        self.spare_sub = subs[-1]
        self.acted_at = float("-inf")  # when somebody last began to do something
        self.acts = 0
        self.codes_given = 0
        self.given: list[Given] = []
        self.typing = life.universe.named("people.codes")
        self.pause_until = 0.0  # true seconds: when the last pause that somebody wanted is over
        self.pause_boots = 0  # of the process that was asked for it
        self.clicks = self.pauses = 0  # begun; and begun or ended
        life.universe.at(NOTICE_S * self.rng.random(), "", self._look)

    async def set_up(self, agent: Agent) -> None:
        """The first start: the Gerente and the users; later starts find them."""
        if agent.desk.hub.office.users:
            return
        manager = User(id=0, login="u0", name="Gerente", role=Role.MANAGER)
        await agent.desk.store.add_user(manager, at=agent.desk.clock.wall())
        await agent.desk.reload_office()
        for login in self.logins[1:]:
            await people_actions.add_user(agent.desk, GERENTE, login, login.title())
        self.life.universe.at(self.life.universe.true + 5, "link all", self.link_all)

    def account_of(self, login: str) -> Any:
        """The person's account at the cloud, as it is now."""
        return self.life.cloud.world.accounts.by_sub(self.home[login])

    def act(self, name: str, action: Callable[[Agent], Awaitable[Any]]) -> None:
        """Somebody does something; refusals and troubles are shown to them and that is that."""
        life = self.life

        async def doing(agent: Agent) -> None:
            self.acted_at = life.universe.true
            self.acts += 1
            try:
                await action(agent)
            except AgentError as error:
                life.universe.note(f"told {name} {error.code}")
                if error.code in BROKEN:
                    life.violate("broken", f"{name}: {error.code}")
            except Exception as error:
                if PLANTED not in str(error):
                    life.violate("crash", f"{name}: {error!r}")

        if life.agent is not None:
            life.do(name, doing(life.agent))

    def link_all(self) -> None:
        """The office is set up in the morning, the Gerente first."""

        async def all_of_them(agent: Agent) -> None:
            for login in self.logins:
                await self._link(agent, login)

        self.act("link all", all_of_them)

    def link_one(self, login: str) -> None:
        """Link (again) with the person's own account, and confirm."""
        self.act(f"link {login}", lambda agent: self._link(agent, login))

    async def _link(self, agent: Agent, login: str) -> None:
        account = self.account_of(login)
        wish = Wish(what="link", actor=GERENTE, login=login, administrator_confirmed=True)
        try:
            await self._sign_in(agent, wish, account)
        except Refused as refused:
            await self._make_room(agent, refused)
            raise
        await self._confirm(agent, login, account)

    async def _confirm(self, agent: Agent, login: str, account: Any) -> None:
        await self._sign_in(agent, Wish(what="portal", actor=GERENTE, login=login), account)

    async def _sign_in(self, agent: Agent, wish: Wish, account: Any) -> None:
        """With e-mail and password; sitting out a reset, and with a code where ONVIO asks for one."""
        resetting = account.state in ("reset", "new") and self.typing.random() < 0.7
        given = self.give_password(account, just_reset=resetting)
        mistyped = not self.life.is_calm and self.typing.random() < 0.08
        password = account.password[::-1] if mistyped else account.password
        try:
            began = await dialogue.begin(
                agent.desk, wish, account.email, password, just_reset=resetting
            )
            if isinstance(began, Dialogue):
                await self._sit_out(agent, began)
        finally:
            self._forget(given)
        if isinstance(began, Dialogue) and began.asked is not None:
            await self._give_codes(agent, began, account)

    async def _give_codes(self, agent: Agent, began: Dialogue, account: Any) -> None:
        """Until one is taken, or all is given up."""
        while True:
            await asyncio.sleep(TYPING_S * self.typing.random())
            match self.typing.random():
                case draw if draw < 0.05:
                    dialogue.cancel(agent.desk, began.id)
                    return
                case draw if draw < 0.1:
                    await asyncio.sleep(LUNCH_S)
            try:
                self.codes_given += 1
                await dialogue.give_code(agent.desk, began.id, self._code(account))
            except AgentError as error:
                if error.code != "auth.wrong_code":
                    raise
            else:
                return

    async def _sit_out(self, agent: Agent, began: Dialogue) -> None:
        """Look at the countdown until it is over, a code is asked for, or patience ends."""
        patience_s = 900.0 * self.typing.random()
        since = self.life.universe.true
        while began.asked is None:
            await asyncio.sleep(5.0)
            if self.life.universe.true > since + patience_s:
                dialogue.cancel(agent.desk, began.id)
                return
            try:
                if not isinstance(dialogue.look(agent.desk, began.id), Dialogue):
                    return
            except Failed as error:
                if error.code == "internal.error":
                    return  # the log has told of the crash, and whether it was planted
                raise

    def give_password(self, account: Any, *, just_reset: bool) -> Given:
        """Note that somebody has just typed it."""
        given = Given(
            account.email,
            self.life.universe.true,
            TRIES if just_reset else 1,
            self.life.universe.suspended,
        )
        self.given = [each for each in self.given if each.at > given.at - GIVEN_KEPT_S]
        self.given.append(given)
        return given

    def _forget(self, given: Given) -> None:
        """It is sent no more. Who else has typed the same may have been counted for it, or it for them."""
        left, given.left, given.is_over = given.left, 0, True
        for other in self.given:
            if other.email == given.email and not other.is_over:
                other.left += left
                return

    def _code(self, account: Any) -> str:
        """What is in the app, the message or the drawer; now and then mistyped."""
        codes = self.life.cloud.codes(account.email)
        draw = self.typing.random()
        if draw < 0.1:
            return "000000"
        if draw < 0.2:
            return str(codes["recovery_code"])
        return str(codes["oob"] or codes["otp"])

    async def _make_room(self, agent: Agent, refused: Refused) -> None:
        """What the refusal advises: unlink whoever holds the e-mail; they are linked anew later."""
        holder = agent.desk.hub.office.find(str(refused.fields.get("login", "")))
        if refused.code == "link.email_taken" and holder is not None and not holder.is_manager:
            await people_actions.inactivate(agent.desk, GERENTE, holder.login, confirmed=True)

    def link_anew(self, login: str) -> None:
        """Inactivated by mistake, and set up again at once."""

        async def anew(agent: Agent) -> None:
            await people_actions.inactivate(agent.desk, GERENTE, login, confirmed=True)
            await people_actions.activate(agent.desk, GERENTE, login)
            await self._link(agent, login)

        self.act(f"anew {login}", anew)

    def link_with_spare(self, login: str) -> None:
        """Somebody takes an account that nobody uses, and confirms the portal with their own."""

        async def mix_up(agent: Agent) -> None:
            spare = self.life.cloud.world.accounts.by_sub(self.spare_sub)
            own = self.account_of(login)
            await self._sign_in(agent, Wish(what="link", actor=GERENTE, login=login), spare)
            await self._confirm(agent, login, own)

        self.act(f"link {login} with spare", mix_up)

    def click(self, login: str | None = None) -> None:
        """One click on the icon."""

        async def clicks(agent: Agent) -> None:
            ledger, pauses, began_at = self.life.ledger, self.pauses, self.life.universe.true
            self.clicks += 1
            number = self.clicks
            if self.life.agent is agent:
                ledger.tell("on_click", number, login)
            await reconnect(agent.desk, login)
            if self.life.agent is agent:  # else it is on its way out
                ledger.tell("on_clicked", number, began_at, self.pauses != pauses)

        self.act("click", clicks)

    def pause(self, seconds: float) -> None:
        """Pause for a while."""
        self.pause_until = max(self.pause_until, self.life.universe.true + seconds)
        self.pause_boots = self.life.boots

        async def pauses(agent: Agent) -> None:
            self.pauses += 1
            try:
                await pause(agent.desk, seconds)
            finally:
                self.pauses += 1

        self.act("pause", pauses)

    def inactivate(self, login: str, successor: str | None = None) -> None:
        """*Inativo*."""
        self.act(
            f"inactivate {login}",
            lambda agent: people_actions.inactivate(
                agent.desk, GERENTE, login, confirmed=True, successor=successor
            ),
        )

    def say_goodbye(self, login: str) -> None:
        """*Inativo*, and all that is kept of the person is erased."""

        async def goes(agent: Agent) -> None:
            await people_actions.inactivate(agent.desk, GERENTE, login, confirmed=True)
            await personal_data.erase(agent.desk, GERENTE, login)

        self.act(f"goodbye {login}", goes)

    def _hire(self, login: str) -> None:
        """Whoever was erased is added anew, as somebody whom nobody knows."""
        self.act(
            f"hire {login}",
            lambda agent: people_actions.add_user(agent.desk, GERENTE, login, login.title()),
        )

    def activate(self, login: str) -> None:
        """*Ativo*."""
        self.act(
            f"activate {login}", lambda agent: people_actions.activate(agent.desk, GERENTE, login)
        )

    def promote(self, login: str) -> None:
        """Hand the role over."""
        self.act(
            f"promote {login}",
            lambda agent: people_actions.promote(
                agent.desk, GERENTE, login, administrator_confirmed=True
            ),
        )

    def make_administrator(self, login: str) -> None:
        """The office's owner gives the account the role at ONVIO first."""
        account = self.account_of(login)
        self.life.cloud.patch_account(account.email, AccountPatch(role="administrator"))

    def link_with_account_of(self, login: str, other: str) -> None:
        """Somebody takes a colleague's account: refused where that is linked, else it is S11."""
        account = self.account_of(other)
        wish = Wish(what="link", actor=GERENTE, login=login)
        self.act(f"link {login} as {other}", lambda agent: self._sign_in(agent, wish, account))

    def make_whole(self) -> None:
        """At the end: every account is good again, and people mend what asks for them."""
        for login in self.logins:
            account = self.account_of(login)
            role = "administrator" if self._is_manager(login) else account.role
            self.life.cloud.patch_account(
                account.email, AccountPatch(state="active", role=role, second_factor=None)
            )

    def _is_manager(self, login: str) -> bool:
        agent = self.life.agent
        manager = agent.desk.hub.office.manager if agent is not None else None
        return manager.login == login if manager is not None else login == "u0"

    def _look(self) -> None:
        """Somebody looks at the icons and does what they ask for, the Gerente's own first."""
        life = self.life
        life.universe.at(life.universe.true + NOTICE_S * (0.5 + self.rng.random()), "", self._look)
        if life.is_calm:
            self.make_whole()
        agent = life.agent
        if agent is None or not agent.desk.hub.is_connected():
            return
        office = agent.desk.hub.office
        for login in self.logins:
            if office.find(login) is None and (life.is_calm or self.rng.random() < 0.3):
                self._hire(login)
        for user in sorted(office.users, key=lambda user: not user.is_manager):
            state = rules.standing(user)
            if user.situation is Situation.INACTIVE:
                if life.is_calm or self.rng.random() < 0.3:
                    self.activate(user.login)
            elif state is not LinkState.VALID:
                if user.link.ended in LIFTED and self.rng.random() < 0.5:
                    self.click(user.login)
                else:
                    self.link_one(user.login)
                if user.is_manager:
                    return
