"""What every action works with: the parts that `app.py` built, and the locks between actions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from onvio_agent.actions.landing import Landings, NoLandings
from onvio_agent.actions.sessions import Sessions
from onvio_agent.chance import Entropy
from onvio_agent.clock import Clock
from onvio_agent.contract.vault import VaultStatus
from onvio_agent.errors import Refused
from onvio_agent.hub import Hub
from onvio_agent.i18n import clock_time
from onvio_agent.log import Log
from onvio_agent.office.model import Office, User, text_key
from onvio_agent.onvio.errors import Target
from onvio_agent.onvio.oauth import OAuth
from onvio_agent.onvio.token_set import TokenSet
from onvio_agent.onvio.user_api import UserApi
from onvio_agent.store.base import Exec, Store
from onvio_agent.supervise import Tasks
from onvio_agent.sync.service import Sync
from onvio_agent.verdict.facts import Limits
from onvio_config.model import Settings

if TYPE_CHECKING:
    from onvio_agent.actions.dialogue import Dialogue

AT_ONCE = 6
"""Links checked at the same time: two of the transport's eight places stay free for a probe and for
the click of one person."""


class Vault(Protocol):
    """Seals what must not lie open in the store."""

    async def seal(self, plaintext: bytes, *, row: str, may_renew: bool = False) -> bytes: ...
    async def open(self, sealed: bytes, *, row: str) -> bytes: ...
    def hold(self) -> AbstractAsyncContextManager[None]: ...
    async def rotate(self) -> VaultStatus: ...
    async def renew(self) -> None: ...
    async def status(self) -> VaultStatus: ...
    async def keep(self) -> None: ...


Explain = Callable[[str], Awaitable[str]]
"""What is behind the reason of a failed request to the API; the reason itself where that is all."""


async def as_it_is(reason: str) -> str:
    """Look no further; an `Explain`."""
    return reason


class Actor(msgspec.Struct, frozen=True):
    """Who asks. `is_manager`: has proven to be the Gerente in this agent."""

    is_manager: bool = False


class Unsaved(msgspec.Struct, frozen=True):
    """A successor that ONVIO has issued and the store could not take yet."""

    generation: int
    serial: int
    tokens: TokenSet


class Cached(msgspec.Struct, frozen=True):
    """Tokens of a link that are stored, opened once. `fresh_until` on the unsettable clock, as is
    `session_ends_at`, where ONVIO says when the session ends for good."""

    generation: int
    serial: int
    tokens: TokenSet
    fresh_until: float
    session_ends_at: float | None = None


class Desk:
    """The parts, and what only lives in memory. The `kick_…` wake the watchers that set them."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        entropy: Entropy,
        store: Store,
        exec_: Exec,
        vault: Vault,
        oauth: OAuth,
        user_api: UserApi,
        hub: Hub,
        limits: Limits,
        tasks: Tasks,
        log: Log,
        explain: Explain = as_it_is,
        landings: Landings | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.entropy = entropy
        self.store = store
        self.exec = exec_
        self.vault = vault
        self.oauth = oauth
        self.user_api = user_api
        self.hub = hub
        self.limits = limits
        self.tasks = tasks
        self.log = log
        self.explain = explain
        self.landings: Landings = landings or NoLandings()
        self.holds: Callable[[], Mapping[Target, float]] = dict  # the gate's, set with `sync`
        self.sync: Sync | None = None  # set by agent.assemble, which builds it on this desk
        self.sessions = Sessions(clock, entropy, settings.control.session_idle_s)
        self.cached: dict[int, Cached] = {}
        self.unsaved: dict[int, Unsaved] = {}
        self.confirmed = 0  # revocations that ONVIO has confirmed since the start
        self.dialogues: dict[str, Dialogue] = {}
        self.kick_revocations: Callable[[], None] = lambda: None
        self.kick_dialogues: Callable[[], None] = lambda: None
        self.places = asyncio.Semaphore(AT_ONCE)
        self.password_turn = asyncio.Lock()
        self.intent_turn = asyncio.Lock()
        self._turns: dict[int, asyncio.Lock] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._crashes: dict[str, int] = {}

    def turn(self, user_id: int) -> asyncio.Lock:
        """The lock that lets one action at a time speak to ONVIO for that user."""
        return self._turns.setdefault(user_id, asyncio.Lock())

    async def once(
        self, name: str, work: Callable[[], Coroutine[Any, Any, None]], *, here: bool = False
    ) -> None:
        """Run `work` unless it runs already under that name; either way wait for its end.

        The work goes on when the caller is cancelled: a lost client must not stop a refresh.
        `here`: the caller is a task of `tasks`, which nobody gives up, and ends with the work: it
        does the work itself.
        """
        task = self._running.get(name)
        if task is not None and not task.done():
            await asyncio.shield(task)
            return
        this = asyncio.current_task() if here else None
        if this is not None:
            self._running[name] = this
            try:
                await work()
            finally:
                self._forget(name, this)
            return
        task = self._running[name] = self.tasks.spawn(name, work())
        task.add_done_callback(partial(self._forget, name))
        await asyncio.shield(task)

    def _forget(self, name: str, done: asyncio.Task[Any]) -> None:
        if self._running.get(name) is done:
            del self._running[name]

    def crashed(self, task: str, error: Exception) -> None:
        """Tell the log of an error that nobody expected; once until `mended`."""
        failures = self._crashes[task] = self._crashes.get(task, 0) + 1
        if failures == 1:
            self.log.error("task.crashed", task=task, error=repr(error), failures=failures)

    def mended(self, task: str) -> None:
        """`task` has worked again."""
        self._crashes.pop(task, None)

    async def reload_office(self) -> Office:
        """Take what is committed into the hub."""
        office = await self.store.office()
        self.hub.set_office(office)
        return office

    def manager_only(self, actor: Actor) -> None:
        """Refuse whoever is not the Gerente."""
        if not actor.is_manager:
            raise Refused("manager.required")

    def refuse_on_hold(self) -> None:
        """Refuse what has to be asked of ONVIO, while that has named a time to wait for."""
        ends = self.holds().values()
        if ends:
            raise self.on_hold(max(ends))

    def on_hold(self, until: float) -> Refused:
        """The refusal that names the end of the wait, an instant on the clock that cannot be set."""
        now = self.clock.now()
        return Refused("onvio.on_hold", time=clock_time(now.wall_at(until) or now.wall))

    def is_own(self, user: User) -> bool:
        """Whether `user` is the person that this workstation is set up for."""
        own = self.hub.own_login
        return bool(own) and text_key(own) == text_key(user.login)
