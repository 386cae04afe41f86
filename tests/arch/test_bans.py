"""Production code keeps the rules that make it fit for simulation (arch/bans.py)."""

from __future__ import annotations

import ast
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from arch.bans import BANS, Ban
from arch.finders import Use, sql_text
from arch.sources import ROOT, production_modules, relative, sql_files, tree_of

by_name = pytest.mark.parametrize("ban", BANS, ids=lambda ban: ban.name.replace(" ", "_"))


def uses(ban: Ban, tree: ast.Module) -> list[Use]:
    return sorted(dict.fromkeys(use for find in ban.finders for use in find(tree)))


def uses_by_file(ban: Ban) -> dict[str, list[Use]]:
    found = {relative(path): uses(ban, tree_of(path)) for path in production_modules()}
    return {file: listed for file, listed in found.items() if listed}


def is_allowed(ban: Ban, file: str) -> bool:
    return any(fnmatch(file, pattern) for pattern in ban.allowed)


@by_name
def test_nothing_banned_is_used_outside_the_adapters(ban: Ban) -> None:
    wrong = [
        f"{file}:{use.line}: {use.what}"
        for file, listed in uses_by_file(ban).items()
        if not is_allowed(ban, file)
        for use in listed
    ]
    assert not wrong, f"{ban.name}: {ban.reason}\n" + "\n".join(wrong)


@by_name
def test_every_exception_is_still_needed(ban: Ban) -> None:
    used_in = list(uses_by_file(ban))
    idle = [
        pattern for pattern in ban.allowed if not any(fnmatch(file, pattern) for file in used_in)
    ]
    assert not idle, f"{ban.name}: take these out of bans.py: {idle}"


@by_name
def test_a_planted_use_is_found_and_its_harmless_neighbour_is_not(ban: Ban) -> None:
    assert uses(ban, ast.parse(ban.sample)), "the sample slips through"
    assert not uses(ban, ast.parse(ban.fine))


@by_name
def test_every_ban_and_every_exception_says_why(ban: Ban) -> None:
    assert len(ban.reason) > 20
    assert all(len(reason) > 10 for reason in ban.allowed.values())


OTHER_PLANTS = {
    "the machine's clock": ["import time as t\nt.sleep(1)", "from time import time"],
    "the wall clock": ["from datetime import datetime as D\nD.now()", "import datetime\ndatetime.date.today()"],
    "shared randomness": ["from random import random", "from random import Random\nRandom(4)"],
    "unrepeatable bytes": ["from uuid import uuid4", "import secrets", "import tempfile"],
    "threads": ["import asyncio\nasyncio.to_thread(f)", "from concurrent.futures import Future"],
    "sockets": ["async def f(loop):\n    await loop.create_server(None)"],
    "signals": ["import os\nos.kill(1, 9)"],
    "the order of a set": [
        "x = {1, 2}\nfor y in x: pass",
        "class C:\n    def __init__(self):\n        self.all: set[int] = f()\n    def g(self):\n        return list(self.all)",
        "def f() -> frozenset[str]: ...\n[x for x in f()]",
        "', '.join({'a', 'b'})",
        "for x in set(a) | set(b): pass",
        "def f(a: set[int]):\n    return a.pop()",
    ],
    "effects in finally": ["async def f(s):\n    try: pass\n    finally:\n        async with s: pass"],
    "order by hash or address": ["x = hash('a') % 3"],
    "the database's clock and chance": [
        "q = f\"DELETE FROM t WHERE at < strftime('%s', 'now')\"",
        "q = 'SELECT x FROM t ORDER BY random()'",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "source"),
    [(name, source) for name, sources in OTHER_PLANTS.items() for source in sources],
)
def test_other_spellings_are_found_as_well(name: str, source: str) -> None:
    (ban,) = [ban for ban in BANS if ban.name == name]
    assert uses(ban, ast.parse(source))


def test_sql_files_ask_neither_for_time_nor_for_chance() -> None:
    assert sql_files()
    wrong = [
        f"{relative(path)}:{use.line}: {use.what}"
        for path in sql_files()
        for use in sql_text(path.read_text(encoding="utf-8"))
    ]
    assert not wrong
    assert list(sql_text("CREATE TABLE t (at TEXT DEFAULT current_timestamp)"))
    assert not list(sql_text("SELECT 1 -- not now() but later"))


def test_ruff_repeats_the_bans_that_it_can_express() -> None:
    """The editor then says at once what this test would say later."""
    ruff = tomllib.loads(Path(ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    stated = ruff["lint"]["flake8-tidy-imports"]["banned-api"]
    assert {name: entry["msg"] for name, entry in stated.items()} == {
        name: ban.reason for ban in BANS for name in ban.names
    }
    excused = {
        pattern
        for pattern, rules in ruff["lint"]["per-file-ignores"].items()
        if "TID251" in rules and pattern.startswith(("agent/", "tray/", "config/"))
    }
    allowed = {pattern for ban in BANS if ban.names for pattern in ban.allowed}
    assert excused == {pattern.replace("cli/*.py", "cli/**") for pattern in allowed}
