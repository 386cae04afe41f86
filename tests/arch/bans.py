"""What production code may not use, why, and where it may after all.

Whole years of the agent's life are simulated in one process on virtual time, from one seed. That
works only while time, chance, threads, sockets and signals are touched in a few adapters and handed
to everything else. Each ban carries a sample that must be found and one that must not; each
exception names a file (or a family of files) and its reason, and goes when nothing needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from arch.finders import (
    Finder,
    awaits_in_finally,
    builtins,
    calls,
    definitions,
    methods,
    names,
    sql_strings,
)
from arch.sets import iterated_sets

A = "agent/onvio_agent/"
_COMMANDS = A + "cli/*.py"
_COMMAND = "a command is a process of its own, outside the agent's loop"
_DOORS = A + "simulator/serve*.py"
_DOOR = "the simulator's door to the real world; its model takes time and chance as arguments"
_APP = A + "app.py"
T = "tray/onvio_tray/"
_TRAY = "the tray is a process of its own, with a thread for each thing that it waits for"
_CLIENT = "the client lives in other processes: command line and tray"


@dataclass(frozen=True)
class Ban:
    """One ban. `names` are what ruff's banned-api repeats (pyproject.toml); `more` it cannot say."""

    name: str
    reason: str
    sample: str
    fine: str
    names: tuple[str, ...] = ()
    more: tuple[Finder, ...] = ()
    allowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def finders(self) -> tuple[Finder, ...]:
        """All that find this ban's uses."""
        return (names(*self.names), *self.more) if self.names else self.more


BANS = (
    Ban(
        name="the machine's clock",
        reason="time is asked of the Clock that is passed in, so that years can be simulated",
        names=("time",),
        sample="from time import monotonic as tick\nx = tick()",
        fine="def f(clock):\n    return clock.time.monotonic()",
        allowed={
            A + "clock.py": "the adapter itself",
            A + "lock.py": "the operating system's lock is waited for before there is an agent",
            A + "client.py": _CLIENT,
            A + "client_errors.py": _CLIENT,
            A + "client_wire.py": _CLIENT,
            T + "main.py": "hands the clock that stands still during sleep to the tray's parts",
            T + "backends/x11.py": "the loop of a display; nothing else in it needs a clock",
            _COMMANDS: _COMMAND,
            _DOORS: _DOOR,
        },
    ),
    Ban(
        name="the wall clock",
        reason="the wall clock is for show and comes from Clock.wall(), which tests can set",
        names=(
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
            "structlog.processors.TimeStamper",
        ),
        sample="import datetime as d\nf = d.datetime.now",
        fine="from datetime import datetime\nx = datetime.fromisoformat('2026-01-01')",
        allowed={A + "clock.py": "the adapter itself", _COMMANDS: _COMMAND, _DOORS: _DOOR},
    ),
    Ban(
        name="shared randomness",
        reason="each concern draws from a stream of its own (chance.Streams), repeatable by seed",
        more=(names("random.*", unless=("random.Random",)), calls("random.Random")),
        sample="import random\nx = random.choice([1, 2])",
        fine="import random\ndef f(rng: random.Random):\n    return rng.random()",
        allowed={A + "chance.py": "the adapter itself", _DOORS: _DOOR},
    ),
    Ban(
        name="unrepeatable bytes",
        reason="tokens, keys and identifiers come from the Entropy that is passed in",
        names=(
            "secrets", "os.urandom", "os.getrandom", "tempfile",
            "uuid.uuid1", "uuid.uuid4", "random.SystemRandom",
        ),
        sample="import os\nkey = os.urandom(32)",
        fine="from uuid import UUID\nx = UUID(int=1)",
        allowed={
            A + "chance.py": "the adapter itself",
            A + "client.py": "a nonce that proves the agent; " + _CLIENT,
            _COMMANDS: _COMMAND,
            _DOORS: _DOOR,
        },
    ),
    Ban(
        name="threads",
        reason="work leaves the loop only through Exec, so that a simulation decides its order",
        names=(
            "threading", "_thread", "queue", "concurrent.futures", "multiprocessing",
            "asyncio.to_thread",
        ),
        more=(methods("run_in_executor", "set_default_executor"),),
        sample="import asyncio\nasync def f(loop):\n    await loop.run_in_executor(None, print)",
        fine="async def f(exec_):\n    await exec_.run(print)",
        allowed={
            A + "store/exec.py": "the adapter itself: one writer thread",
            A + "lookups.py": "the adapter of name lookups",
            A + "windows_signs.py": "the adapter itself: a call of Windows that blocks",
            _APP: "hands the adapter of name lookups to the loop",
            T + "act.py": _TRAY,
            T + "login.py": _TRAY,
            T + "main.py": _TRAY,
            T + "present.py": _TRAY,
            T + "screen.py": _TRAY,
            T + "watch.py": _TRAY,
            T + "backends/pystray_.py": _TRAY,
            T + "backends/x11.py": _TRAY,
            _COMMANDS: _COMMAND,
        },
    ),
    Ban(
        name="sockets",
        reason="the network is reached through the Transport that is passed in, and served by api",
        names=(
            "socket", "select", "selectors", "http.client", "urllib.request",
            "asyncio.open_connection", "asyncio.start_server",
        ),
        more=(methods("create_connection", "create_server", "create_datagram_endpoint"),),
        sample="import socket\ns = socket.create_connection(('x', 1))",
        fine="from http import HTTPStatus\nx = HTTPStatus.OK",
        allowed={
            _APP: "names the type of the socket that api/serve.py binds",
            A + "api/serve.py": "the adapter itself: the one listening socket",
            A + "checks/sockets.py": "the adapter of the checks; asks and keeps nothing",
            A + "client.py": _CLIENT,
            A + "client_wire.py": _CLIENT,
            A + "log/journal.py": "the adapter itself: one datagram an entry to systemd's journal",
            A + "service.py": "the adapter itself: one datagram to whoever started the agent",
            A + "sleeps.py": "the adapter itself: hears the login manager on the system's bus",
            A + "routes.py": "the adapter itself: asks the kernel for routes and hears of changes",
            A + "onvio/causes.py": "names gaierror to tell causes apart; opens nothing",
            T + "backends/desktop.py": "knocks at the display; says nothing",
            T + "backends/sni_probe.py": "asks the session's own bus, which is no network",
            T + "backends/x11.py": "waits for the display, and is woken through a pair of sockets",
            A + "onvio/proxies.py": "reads the system's proxy settings; asks nobody",
            _COMMANDS: _COMMAND,
            _DOORS: _DOOR,
        },
    ),
    Ban(
        name="signals",
        reason="the end of the process is decided in one place; a simulation has no signals",
        names=("signal", "os.kill", "os.killpg", "os._exit", "os.abort"),
        more=(methods("add_signal_handler"),),
        sample="def f(loop):\n    loop.add_signal_handler(15, print)",
        fine="def f(signal):\n    return signal.strength",
        allowed={
            _APP: "the adapter itself",
            T + "main.py": "the end of the tray's process is decided here",
            T + "programs.py": "on Windows, where the tray's process becomes the new program's",
            _COMMANDS: _COMMAND,
            _DOORS: _DOOR,
        },
    ),
    Ban(
        name="child processes",
        reason="the agent starts nothing: what it started would outlive it or block it",
        names=(
            "subprocess", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
            "os.system", "os.popen", "os.fork", "os.execv", "os.posix_spawn",
        ),
        sample="from subprocess import run\nrun(['true'])",
        fine="def run(x):\n    return x\nrun(1)",
        allowed={
            A + "autostart/*.py": "part of a command: systemd reads its units again; a line is quoted",
            T + "programs.py": "the adapter itself: the tray runs the agent's commands",
            _COMMANDS: _COMMAND,
        },
    ),
    Ban(
        name="event loops of one's own",
        reason="production code runs on the loop it is given; a simulation gives one on virtual time",
        names=("asyncio.run", "asyncio.Runner", "asyncio.new_event_loop", "asyncio.get_event_loop"),
        sample="import asyncio\nasyncio.run(f())",
        fine="import asyncio\nloop = asyncio.get_running_loop()",
        allowed={
            _APP: "the composition root",
            T + "backends/sni.py": "the loop of one connection to the session's bus",
            _COMMANDS: _COMMAND,
        },
    ),
    Ban(
        name="tasks that nobody keeps",
        reason="background work is made by supervise.Tasks: named, kept, its crash logged",
        names=("asyncio.create_task", "asyncio.ensure_future", "asyncio.TaskGroup"),
        more=(methods("create_task"),),
        sample="import asyncio\nasync def f(loop):\n    loop.create_task(f(loop))",
        fine="def f(tasks):\n    tasks.spawn('name', work())",
        allowed={A + "supervise.py": "the adapter itself", _DOORS: _DOOR},
    ),
    Ban(
        name="unordered tasks",
        reason="asyncio.wait and all_tasks give sets: whoever goes through them loses the order",
        names=("asyncio.wait", "asyncio.all_tasks"),
        sample="import asyncio\nasync def f(t):\n    done, _ = await asyncio.wait(t)",
        fine="import asyncio\nasync def f(t):\n    await asyncio.wait_for(t, 1)",
    ),
    Ban(
        name="the order of a set",
        reason="it changes from one process to the next; use a dict, a list or sorted()",
        more=(iterated_sets,),
        sample="def f(a, b):\n    for x in a.keys() & b.keys():\n        print(x)",
        fine="def f(names: set[str]):\n    for x in sorted(names):\n        print(x)",
    ),
    Ban(
        name="order by hash or address",
        reason="hash() and id() differ from one process to the next",
        more=(builtins("hash", "id"),),
        sample="def f(x):\n    return sorted(x, key=id)",
        fine="def f(user):\n    return sorted([user.id])",
    ),
    Ban(
        name="work at an object's end",
        reason="when it runs nobody knows, and after a kill it never does",
        names=("atexit", "weakref.finalize"),
        more=(definitions("__del__"),),
        sample="class C:\n    def __del__(self):\n        pass",
        fine="class C:\n    def close(self):\n        pass",
    ),
    Ban(
        name="effects in finally",
        reason="a killed process never gets there: what must happen is committed beforehand",
        more=(awaits_in_finally,),
        sample="async def f(s):\n    try:\n        pass\n    finally:\n        await s.save()",
        fine="async def f(s):\n    try:\n        await s.save()\n    finally:\n        s.busy = False",
        allowed={_APP: "set-up ends its own writer thread; nothing durable depends on it"},
    ),
    Ban(
        name="the database's clock and chance",
        reason="instants and identifiers are arguments of each statement",
        more=(sql_strings,),
        sample="x = '''INSERT INTO t (at)\n VALUES (CURRENT_TIMESTAMP)'''",
        fine="x = 'SELECT at FROM t WHERE at < :now'",
    ),
)  # fmt: skip
