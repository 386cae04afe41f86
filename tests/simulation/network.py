"""The network between the agent and the cloud's model, called directly: latency, cuts, kills.

It also keeps the ledger: which token is whose, which answers were delivered and when they were asked
for. The invariants judge by this ledger, never by what the agent believes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from onvio_agent.onvio.errors import NotSent, Uncertain
from onvio_agent.onvio.transport import Request, Response
from onvio_agent.simulator.wire import CloudRequest, CloudResponse
from simulation.deliveries import is_delivery
from simulation.invariants import bearer_of, concerned, overriding

if TYPE_CHECKING:
    from simulation.life import Life

LATENCY_S = (0.02, 0.08)
DRIFT_MAX = 2e-3
"""Of the wall clock: two seconds in a thousand."""
PLANTED = "planted"
"""What an error says that a fault has raised where the agent expects none."""


class Wire:
    """How the network behaves now, per target.

    Modes: ok refuse dns none blackhole before after bug (an error of a kind that nobody expects).
    """

    def __init__(self) -> None:
        self.modes: dict[str, str] = {"auth": "ok", "api": "ok"}
        self.slow_s = 0.0
        self.straggle_s = 0.0  # how late the next answer comes
        self.is_calm = True
        self.on_route: Callable[[], None] | None = None  # told when the route has come or gone
        self.tell_route: Callable[[bool], None] = lambda _has_route: None  # before that

    @property
    def has_route(self) -> bool:
        """Whether the workstation knows a way out."""
        return any(mode != "none" for mode in self.modes.values())

    def set(self, mode: str, targets: tuple[str, ...] = ("auth", "api")) -> None:
        """Change how these targets are reached."""
        had_route = self.has_route
        for target in targets:
            self.modes[target] = mode
        self.is_calm = not self.slow_s and all(mode == "ok" for mode in self.modes.values())
        if self.has_route != had_route:
            self.tell_route(self.has_route)
            if self.on_route is not None:
                self.on_route()

    def slow(self, seconds: float) -> None:
        """Up to so much latency on top."""
        self.slow_s = seconds
        self.set(self.modes["api"], ("api",))


class DirectNetwork:
    """A `Network` to the model, without HTTP in between."""

    def __init__(self, life: Life) -> None:
        assert life.loop is not None
        self._life = life
        self._loop = life.loop
        self._rng = life.universe.named("latency")

    async def renew(self) -> None:
        """There are no connections that a change could leave dead."""

    async def aclose(self) -> None:
        """There is nothing to close."""

    async def send(self, request: Request, *, deadline_s: float) -> Response:
        life, ledger, wire = self._life, self._life.ledger, self._life.wire
        ledger.sent(request)
        try:  # in one piece: this is done for each request of a year
            sent_at = life.universe.true
            low, high = LATENCY_S
            latency_s = low + (high - low) * self._rng.random()
            mode = wire.modes[request.target]
            if mode != "ok" or wire.slow_s or wire.straggle_s:
                latency_s += wire.straggle_s
                wire.straggle_s = 0.0
                latency_s += self._rng.random() * wire.slow_s
                await self._troubled(request, mode, latency_s, deadline_s)
            else:
                await self._loop.passing(latency_s)
            if life.kill_point("answer.before", request):
                await forever()
            asked = _asked(request)
            answer = life.cloud.handle(asked)
            ledger.answered(asked, answer)
            if life.kill_point("answer.after", request):
                await forever()
            if mode == "after":
                raise Uncertain("network.interrupted", target=request.target)
            ledger.delivered(request, answer, sent_at)
            return Response(answer.status, answer.headers, answer.body)
        finally:
            ledger.over(request)

    async def _troubled(
        self, request: Request, mode: str, latency_s: float, deadline_s: float
    ) -> None:
        target = request.target
        if mode == "bug":
            raise RuntimeError(PLANTED)
        if mode == "blackhole":
            await asyncio.sleep(deadline_s)
            raise NotSent("network.timeout", target=target)
        if mode in ("refuse", "dns", "none"):
            await asyncio.sleep(0.001)
            reason = {"refuse": "network.refused", "dns": "network.dns", "none": "network.none"}
            raise NotSent(reason[mode], target=target)
        if latency_s >= deadline_s:
            await asyncio.sleep(deadline_s)
            # It arrives all the same, and its answer finds nobody.
            asked = _asked(request)
            self._life.ledger.answered(asked, self._life.cloud.handle(asked))
            raise Uncertain("network.timeout", target=target)
        await asyncio.sleep(latency_s)
        if mode == "before":
            raise Uncertain("network.interrupted", target=target)


async def forever() -> None:
    """For what a kill has struck."""
    await asyncio.get_running_loop().create_future()


def _asked(request: Request) -> CloudRequest:
    headers = dict(request.headers)
    content_type = request.content_type
    if content_type is not None:
        headers["content-type"] = content_type
    query = urlencode(request.query) if request.query else ""
    return CloudRequest(request.target, request.method, request.path, query, headers, request.body)


_NEVER = (float("-inf"), float("inf"), float("-inf"))


def _own(request: Request) -> str:
    """What a wait concerns that was asked of the delivery: its posts, its questions, or its token."""
    return f"delivery {request.target} {request.method}"


class _Concerned:
    """The hooks of the invariants to which requests to one path matter."""

    __slots__ = ("delivered", "over", "sent")

    def __init__(self, invariants: list[Any], path: str) -> None:
        self.sent = concerned(invariants, "on_sent", path)
        self.delivered = concerned(invariants, "on_delivered", path)
        self.over = concerned(invariants, "on_over", path)


class Ledger:
    """What really passed, by token and person (`sub`)."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self.requests = self.deliveries = 0
        self.sub_of: dict[str, str] = {}
        self.by_refresh: dict[str, None] = {}
        self.in_store: dict[str, None] = {}
        self.spent: dict[str, None] = {}
        self.current: dict[int, str] = {}
        self.probed_at = float("-inf")
        self.proven_at: dict[str, float] = {}
        self.refused_at: dict[str, float] = {}
        self.held_until: dict[str, tuple[float, float, float]] = {}
        self._plain: dict[bytes, Any] = {}
        self.ambushes: list[Callable[[Request], bool]] = []
        self._listening: dict[str, list[Callable[..., None]]] = {}
        self._concerned: dict[str, _Concerned] = {}

    def tell(self, hook: str, *news: Any) -> None:
        """Call that hook of the invariants that have it."""
        listening = self._listening.get(hook)
        if listening is None:
            listening = self._listening[hook] = overriding(self._life.invariants, hook)
        for listen in listening:
            listen(self._life, *news)

    def _of(self, request: Request) -> _Concerned:
        """Those to which such a request matters."""
        found = self._concerned.get(request.path)
        if found is None:
            found = _Concerned(self._life.invariants, request.path)
            self._concerned[request.path] = found
        return found

    def forget_unsaved(self) -> None:
        """The process ends: a silence that may not have reached the disk is known to nobody."""
        now, full_at = self._life.universe.true, self._life.disk.full_at
        for target, (_until, safe, since) in list(self.held_until.items()):
            if now < safe or full_at >= since:
                del self.held_until[target]

    def new_boot(self) -> None:
        """Nothing that an earlier process learnt proves anything now."""
        self.tell("on_boot")
        self.probed_at = float("-inf")
        self.proven_at.clear()
        self.refused_at.clear()

    # -- told by vault and store

    def sealed(self, sealed: bytes, plaintext: bytes, row: str) -> None:
        """Tokens were sealed for the store."""
        if row.startswith("tokens:"):
            tokens = self._plain[sealed] = msgspec.json.decode(plaintext)
            user_id, generation = row.split(":")[1:]
            self.tell("on_sealed", tokens, int(user_id), int(generation))

    def committed(self, user_id: int, sealed: bytes) -> None:
        """Sealed tokens are in the store; those before them are spent."""
        tokens = self._plain.pop(sealed)
        self.in_store[tokens["access_token"]] = None
        before = self.current.get(user_id)
        if before is not None and before != tokens["refresh_token"]:
            self.spent[before] = None
        self.current[user_id] = tokens["refresh_token"]

    # -- told by the network

    def sent(self, request: Request) -> None:
        """A request leaves the agent."""
        self.requests += 1
        if request.path != "/health":
            self._presents(request)
            self.deliveries += is_delivery(request)
        if self.held_until:
            self._keep_silence(request, is_delivery(request))
        for listen in self._of(request).sent:
            listen(self._life, request)
        for ambush in self.ambushes:
            if ambush(request):
                self.ambushes.remove(ambush)
                break

    def _presents(self, request: Request) -> None:
        """The tokens of a request are such as may be presented."""
        token = bearer_of(request)
        if token in self.by_refresh and token not in self.in_store:
            self._life.violate("used-before-stored", request.path)
        if request.form is None:
            return
        form = dict(request.form)
        if form.get("grant_type") == "refresh_token" and form["refresh_token"] in self.spent:
            self._life.violate("presented-again", "a token whose successor was stored")

    def _keep_silence(self, request: Request, delivers: bool) -> None:
        hold = self.held_until.get(request.target)
        if delivers:  # it keeps the people's silences, and its own
            hold = max(hold or _NEVER, self.held_until.get(_own(request)) or _NEVER)
        now = self._life.universe.true
        if hold is not None and hold[1] < now < hold[0]:
            self._life.violate("held", f"{request.path} sent {hold[0] - now:.1f} s early")

    def over(self, request: Request) -> None:
        """The agent waits for its answer no longer; not told of what a kill cut off."""
        for listen in self._of(request).over:
            listen(self._life, request)

    def answered(self, request: CloudRequest, answer: CloudResponse) -> None:
        """The cloud has acted."""
        if request.path != "/oauth/token" or answer.status != 200:
            return
        try:
            given = msgspec.json.decode(answer.body)
        except msgspec.DecodeError:  # a page in its place
            return
        access = given["access_token"]
        record = self._life.cloud.world.tokens.find_access(access)
        if record is None:
            return
        self.sub_of[access] = record.sub
        if given.get("refresh_token"):
            self.sub_of[given["refresh_token"]] = record.sub
        if b"grant_type=refresh_token" in request.body:
            self.by_refresh[access] = None

    def delivered(self, request: Request, answer: CloudResponse, sent_at: float) -> None:
        """The agent has the answer."""
        for listen in self._of(request).delivered:
            listen(self._life, request, answer, sent_at)
        if answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers):
            self._hold(request, answer)
            return
        if request.path == "/health":
            if answer.status < 500:
                self.probed_at = max(self.probed_at, sent_at)
            return
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        ok = answer.status == 200 and is_json
        if request.path == "/userinfo" and ok:
            sub = msgspec.json.decode(answer.body)["sub"]
            self.proven_at[sub] = max(self.proven_at.get(sub, sent_at), sent_at)
        elif request.target == "api" and ok:
            self.probed_at = max(self.probed_at, sent_at)
        elif request.path == "/oauth/token" and is_json and answer.status in (400, 401, 403):
            form = dict(request.form or ())
            sub = self.sub_of.get(form.get("refresh_token", ""))
            if sub is not None:
                self.refused_at[sub] = self._life.universe.true

    def _hold(self, request: Request, answer: CloudResponse) -> None:
        text = answer.headers.get("retry-after", "")
        if text.isdigit():
            now = self._life.universe.true
            # The promise is being saved for an instant; a kill in it may lose the hold. After a
            # restart it is kept by a wall clock that may drift.
            until = now + float(text) * (1.0 - 2 * DRIFT_MAX) - 0.5
            key = _own(request) if is_delivery(request) else request.target
            if until > self.held_until.get(key, _NEVER)[0]:  # the longest that was asked for
                self.held_until[key] = (until, now + 0.5, now)
