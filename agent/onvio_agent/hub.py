"""The one writer of the snapshot: facts go in, verdicts are kept here, faces are told.

Nothing else sets a state. The hub asks the pure verdicts, notices what changed, numbers each
published state and wakes its subscribers; the newest state wins, nobody is queued behind. A fact
about one user costs the same in an office of three and of three hundred.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec

from onvio_agent.changes import Changes
from onvio_agent.clock import Clock, Now
from onvio_agent.contract.status import (
    ConnectionState,
    Intent,
    IntentState,
    Newer,
    Snapshot,
    SyncStatus,
)
from onvio_agent.log import Log
from onvio_agent.office import rules
from onvio_agent.office.model import Office, User
from onvio_agent.verdict import connection as connection_verdict
from onvio_agent.verdict import link as link_verdict
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.facts import ConnectionFact, Limits, LinkFact, LinkSucceeded, LinkTroubled
from onvio_agent.verdict.icon import Icon
from onvio_agent.verdict.link import LinkVerdict, Standing
from onvio_agent.view import render
from onvio_agent.world import Process, Publication, World, icon_of, icon_of_workstation

Listener = Callable[[Publication], None]
_OF_LINKS = (LinkSucceeded, LinkTroubled)


class Hub:
    """See the module docstring. Methods are called on the event loop only."""

    def __init__(
        self,
        process: Process,
        clock: Clock,
        limits: Limits,
        rng: random.Random,
        own_login: str,
        log: Log,
    ) -> None:
        self._process = process
        self._clock = clock
        self._limits = limits
        self._rng = rng
        self._own_login = own_login
        self._log = log
        self._world = World()
        self._users: dict[int, User] = {}
        self._noticed = Changes()
        self._sync = SyncStatus()
        self._revision = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._listeners: list[Listener] = []

    # -- what others read

    @property
    def process(self) -> Process:
        """Who speaks."""
        return self._process

    @property
    def world(self) -> World:
        """Everything, as of the last published change."""
        return self._world

    @property
    def office(self) -> Office:
        """The users as last committed."""
        return self._world.office

    @property
    def intent(self) -> Intent:
        """What a person wants."""
        return self._world.intent

    @property
    def connection(self) -> ConnectionVerdict:
        """The connection, as of now."""
        return self._connection_after(None, self._clock.now())

    def user(self, user_id: int) -> User | None:
        """The user of that id, as last committed."""
        return self._users.get(user_id)

    def link(self, user_id: int) -> LinkVerdict | None:
        """The verdict on that user's link, as of the last published change."""
        return self._world.links.get(user_id)

    def is_connected(self) -> bool:
        """Whether the connection is online at this instant, and nobody has paused it."""
        running = self._world.intent.state is IntentState.RUN
        return running and self._world.connection.is_online(self._clock.mono())

    def icons(self, mono: float) -> tuple[Icon, dict[int, Icon]]:
        """The workstation's icon and each user's, at that instant."""
        world = self._world
        by_user = {user.id: icon_of(world, user, mono) for user in world.office.users}
        return icon_of_workstation(world, self._own_login, by_user, mono), by_user

    def snapshot(self) -> Snapshot:
        """What a face may show at this very instant."""
        now = self._clock.now()
        self._tick(now)
        top, by_user = self.icons(now.mono)
        return render(
            self._world,
            agent=self._process.info(self._revision),
            top=top,
            user_icons=by_user,
            held_since=self._held_since(now),
            sync=self._sync,
            now=now,
        )

    @property
    def own_login(self) -> str:
        """Whose workstation this is; empty: nobody's in particular."""
        return self._own_login

    # -- what others tell

    def load(self, office: Office, intent: Intent, alert: str | None = None) -> None:
        """What the store holds at the start."""
        self._publish(self._with_office(office, intent=intent, alert=alert), self._clock.now())

    def set_office(self, office: Office) -> None:
        """People or links have changed and are committed."""
        self._publish(self._with_office(office), self._clock.now())

    def set_own_login(self, login: str) -> None:
        """The workstation now belongs to that user, or (empty) to nobody in particular."""
        self._own_login = login
        self._publish(self._world, self._clock.now())

    def set_intent(self, intent: Intent) -> None:
        """A person's wish has changed and is committed."""
        self._publish(msgspec.structs.replace(self._world, intent=intent), self._clock.now())

    def set_sync(self, status: SyncStatus) -> None:
        """How many documents are where, as last committed."""
        if status != self._sync:
            self._sync = status
            self._publish(self._world, self._clock.now(), users=())

    def set_newer(self, newer: Newer | None) -> None:
        """There is a newer version of the agent, or none."""
        if newer != self._process.newer:
            self._process = msgspec.structs.replace(self._process, newer=newer)
            self._publish(self._world, self._clock.now(), users=())

    def restore(self, key: str, failures: int, reason: str | None, retry_at: float) -> None:
        """Take up a wait from before a restart; `key` and `reason` as in `store.base.Retry`."""
        now = self._clock.now()
        world = self._world
        if key == "connection":
            connection = msgspec.structs.replace(
                world.connection, failures=failures, trouble=reason, retry_at=retry_at
            )
            if reason is not None and retry_at > now.mono:  # else the first check is at once
                connection = msgspec.structs.replace(
                    connection, state=ConnectionState.WAITING, reason=reason, since=now.wall
                )
            self._publish(msgspec.structs.replace(world, connection=connection), now)
            return
        number = key.removeprefix("link:")
        user = self._users.get(int(number)) if number.isdecimal() else None
        if user is not None:
            link = msgspec.structs.replace(
                world.links[user.id], failures=failures, trouble=reason, retry_at=retry_at
            )
            self._world = msgspec.structs.replace(world, links={**world.links, user.id: link})
            self._look_at(user, None, now)

    def hear(self, fact: ConnectionFact | LinkFact) -> None:
        """Decide anew after a fact, and publish."""
        now = self._clock.now()
        if isinstance(fact, _OF_LINKS):
            self._hear_link(fact, now)
            return
        connection = self._connection_after(fact, now)
        before = self._world.connection
        world = msgspec.structs.replace(self._world, connection=connection)
        same = (before.state, before.reason) == (connection.state, connection.reason)
        steady = same and connection.is_online(now.mono) == self._noticed.was_online
        self._publish(world, now, users=() if steady else None)

    def tick(self) -> float | None:
        """Let what has grown too old expire; publishes only if something did. Returns the instant at
        which the next verdict stops holding, or None."""
        mono = self._clock.mono()
        ends = self._ends()
        if ends and min(ends) <= mono:
            self._tick(self._clock.now())
            ends = self._ends()
        return min((end for end in ends if end > mono), default=None)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every published state."""
        self._listeners.append(listener)

    async def changes(self) -> AsyncIterator[int]:
        """The revision, now and after each publication; a slow reader misses the ones between."""
        seen = -1
        while True:
            if self._revision != seen:
                seen = self._revision
                yield seen
            else:
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append(waiter)
                await waiter

    # -- inside

    def _ends(self) -> list[float]:
        """The instants at which what holds shows something else by the mere passing of time."""
        ends = [self._world.connection.valid_until]
        for link in self._world.links.values():
            ends += link.instants()
        return [end for end in ends if end is not None]

    def _held_since(self, now: Now) -> dict[int, datetime | None]:
        world = self._world
        return {
            user.id: now.wall_at(self._noticed.link_since(user))
            for user in world.office.users
            if world.hold_on(user) is not None
        }

    def _hear_link(self, fact: LinkFact, now: Now) -> None:
        user = self._users.get(fact.user_id)
        if user is not None:
            self._look_at(user, fact, now)

    def _look_at(self, user: User, fact: LinkFact | None, now: Now) -> None:
        links = {**self._world.links, user.id: self._link_after(user, fact, now)}
        world = msgspec.structs.replace(self._world, links=links)
        self._publish(world, now, users=(user,))

    def _tick(self, now: Now) -> None:
        links = {user.id: self._link_after(user, None, now) for user in self._world.office.users}
        world = msgspec.structs.replace(
            self._world, connection=self._connection_after(None, now), links=links
        )
        if world != self._world or self.icons(now.mono)[1] != self._noticed.icons:
            self._publish(world, now)

    def _connection_after(self, fact: ConnectionFact | None, now: Now) -> ConnectionVerdict:
        draw = self._rng.random() if fact is not None else 0.0
        return connection_verdict.decide(self._world.connection, fact, now, self._limits, draw)

    def _link_after(self, user: User, fact: LinkFact | None, now: Now) -> LinkVerdict:
        standing = Standing(user.link.generation, rules.standing(user), user.link.ended)
        draw = self._rng.random() if fact is not None else 0.0
        previous = self._world.links.get(user.id)
        return link_verdict.decide(previous, standing, fact, now, self._limits, draw)

    def _with_office(self, office: Office, **others: object) -> World:
        now = self._clock.now()
        self._users = {user.id: user for user in office.users}
        links = {user.id: self._link_after(user, None, now) for user in office.users}
        return msgspec.structs.replace(
            self._world, office=office, links=links, hold=rules.hold_of(office), **others
        )

    def _publish(self, world: World, now: Now, users: tuple[User, ...] | None = None) -> None:
        """`users`: those whom this can concern; None: everybody."""
        self._world = world
        changes = self._noticed.after(world, self._own_login, now, users)
        self._revision += 1
        self._wake()
        touched = world.office.users if users is None else users
        publication = Publication(changes, world, touched, now)
        for listener in self._listeners:
            try:
                listener(publication)
            except Exception as error:  # one that fails must not keep the others from knowing
                self._log.error("listener.crashed", error=repr(error), exc_info=True)

    def _wake(self) -> None:
        """Let those go on who wait for news; some may have left."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
