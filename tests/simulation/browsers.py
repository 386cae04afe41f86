"""Sign-ins in a browser: people who go to ONVIO's page and come back, and strangers who come instead.

The page is the cloud model's own; the landing is reached without a socket.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from onvio_agent.actions import browser, dialogue
from onvio_agent.actions.dialogue import Dialogue, Wish
from onvio_agent.actions.landing import Landed, OnReturn
from onvio_agent.agent import Agent
from onvio_agent.supervise import Tasks
from simulation.people import GERENTE
from support.landings import brought_back, fill_in, sign_in_page

if TYPE_CHECKING:
    from simulation.life import Life

TYPING_S = 90.0
STRANGER = "a stranger's browser has ended a sign-in"


class SimLanding:
    """One landing; a browser that comes after its end finds nobody."""

    redirect_uri = "http://127.0.0.1:40000/callback"

    def __init__(self, on_return: OnReturn) -> None:
        self._on_return: OnReturn | None = on_return

    def close(self) -> None:
        """Nobody is there any more."""
        self._on_return = None

    async def come_back(self, query: str) -> Landed | None:
        """What the page shows; None where nobody listens."""
        return await self._on_return(query) if self._on_return is not None else None


class SimLandings:
    """`Landings` without sockets."""

    async def open(self, tasks: Tasks, on_return: OnReturn) -> SimLanding:
        """One more."""
        return SimLanding(on_return)


class Browsers:
    """Whoever signs in by browser. `brought`: the codes that their own browsers have come back with."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self.brought: list[str] = []

    def sign_in(self, login: str, what: str, mood: str, typing: float) -> None:
        """`mood`: calm, hasty (the page is loaded twice), beset (a stranger comes first), tired."""
        self._life.people.act(
            f"browser {mood} {what} {login}",
            lambda agent: self._sign_in(agent, login, what, mood, typing),
        )

    async def _sign_in(self, agent: Agent, login: str, what: str, mood: str, typing: float) -> None:
        wish = Wish(
            what="portal" if what == "portal" else "link",
            actor=GERENTE,
            login=login,
            administrator_confirmed=True,
        )
        opened = await browser.begin(agent.desk, wish)
        await asyncio.sleep(typing * TYPING_S)
        account = self._life.people.account_of(login)
        if opened.browser is None or account.second_factor is not None:
            dialogue.cancel(agent.desk, opened.id)
            return
        url, landing = opened.browser.url, opened.browser.landing
        assert isinstance(landing, SimLanding)
        if mood == "beset":
            await self._beset(opened, landing, url)
        page = sign_in_page(self._life.cloud, url)
        typed = {"username": account.email, "password": account.password}
        answer = fill_in(self._life.cloud, page, **typed, answer="no" if mood == "tired" else "yes")
        if answer.status != 302:  # disabled, or just reset: whoever sits there gives up
            dialogue.cancel(agent.desk, opened.id)
            return
        query = brought_back(answer)
        self.brought += parse_qs(query).get("code", [])
        if mood == "hasty":
            self._life.do("browser again", landing.come_back(query))
        await landing.come_back(query)

    async def _beset(self, opened: Dialogue, landing: SimLanding, url: str) -> None:
        """Another program sends the landing a code of its own, and does not know the state."""
        if opened.outcome is not None:
            return
        asked = parse_qs(urlsplit(url).query) | {"state": ["guessed"]}
        forged = f"{url.partition('?')[0]}?{urlencode(asked, doseq=True)}"
        spare = self._life.cloud.world.accounts.by_sub(self._life.people.spare_sub)
        if spare is None:
            return
        page = sign_in_page(self._life.cloud, forged)
        answer = fill_in(self._life.cloud, page, username=spare.email, password=spare.password)
        if answer.status == 302:
            await landing.come_back(brought_back(answer))
            if opened.outcome is not None:
                self._life.violate("stranger", STRANGER)
