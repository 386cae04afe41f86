"""The one writer of the snapshot: facts go in, verdicts are kept here, faces are told.

Nothing else sets a state. The hub asks the pure verdicts, notices what changed, numbers each
published state and wakes its subscribers; the newest state wins, nobody is queued behind.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec

from onvio_agent.clock import Clock, Now
from onvio_agent.contract.status import AgentInfo, Intent, IntentState, Situation, Snapshot
from onvio_agent.office import rules
from onvio_agent.office.model import Office, User
from onvio_agent.verdict import connection as connection_verdict
from onvio_agent.verdict import icon as icons
from onvio_agent.verdict import link as link_verdict
from onvio_agent.verdict.connection import ConnectionVerdict
from onvio_agent.verdict.facts import ConnectionFact, Limits, LinkFact, LinkSucceeded, LinkTroubled
from onvio_agent.verdict.icon import Icon
from onvio_agent.verdict.link import LinkVerdict, Standing
from onvio_agent.view import render


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks in a snapshot."""

    version: str
    pid: int
    boot_id: str
    started_at: datetime


class World(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the faces' snapshot is made of. `alert`: a reason above all others."""

    office: Office = Office()
    intent: Intent = Intent(state=IntentState.RUN)
    connection: ConnectionVerdict = ConnectionVerdict()
    links: dict[int, LinkVerdict] = {}
    alert: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change worth a line in the log. `kind`: connection | link | icon | intent.

    `login` is None for what concerns the whole workstation; `duration_s` is how long the former
    state had lasted, None where unknown.
    """

    kind: str
    login: str | None
    before: str
    after: str
    reason: str | None
    duration_s: float | None


Listener = Callable[[list[Change], World, Now], None]


class Hub:
    """See the module docstring. Methods are called on the event loop only."""

    def __init__(
        self, process: Process, clock: Clock, limits: Limits, rng: random.Random, own_login: str
    ) -> None:
        self._process = process
        self._clock = clock
        self._limits = limits
        self._rng = rng
        self._own_login = own_login
        self._world = World()
        self._seen: dict[tuple[str, str | None], tuple[str, str | None, float]] = {}
        self._revision = 0
        self._published = asyncio.Event()
        self._listeners: list[Listener] = []

    # -- what others read

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
        return self._decide_connection(self._world, None, self._clock.now()).connection

    @property
    def world(self) -> World:
        """Everything, as of the last published change."""
        return self._world

    def link(self, user_id: int) -> LinkVerdict | None:
        """The verdict on that user's link, as of the last published change."""
        return self._world.links.get(user_id)

    def is_online(self) -> bool:
        """Whether the connection is online at this instant."""
        return self._world.connection.is_online(self._clock.mono())

    def snapshot(self) -> Snapshot:
        """What a face may show at this very instant."""
        now = self._clock.now()
        self._tick(now)
        return render(
            self._world.office,
            self._world.intent,
            self._world.connection,
            self._world.links,
            agent=AgentInfo(
                version=self._process.version,
                pid=self._process.pid,
                boot_id=self._process.boot_id,
                revision=self._revision,
                started_at=self._process.started_at,
            ),
            top=self.icon(now.mono),
            user_icons=self.user_icons(now.mono),
            now=now,
        )

    def icon(self, mono: float) -> Icon:
        """The workstation's icon: its own user's, or the office's where there is none."""
        world = self._world
        if world.alert is not None:
            return icons.of_reason(world.alert)
        own = world.office.find(self._own_login) if self._own_login else None
        by_user = self.user_icons(mono)
        if own is not None:
            return by_user[own.id]
        running = world.intent.state is IntentState.RUN and world.connection.is_online(mono)
        if running and world.office.manager is None:
            return icons.of_reason("manager.missing")
        counted = [
            by_user[user.id]
            for user in sorted(world.office.users, key=lambda user: (not user.is_manager, user.id))
            if user.situation is Situation.ACTIVE and user.uses_onvio
        ]
        return icons.of_office(world.intent.state, world.connection, counted, mono)

    def user_icons(self, mono: float) -> dict[int, Icon]:
        """Each user's icon, by user id."""
        world = self._world
        return {
            user.id: icons.of_user(
                world.intent.state,
                world.connection,
                world.links[user.id],
                rules.hold_of(world.office) if rules.is_held(world.office, user) else None,
                mono,
            )
            for user in world.office.users
        }

    def next_expiry(self) -> float | None:
        """The instant at which a verdict that holds now stops holding, or None."""
        mono = self._clock.mono()
        ends = [self._world.connection.valid_until]
        ends += [link.valid_until for link in self._world.links.values()]
        return min((end for end in ends if end is not None and end > mono), default=None)

    # -- what others tell

    def load(self, office: Office, intent: Intent, alert: str | None = None) -> None:
        """What the store holds; called at the start and after each committed change of people."""
        self._publish(self._with_office(self._world, office, intent, alert))

    def set_office(self, office: Office) -> None:
        """People or links have changed and are committed."""
        world = self._world
        self._publish(self._with_office(world, office, world.intent, world.alert))

    def set_intent(self, intent: Intent) -> None:
        """A person's wish has changed and is committed."""
        self._publish(msgspec.structs.replace(self._world, intent=intent))

    def restore(self, key: str, failures: int, retry_at: float) -> None:
        """Take up a back-off from before a restart; `key` as in `store.base.Retry`."""
        if key == "connection":
            connection = msgspec.structs.replace(
                self._world.connection, failures=failures, retry_at=retry_at
            )
            self._world = msgspec.structs.replace(self._world, connection=connection)
            return
        user_id = int(key.removeprefix("link:"))
        link = self._world.links.get(user_id)
        if link is not None:
            link = msgspec.structs.replace(link, failures=failures, retry_at=retry_at)
            links = {**self._world.links, user_id: link}
            self._world = msgspec.structs.replace(self._world, links=links)

    def hear(self, fact: ConnectionFact | LinkFact) -> None:
        """Decide anew after a fact, and publish."""
        now = self._clock.now()
        if isinstance(fact, LinkSucceeded | LinkTroubled):
            self._publish(self._decide_link(self._world, fact, now))
        else:
            self._publish(self._decide_connection(self._world, fact, now))

    def tick(self) -> None:
        """Let what has grown too old expire; publishes only if something did."""
        self._tick(self._clock.now())

    def _tick(self, now: Now) -> None:
        world = self._decide_connection(self._world, None, now)
        links = {user.id: self._link_verdict(world, user, None, now) for user in world.office.users}
        world = msgspec.structs.replace(world, links=links)
        if world != self._world or self._icons_moved(now.mono):
            self._publish(world)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the changes of every published state."""
        self._listeners.append(listener)

    async def changes(self) -> AsyncIterator[int]:
        """The revision, now and after each publication; a slow reader misses the ones between."""
        seen = -1
        while True:
            if self._revision != seen:
                seen = self._revision
                yield seen
            else:
                await self._published.wait()

    # -- inside

    def _decide_connection(self, world: World, fact: ConnectionFact | None, now: Now) -> World:
        draw = self._rng.random() if fact is not None else 0.0
        verdict = connection_verdict.decide(world.connection, fact, now, self._limits, draw)
        return msgspec.structs.replace(world, connection=verdict)

    def _decide_link(self, world: World, fact: LinkFact, now: Now) -> World:
        user = world.office.by_id(fact.user_id)
        if user is None:
            return world
        links = {**world.links, user.id: self._link_verdict(world, user, fact, now)}
        return msgspec.structs.replace(world, links=links)

    def _link_verdict(
        self, world: World, user: User, fact: LinkFact | None, now: Now
    ) -> LinkVerdict:
        standing = Standing(user.link.generation, rules.standing(user), user.link.ended)
        draw = self._rng.random() if fact is not None else 0.0
        previous = world.links.get(user.id)
        return link_verdict.decide(previous, standing, fact, now, self._limits, draw)

    def _with_office(
        self, world: World, office: Office, intent: Intent, alert: str | None
    ) -> World:
        now = self._clock.now()
        world = msgspec.structs.replace(world, office=office, intent=intent, alert=alert)
        links = {user.id: self._link_verdict(world, user, None, now) for user in office.users}
        return msgspec.structs.replace(world, links=links)

    def _publish(self, world: World) -> None:
        self._world = world
        now = self._clock.now()
        changes = self._changes(now)
        self._revision += 1
        published, self._published = self._published, asyncio.Event()
        published.set()
        for listener in self._listeners:
            listener(changes, world, now)

    def _states(self, mono: float) -> dict[tuple[str, str | None], tuple[str, str | None]]:
        world = self._world
        hold = rules.hold_of(world.office)
        states: dict[tuple[str, str | None], tuple[str, str | None]] = {
            ("intent", None): (str(world.intent.state), None),
            ("connection", None): (str(world.connection.state), world.connection.reason),
        }
        for user in world.office.users:
            held = rules.is_held(world.office, user)
            link = world.links[user.id]
            shown = ("waiting", hold) if held else (str(link.state), link.reason)
            states["link", user.login] = shown
        top = self.icon(mono)
        states["icon", None] = (str(top.state), top.reason)
        return states

    def _icons_moved(self, mono: float) -> bool:
        top = self.icon(mono)
        seen = self._seen.get(("icon", None))
        return seen is not None and seen[:2] != (str(top.state), top.reason)

    def _changes(self, now: Now) -> list[Change]:
        changes = []
        for key, (after, reason) in self._states(now.mono).items():
            before = self._seen.get(key)
            if before is not None and before[:2] == (after, reason):
                continue
            self._seen[key] = (after, reason, now.mono)
            changes.append(
                Change(
                    kind=key[0],
                    login=key[1],
                    before=before[0] if before else "none",
                    after=after,
                    reason=reason,
                    duration_s=round(now.mono - before[2], 3) if before else None,
                )
            )
        return changes
